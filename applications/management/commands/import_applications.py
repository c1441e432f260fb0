"""Import applications that reached a plan on paper."""

from pathlib import Path

import pghistory
from django.core.management.base import CommandError

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation
from applications.domain.importing import UNCHANGED, Judged, Outcome, Refused, store
from applications.importing.checking import check_rows
from applications.importing.columns import template
from applications.importing.parsing import read
from core.exceptions import DomainError
from programs.management.base import PlainCommand
from programs.models import Cycle


class Command(PlainCommand):
    """`import_applications FILE.csv --cycle SLUG --plan SLUG --by EMAIL [--partial]`."""

    help = (
        "Store the applications of a CSV file as submitted on paper. Nothing is stored unless every "
        "row passes, or --partial is given. The same file twice changes nothing."
    )

    def add_arguments(self, parser):
        """Declare the file, whose it is, and the two modes."""
        parser.add_argument("file", type=Path, nargs="?", metavar="FILE.csv")
        parser.add_argument("--cycle", required=True, metavar="SLUG")
        parser.add_argument("--plan", metavar="SLUG", help="the plan that received the paper")
        parser.add_argument("--by", metavar="EMAIL", help="the lead of the plan who imports")
        parser.add_argument("--partial", action="store_true", help="store the rows that pass")
        parser.add_argument(
            "--template", action="store_true", help="print the header and one example row, and stop"
        )

    def handle(self, *args, **options):
        """Print the template, or check and store."""
        cycle = self._cycle(options["cycle"])
        plan = self._plan(options["plan"]) if options["plan"] else None
        if options["template"]:
            self.stdout.write(template(cycle, plan), ending="")
            return
        if options["file"] is None:
            raise CommandError("FILE.csv is missing", returncode=2)
        if plan is None or options["by"] is None:
            name = "--by" if plan else "--plan"
            raise CommandError(f"{name} is missing", returncode=2)
        hat = self._lead(options["by"], plan)
        self._import(options, cycle, plan, hat)

    def _import(self, options, cycle: Cycle, plan: Organisation, hat: Membership) -> None:
        try:
            sheet = read(options["file"].read_bytes(), cycle.definition)
            for note in sheet.notes:
                self.stderr.write(note)
            papers = check_rows(sheet.rows, cycle=cycle, plan=plan)
            with pghistory.context(hat=hat.pk, label=hat.label, path="import_applications"):
                outcome = store(papers, cycle=cycle, plan=plan, by=hat, partial=options["partial"])
        except OSError as error:
            self.refuse([f"{options['file']}: {error.strerror}."])
        except Refused as error:
            self.refuse(_lines(error.outcome))
        except DomainError as error:
            self.refuse([str(error)])
        for line in _lines(outcome):
            self.stderr.write(line)
        self.stdout.write(
            f"{len(outcome.references)} imported, {outcome.counts[UNCHANGED]} unchanged, "
            f"{len(outcome.refused)} refused."
        )

    def _cycle(self, slug: str) -> Cycle:
        cycle = Cycle.objects.filter(slug=slug).first()
        if cycle is None:
            raise CommandError(f"There is no cycle {slug}", returncode=2)
        return cycle

    def _plan(self, slug: str) -> Organisation:
        plan = Organisation.objects.filter(slug=slug, kind=OrganisationKind.MCP).first()
        if plan is None:
            raise CommandError(f"There is no plan {slug}", returncode=2)
        return plan

    def _lead(self, email: str, plan: Organisation) -> Membership:
        hat = (
            Membership.objects.filter(
                user__email=email.strip().lower(),
                organisation=plan,
                role=Role.MCP_LEAD,
                is_active=True,
            )
            .select_related("user", "organisation")
            .first()
        )
        if hat is None:
            raise CommandError(f"{email} is no lead of {plan.name}", returncode=2)
        return hat


def _lines(outcome: Outcome) -> list[str]:
    return [
        f"line {row.paper.line}{_named(row)}: {r}" for row in outcome.refused for r in row.reasons
    ]


def _named(row: Judged) -> str:
    return f" ({row.paper.paper_id})" if row.paper.paper_id else ""
