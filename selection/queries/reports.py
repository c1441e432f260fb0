"""Figures of a decided cohort: the last sealed record summed up, and how many take part by now."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Count, Exists, OuterRef, Sum

from applications.enums import Status
from applications.models import Application
from programs.models import Cycle
from selection.enums import OfferStatus
from selection.models import DecisionRecord, Offer
from selection.record.amending import mix_of

KEPT = 8  # summaries kept in each process; a record never changes
OUTCOMES = ("selected", "waitlisted", "not_selected", "left")
NONE = Decimal(0)


@dataclass
class Group:
    """The applications of one plan or county: how many by outcome; members and dollars of the selected."""

    name: str
    applications: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))
    members: int = 0
    cost: Decimal = NONE


@dataclass(frozen=True)
class Figures:
    """A record in figures: mixes count the selected and everybody, groups are in alphabetical order.

    `totals` are as the record says them.
    """

    totals: Mapping[str, Any]
    selected: Mapping[str, Mapping[str, int]]
    pool: Mapping[str, Mapping[str, int]]
    plans: tuple[Group, ...]
    counties: tuple[Group, ...]
    everybody: Group


@dataclass(frozen=True)
class Standing:
    """How many practices are at one point after the release, and what they can earn (dollars)."""

    code: str
    practices: int
    dollars: Decimal


def report_record(cycle: Cycle) -> DecisionRecord | None:
    """Return the last record of a cycle with its proposal, without its texts; None before a release."""
    records = DecisionRecord.objects.filter(cycle=cycle).select_related("proposal")
    return records.defer("document", "public").order_by("sequence").last()


@lru_cache(maxsize=KEPT)
def figures_of(sha256: str) -> Figures:
    """Return the figures of a record by its hash (1 query the first time in a process)."""
    text = DecisionRecord.objects.values_list("document", flat=True).get(sha256=sha256)
    document = json.loads(text)
    rows = document["applications"]
    return Figures(
        totals=document["totals"],
        selected=document["totals"]["mix"],
        pool=mix_of(rows),
        plans=_groups(rows, "mcp"),
        counties=_groups(rows, "county"),
        everybody=_sum("", rows),
    )


def standings(cycle: Cycle) -> list[Standing]:
    """Return where the decided practices of a cycle are now (1 query). The codes are those of `CODES`."""
    offers = Offer.objects.filter(application=OuterRef("pk"))
    rows = (
        Application.objects.filter(cycle=cycle, status__in=Status.decided)
        .annotate(
            is_open=Exists(offers.filter(status=OfferStatus.OPEN)),
            is_late=Exists(offers.filter(status=OfferStatus.EXPIRED)),
        )
        .order_by()
        .values_list("status", "is_open", "is_late")
        .annotate(n=Count("pk"), dollars=Sum("potential_payment"))
    )
    found = dict.fromkeys(CODES, (0, NONE))
    for status, is_open, is_late, count, dollars in rows:
        code = _code(status, is_open, is_late)
        before = found[code]
        found[code] = before[0] + count, before[1] + (dollars or NONE)
    return [Standing(code, *values) for code, values in found.items()]


CODES = (
    "asked",
    "to_be_asked",
    Status.PARTICIPATING.value,
    Status.DECLINED.value,
    "expired",
    Status.LEFT.value,
    Status.WAITLISTED.value,
    Status.NOT_SELECTED.value,
)


def _code(status: str, is_open: bool, is_late: bool) -> str:
    if status == Status.SELECTED:
        return "asked" if is_open else "to_be_asked"
    return "expired" if status == Status.DECLINED and is_late else status


def _groups(rows: Iterable[Mapping[str, Any]], key: str) -> tuple[Group, ...]:
    parts: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        parts.setdefault(row[key], []).append(row)
    return tuple(_sum(name, parts[name]) for name in sorted(parts, key=str.casefold))


def _sum(name: str, rows: Iterable[Mapping[str, Any]]) -> Group:
    found = Group(name)
    for row in rows:
        found.applications += 1
        found.outcomes[row["outcome"]] += 1
        if row["outcome"] == "selected":
            found.members += row["members"]
            found.cost += Decimal(row["potential_payment"] or 0)
    return found
