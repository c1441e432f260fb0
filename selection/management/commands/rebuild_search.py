"""`manage.py rebuild_search`: write anew what full-text search finds applications by."""

import sys

from programs.management.base import PlainCommand
from selection.domain import searching


class Command(PlainCommand):
    """Goes through every submitted application; pages stay in use meanwhile."""

    help = "Write anew what full-text search finds applications by."

    def add_arguments(self, parser):
        """Declare the one choice."""
        parser.add_argument(
            "--missing", action="store_true", help="only applications that search does not know yet"
        )

    def handle(self, *args, **options):
        """Rebuild in batches and say how many were written."""
        written = 0
        for written in searching.rebuild(only_missing=options["missing"]):
            if sys.stderr.isatty():
                print(f"\r  {written:,}", end="", file=sys.stderr, flush=True)
        self.stdout.write(f"Search knows {written:,} applications anew.")
