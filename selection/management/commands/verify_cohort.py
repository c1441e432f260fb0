"""`manage.py verify_cohort`: check decision records by the plain verifier, and the database against them."""

import subprocess
import sys

from django.core.management.base import CommandError

from programs.management.base import PlainCommand
from programs.models import Cycle
from selection.record import verifier
from selection.record.comparing import compare


class Command(PlainCommand):
    """Exit status: 0 all holds, 1 names the first difference, 2 for wrong usage."""

    help = "Recompute the decision records of a cycle, or of files without any database."
    requires_system_checks = []

    def add_arguments(self, parser):
        """Declare the cycle or the files."""
        parser.add_argument("cycle", nargs="?", metavar="CYCLE", help="slug of the cycle")
        parser.add_argument(
            "--record",
            nargs="+",
            metavar="FILE",
            help="files of one chain, the first record first; needs no database",
        )

    def handle(self, *args, **options):
        """Check, and say so or name the first difference."""
        if bool(options["cycle"]) == bool(options["record"]):
            raise CommandError("Name a cycle, or files with --record.", returncode=2)
        if options["record"]:
            self._check_files(options["record"])
            return
        cycle = Cycle.objects.filter(slug=options["cycle"]).first()
        if cycle is None:
            raise CommandError(f"There is no cycle {options['cycle']}.", returncode=2)
        try:
            records, applications = compare(cycle)
        except verifier.Difference as difference:
            raise CommandError(f"DIFFERENT: {difference}", returncode=1) from None
        self.stdout.write(f"OK: {records} record(s), {applications} applications; as stored.")

    def _check_files(self, paths: list[str]) -> None:
        """Run the verifier as an outsider does: a process of its own that knows nothing of the portal."""
        command = [sys.executable, "-I", verifier.__file__, *paths]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
        self.stdout.write(answer.stdout, ending="")
        self.stderr.write(answer.stderr, ending="")
        if answer.returncode:
            raise SystemExit(answer.returncode)
