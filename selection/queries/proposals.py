"""Reads of proposals: their lists, the people behind them, and their decisions by rank."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from accounts.models import Membership
from programs.models import Cycle
from selection.models import Decision, Proposal
from selection.queries import proposals_visible_to

PEOPLE = ("proposed_by", "approved_by", "rejected_by", "withdrawn_by", "released_by", "scenario")


@dataclass(frozen=True)
class DecisionPage:
    """Decisions in rank order, and the ranks from which the pages before and after are asked for."""

    rows: list[Decision]
    before: int | None
    after: int | None


def proposals_of(hat: Membership, cycle: Cycle) -> QuerySet[Proposal]:
    """Return the proposals of a cycle that `hat` may see, the last one first, with their people."""
    return with_people(proposals_visible_to(hat).filter(cycle=cycle)).order_by("-pk")


def with_people(proposals: QuerySet[Proposal]) -> QuerySet[Proposal]:
    """Read who proposed, approved, rejected, withdrew and released with each."""
    return proposals.select_related("cycle", *PEOPLE)


def decisions_matching(
    proposal: Proposal, *, words: str = "", outcome: str = "", hidden: Collection[int] = ()
) -> QuerySet[Decision]:
    """Return the proposal's decisions with their applications, best rank first.

    `words` are a part of the practice's name or of the reference; nothing of the `hidden` applications
    (ids) is found by them.
    """
    rows = Decision.objects.filter(proposal=proposal).order_by("rank")
    rows = rows.select_related("application__practice", "application__designated_mcp")
    if outcome:
        rows = rows.filter(outcome=outcome)
    if words:
        named = Q(application__practice__name__icontains=words)
        rows = rows.filter(named | Q(application__reference__icontains=words))
        rows = rows.exclude(application__in=hidden)
    return rows


def page_by_rank(
    rows: QuerySet[Decision], *, size: int, after: int = 0, before: int = 0
) -> DecisionPage:
    """Return the `size` decisions after a rank, or those before one (1 query)."""
    if before:
        found = list(rows.filter(rank__lt=before).order_by("-rank")[: size + 1])
        more, here = len(found) > size, found[:size][::-1]
        return DecisionPage(here, _rank(here, 0) if more else None, _rank(here, -1))
    found = list(rows.filter(rank__gt=after)[: size + 1])
    more, here = len(found) > size, found[:size]
    return DecisionPage(here, _rank(here, 0) if after else None, _rank(here, -1) if more else None)


def _rank(rows: list[Decision], place: int) -> int | None:
    return rows[place].rank if rows else None
