"""How many applications each choice of the queue's filters would show."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import F, QuerySet, Value

from accounts.models import Membership
from applications.queries import hard_conflicts
from programs.models import Cycle
from selection.filters import FACETS, Asked
from selection.models import Claim, Flag
from selection.queries.counting import CODED, NO_SCORE, Table, by_code, counted
from selection.queries.searching import ids_of_all


@dataclass(frozen=True)
class Counts:
    """How many match in all, and by facet and value how many there are under all other filters."""

    total: int
    by_facet: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class _Marks:
    """What is not a column: ids closed to the person and found by the words, flags, claims."""

    hidden: set[int]
    found: list[int] | None
    flags: dict[str, list[int]]
    claims: dict[str, list[int]]


def counts_for(asked: Asked, hat: Membership, cycle: Cycle) -> Counts:
    """Return the counts as `hat` may see them; a facet's own choices do not narrow its counts.

    2 queries, with words 3, and 1 more after something changed.
    """
    marks = _marks(asked, hat, cycle)
    return counted(cycle, lambda table: _count(table, asked, marks))


def _marks(asked: Asked, hat: Membership, cycle: Cycle) -> _Marks:
    hidden: set[int] = set()
    flags: dict[str, list[int]] = {}
    claims: dict[str, list[int]] = {"me": [], "anybody": []}
    for kind, label, person, pk in _marked_rows(hat, cycle):
        if kind == "hidden":
            hidden.add(pk)
        elif kind == "flag":
            flags.setdefault(label, []).append(pk)
        else:
            claims["anybody"].append(pk)
            if person == hat.user_id:
                claims["me"].append(pk)
    found = ids_of_all(asked.words) if asked.words else None
    return _Marks(hidden, found, flags, claims)


def _marked_rows(hat: Membership, cycle: Cycle) -> QuerySet[Any, tuple[str, str, int, int]]:
    """Return (kind, label, person, application) of each flag, each claim, each hard conflict (1 query)."""
    here, none = {"application__cycle": cycle}, Value(0)
    flags = Flag.objects.filter(cleared_at=None, **here).annotate(
        kind=Value("flag"), words=F("label"), who=none
    )
    claims = Claim.objects.filter(ended_at=None, **here).annotate(
        kind=Value("claim"), words=Value(""), who=F("person")
    )
    hidden = (
        hard_conflicts()
        .filter(person=hat.user_id, **here)
        .annotate(kind=Value("hidden"), words=Value(""), who=none)
    )
    parts = [
        rows.order_by().values_list("kind", "words", "who", "application")
        for rows in (flags, claims, hidden)
    ]
    return parts[0].union(*parts[1:], all=True)


def _count(table: Table, asked: Asked, marks: _Marks) -> Counts:
    base = _base(table, asked, marks)
    marked = {label: table.mask_of(pks) for label, pks in marks.flags.items()}
    claimed = {name: table.mask_of(pks) for name, pks in marks.claims.items()}
    claimed["nobody"] = ~claimed["anybody"]
    masks = {
        facet: _mask(table, facet, asked.values(facet), marked, claimed)
        for facet in FACETS
        if asked.values(facet)
    }
    everything = _all_of(base, masks.values())
    by_facet: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        others = [mask for name, mask in masks.items() if name != facet]
        here = _all_of(base, others) if facet in masks else everything
        by_facet[facet] = _by_value(table, facet, here, marked, claimed)
    return Counts(int(np.count_nonzero(everything)), by_facet)


def _base(table: Table, asked: Asked, marks: _Marks) -> np.ndarray:
    """Return what the words, the limits and the person's conflicts leave."""
    base = ~table.mask_of(marks.hidden)
    if marks.found is not None:
        base &= table.mask_of(marks.found)
    for name, value in asked.limits.items():
        scores = table.column(name.partition("_")[0])
        known = scores != NO_SCORE
        base &= known & (scores >= value if name.endswith("_min") else scores <= value)
    return base


def _all_of(base: np.ndarray, masks: Iterable[np.ndarray]) -> np.ndarray:
    found = base.copy()
    for mask in masks:
        found &= mask
    return found


def _mask(
    table: Table,
    facet: str,
    values: tuple[str, ...],
    marked: Mapping[str, np.ndarray],
    claimed: Mapping[str, np.ndarray],
) -> np.ndarray:
    if facet in CODED:
        codes = [table.names[facet][value] for value in values if value in table.names[facet]]
        return np.isin(table.column(facet), codes)
    if facet == "practice_type":
        bits = sum(1 << table.types[value] for value in values if value in table.types)
        return (table.column("types") & bits) != 0
    known = claimed if facet == "claimed" else marked
    found = np.zeros(table.size, bool)
    for value in values:
        if value in known:
            found |= known[value]
    return found


def _by_value(
    table: Table,
    facet: str,
    mask: np.ndarray,
    marked: Mapping[str, np.ndarray],
    claimed: Mapping[str, np.ndarray],
) -> dict[str, int]:
    if facet in CODED:
        return by_code(table.column(facet), mask, table.names[facet])
    if facet == "practice_type":
        patterns = Counter(dict(zip(*_distinct(table.column("types")[mask]), strict=True)))
        return {
            name: sum(n for bits, n in patterns.items() if bits >> place & 1)
            for name, place in table.types.items()
        }
    known = claimed if facet == "claimed" else marked
    return {name: int(np.count_nonzero(mask & one)) for name, one in known.items()}


def _distinct(values: np.ndarray) -> tuple[list[int], list[int]]:
    found, counts = np.unique(values, return_counts=True)
    return found.tolist(), counts.tolist()


def flag_labels(cycle: Cycle) -> list[str]:
    """Return the flags in use in the cycle, by name (1 query)."""
    live = Flag.objects.filter(application__cycle=cycle, cleared_at=None)
    return list(live.order_by("label").values_list("label", flat=True).distinct())
