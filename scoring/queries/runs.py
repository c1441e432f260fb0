"""Reads of one prepared assignment: its load table and its pairs, page by page."""

from dataclasses import dataclass
from typing import Any

from accounts.models import Membership
from scoring.models import AssignmentRun
from scoring.queries.assigning import named_applications
from scoring.queries.work import hats_in

PAIRS = 50


@dataclass(frozen=True)
class Load:
    """Open reviews of one person before and after the run."""

    hat: Membership
    before: int
    after: int


@dataclass(frozen=True)
class Pair:
    """One review to be given; `application` is None when it is closed to who looks."""

    application: Any
    hat: Membership | None
    reason: str = ""


def loads_of(run: AssignmentRun) -> list[Load]:
    """Return the load table by name (1 query)."""
    return [Load(hat, *run.loads[str(pk)]) for pk, hat in hats_in(run).items()]


def spread_of(loads: list[Load]) -> tuple[int, int]:
    """Return the smallest and the largest load after the run, 0 and 0 without people."""
    after = [one.after for one in loads]
    return min(after, default=0), max(after, default=0)


def pairs_of(run: AssignmentRun, first: int, by: Membership, people: dict[int, Membership]):
    """Return the pairs from number `first` on, 50 at most (1 query)."""
    rows = run.pairs[first : first + PAIRS]
    seen = named_applications(by, [pk for pk, _hat in rows])
    return [Pair(seen.get(pk), people.get(hat)) for pk, hat in rows]


def left_out_of(run: AssignmentRun, by: Membership, people: dict[int, Membership]) -> list[Pair]:
    """Return the first 50 pairs that were not given when the run was applied, with the reason."""
    rows = run.left_out[:PAIRS]
    seen = named_applications(by, [pk for pk, _hat, _reason in rows])
    return [Pair(seen.get(pk), people.get(hat), reason) for pk, hat, reason in rows]
