"""Load managed care plans and the counties they serve."""

from pathlib import Path

from programs.domain.reference import PLANS_FILE, ReferenceFileError, load_plans
from programs.management.base import PlainCommand


class Command(PlainCommand):
    """`load_plans [FILE]` with the columns county,model,prime_plans,kaiser_direct."""

    help = "Store plans and their counties; without FILE the list that comes with the portal."

    def add_arguments(self, parser):
        """Declare the file."""
        parser.add_argument("file", type=Path, nargs="?", default=PLANS_FILE, metavar="FILE")

    def handle(self, *args, **options):
        """Store every plan, or none when a line is wrong."""
        try:
            done = load_plans(options["file"])
        except ReferenceFileError as error:
            self.refuse(error.errors)
        self.stdout.write(f"{done.added} plans added, {done.updated} updated.")
