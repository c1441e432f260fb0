"""What the public page of a cohort shows: the last public record, summed up once in each process."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from applications.models import Application
from programs.models import Cycle
from selection.models import DecisionRecord
from selection.queries.records import BIG, public_records
from selection.record.amending import mix_of

KEPT = 16  # summaries kept in each process; a record never changes


@dataclass(frozen=True)
class Chosen:
    """A selected application as its record has it; `reference` stays inside the portal."""

    reference: str
    county: str
    plan: str
    population: str


@dataclass(frozen=True)
class Summary:
    """A record in figures: mixes count the selected and all applications, `outcomes` all by outcome.

    `rules`, `totals` and `acts` are as in the record's public copy; `cost` in it is dollars as text.
    """

    rules: Mapping[str, Any]
    totals: Mapping[str, Any]
    pool: Mapping[str, Mapping[str, int]]
    outcomes: Mapping[str, int]
    pins: tuple[int, int]
    acts: Sequence[Mapping[str, Any]]
    chosen: Sequence[Chosen]


def public_cycles() -> list[Cycle]:
    """Return the cycles whose selected practices are public, the newest first (1 query)."""
    shown = public_records().values("cycle")
    return list(Cycle.objects.filter(pk__in=shown).order_by("-opens_at", "-pk"))


def public_chain(slug: str) -> list[DecisionRecord]:
    """Return the public records of a cycle without their texts, the first one first (1 query)."""
    records = public_records().filter(cycle__slug=slug).select_related("cycle")
    return list(records.defer(*BIG).order_by("sequence"))


def names_of(summary: Summary) -> dict[str, str]:
    """Return the present name of each selected practice by the application's reference (1 query)."""
    references = [one.reference for one in summary.chosen]
    rows = Application.objects.filter(reference__in=references).order_by()
    return dict(rows.values_list("reference", "practice__name"))


@lru_cache(maxsize=KEPT)
def summary_of(public_sha256: str) -> Summary:
    """Return the summary of a record (1 query the first time in a process)."""
    texts = DecisionRecord.objects.filter(public_sha256=public_sha256)
    full, public = map(json.loads, texts.values_list("document", "public").get())
    rows = full["applications"]
    pins = Counter(pin["selected"] for pin in public["rules"]["pins"])
    return Summary(
        rules=public["rules"],
        totals=public["totals"],
        pool=mix_of(rows),
        outcomes=Counter(row["outcome"] for row in rows),
        pins=(pins[True], pins[False]),
        acts=public["acts"],
        chosen=tuple(
            Chosen(row["reference"], row["county"], row["mcp"], row["population"])
            for row in rows
            if row["outcome"] == "selected"
        ),
    )
