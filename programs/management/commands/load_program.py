"""Publish a program definition, and create or update a cycle of it."""

from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from core.exceptions import DomainError
from programs.domain.programs import store_cycle, store_version
from programs.management.base import PlainCommand, dollars, pacific_time
from programs.schema import ProgramFileError, read_program

CYCLE_OPTIONS = ("opens", "closes", "scoring_due", "budget")


class Command(PlainCommand):
    """`load_program FILE [--cycle SLUG --opens … --closes … --scoring-due … --budget …]`."""

    help = "Check a program definition (YAML) and store it as an immutable version."

    def add_arguments(self, parser):
        """Declare the file and the options of a cycle."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--cycle", metavar="SLUG", help="create or update this cycle")
        parser.add_argument("--title", default="", help="title of the cycle")
        parser.add_argument("--opens", type=pacific_time, help="Pacific, as 2023-09-01T09:00")
        parser.add_argument("--closes", type=pacific_time, help="Pacific")
        parser.add_argument("--scoring-due", type=pacific_time, help="Pacific")
        parser.add_argument("--decision-expected", type=pacific_time, help="Pacific, optional")
        parser.add_argument("--budget", type=dollars, help="dollars")

    def handle(self, *args, **options):
        """Store version and cycle together, or neither."""
        self._check_usage(options)
        try:
            text = read_program(options["file"])
            with transaction.atomic():
                version = store_version(text)
                cycle = self._store_cycle(version, options) if options["cycle"] else None
        except OSError as error:
            self.refuse([f"{options['file']}: {error.strerror}."])
        except UnicodeDecodeError:
            self.refuse([f"{options['file']}: The file is not text in UTF-8."])
        except ProgramFileError as error:
            self.refuse(error.errors)
        except DomainError as error:
            self.refuse([str(error)])
        self.stdout.write(f"{version} ({version.sha256[:12]})")
        if cycle:
            self.stdout.write(f"Cycle {cycle.slug}: {cycle.title}")

    def _check_usage(self, options) -> None:
        given = [name for name in CYCLE_OPTIONS if options[name] is not None]
        missing = [name for name in CYCLE_OPTIONS if options[name] is None]
        if options["cycle"] and missing:
            names = ", ".join(f"--{name.replace('_', '-')}" for name in missing)
            raise CommandError(f"--cycle also needs {names}", returncode=2)
        if given and not options["cycle"]:
            raise CommandError(f"--{given[0].replace('_', '-')} needs --cycle", returncode=2)

    def _store_cycle(self, version, options):
        return store_cycle(
            options["cycle"],
            version=version,
            title=options["title"],
            opens_at=options["opens"],
            closes_at=options["closes"],
            scoring_due_at=options["scoring_due"],
            decision_expected_at=options["decision_expected"],
            budget=options["budget"],
        )
