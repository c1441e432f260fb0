"""Reads of the queue and of what the selection works on."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, F, QuerySet

from accounts.enums import Role
from accounts.models import Membership
from applications.enums import Status
from applications.models import Application
from programs.models import Cycle
from programs.priority import Facts
from selection.engine import Candidate
from selection.models import Decision, Proposal
from selection.models.proposals import OPEN

COLUMNS = (
    "pk",
    "reference",
    "practice__name",
    "population",
    "practice_types",
    "tribal",
    "members",
    "hpi_quartile",
    "county",
    "designated_mcp__name",
    "mcp_score",
    "recommended",
    "potential_payment",
)


def candidates(cycle: Cycle, among: Collection[str] | None = None) -> list[Candidate]:
    """Return every application of `cycle` to choose from, with its frozen facts (1 query).

    With `among` only those with these references. Each was handed over, and is neither withdrawn nor out
    of the program since: whoever declined a place, let it expire or left does not come back when
    decisions are made anew.
    """
    rows = (
        Application.objects.filter(cycle=cycle, recommended__isnull=False, withdrawn_at=None)
        .exclude(status__in=(Status.DECLINED, Status.LEFT))
        .order_by("pk")
        .values_list(*COLUMNS)
    )
    if among is not None:
        rows = rows.filter(reference__in=among)
    return [_candidate(row) for row in rows.iterator(chunk_size=5000)]


def status_counts(cycle: Cycle) -> dict[str, int]:
    """Return the number of submitted applications of `cycle` in each status."""
    rows = Application.objects.filter(cycle=cycle, submitted_at__isnull=False).order_by()
    return dict(rows.values_list("status").annotate(n=Count("pk")))


def proposals_visible_to(hat: Membership | None) -> QuerySet[Proposal]:
    """Return the runs that `hat` may know of: all for DHCS and auditors, none for anybody else."""
    runs = Proposal.objects.select_related("cycle", "proposed_by")
    if hat is None or not hat.is_active or hat.role not in Role.see_all:
        return runs.none()
    return runs


def open_proposal(cycle: Cycle) -> Proposal | None:
    """Return the run that waits to be released, or None."""
    return Proposal.objects.filter(OPEN, cycle=cycle).select_related("cycle", "proposed_by").first()


def released_proposals(cycle: Cycle) -> QuerySet[Proposal]:
    """Return the released runs, latest first."""
    return (
        Proposal.objects.filter(cycle=cycle, released_at__isnull=False)
        .select_related("proposed_by", "released_by")
        .order_by("-released_at")
    )


def decision_in_force(application: Application) -> Decision | None:
    """Return the released decision on an application, or None before the release."""
    return (
        Decision.objects.filter(application=application, in_force=True)
        .select_related("proposal")
        .first()
    )


def decisions_of(proposal: Proposal) -> QuerySet[Decision]:
    """Return the run's decisions with their applications, highest adjusted score first."""
    return (
        Decision.objects.filter(proposal=proposal)
        .select_related("application__practice", "application__designated_mcp")
        .order_by(F("adjusted_score").desc(), "application_id")
    )


def _candidate(row: tuple[Any, ...]) -> Candidate:
    pk, reference, practice, population, types, tribal, members, hpi, county, mcp = row[:10]
    score, recommended, payment = row[10:]
    facts = Facts(
        population=population,
        practice_types=tuple(types),
        tribal=tribal,
        members=members or 0,
        hpi_quartile=hpi,
        county=county,
        mcp=mcp or "",
    )
    return Candidate(pk, reference, practice, facts, score, recommended, payment)
