"""`manage.py seed_cohort`: a synthetic cohort that reproduces the published result of cohort 1."""

import argparse
import sys

from django.core.management.base import CommandError

from applications.enums import Status
from core.exceptions import DomainError
from programs.management.base import PlainCommand
from selection.enums import Outcome
from selection.seeding import storing
from selection.seeding.copying import tidy
from selection.seeding.flavours import THROUGH, Flavour
from selection.seeding.run import Summary, seed_cohort

MOST = 100_000
BAR = 30
LINE_EVERY = 2_500


def how_many(text: str) -> int:
    """Read a number of applications from 1 to 100,000; raises ArgumentTypeError."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MOST:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number from 1 to {MOST:,}")
    return int(text)


class Command(PlainCommand):
    """Makes practices, applications, scores, plan staff and the demo's people; all of it synthetic."""

    help = "Make a synthetic cohort for the demo; at 719 it has the published result of cohort 1."

    def add_arguments(self, parser):
        """Declare cycle, size, seed and how far the applications have come."""
        parser.add_argument(
            "--cycle", required=True, metavar="SLUG", help="made when there is none"
        )
        parser.add_argument("--applications", required=True, type=how_many, metavar="N")
        parser.add_argument("--seed", required=True, type=int, metavar="S")
        flavour = parser.add_mutually_exclusive_group()
        flavour.add_argument(
            "--through",
            choices=THROUGH,
            default="scored",
            help="the last step taken; scored means handed over to DHCS (default)",
        )
        flavour.add_argument(
            "--showcase", action="store_true", help="an open cycle with applications in every state"
        )

    def handle(self, *args, **options):
        """Make the cohort, or nothing at all."""
        flavour = Flavour(options["through"], options["showcase"])
        try:
            summary = seed_cohort(
                options["cycle"],
                applications=options["applications"],
                seed=options["seed"],
                flavour=flavour,
                progress=self._bar,
            )
        except DomainError as error:
            raise CommandError(str(error)) from None
        tidy(storing.TABLES)
        self._report(summary)

    def _bar(self, done: int, total: int) -> None:
        if sys.stderr.isatty():
            filled = BAR * done // total
            end = "\n" if done == total else ""
            bar = "█" * filled + "░" * (BAR - filled)
            print(f"\r  {bar} {done:,} of {total:,}", end=end, file=sys.stderr, flush=True)
        elif done % LINE_EVERY == 0 and done < total:
            self.stderr.write(f"Applications {done:,} of {total:,}")

    def _report(self, summary: Summary) -> None:
        if not sys.stderr.isatty():
            for name, rows in summary.rows.items():
                self.stderr.write(f"{name} {rows:,}")
        states = ", ".join(
            f"{summary.statuses[status]:,} {status.label.lower()}"
            for status in Status
            if summary.statuses[status]
        )
        line = f"{summary.cycle.title} ({summary.cycle.slug}): {states}."
        if summary.run:
            selected = Outcome.SELECTED.label.lower()
            line += f" {summary.run.selected:,} {selected} for ${summary.run.cost:,.0f}."
        self.stdout.write(line)
