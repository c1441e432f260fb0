"""The queue's columns as numbers, kept in this process: every facet is counted without the database.

What is kept is brought up to date before it is used: one query says whether any application's history has
grown, and if so only what changed is read again. A change whose transaction was open for long may be
counted up to `FRESH_SECONDS` late; the list itself is always read from the database.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from django.db.models import Max

from applications.models import Application
from programs.models import Cycle

FRESH_SECONDS = 300
LOOK_BACK = 1000  # history rows that may have been stored later than their number says
SPARE = 1.25
KEPT_CYCLES = 4
Answer = TypeVar("Answer")
History: Any = Application.pgh_event_model  # type: ignore[attr-defined]
COLUMNS = (
    "pk",
    "status",
    "designated_mcp_id",
    "county",
    "population",
    "tribal",
    "hpi_quartile",
    "practice_types",
    "mcp_score",
    "adjusted_score",
)
CODED = ("status", "plan", "county", "population", "tribal", "hpi")
NO_SCORE = -1


@dataclass
class Table:
    """One cycle's submitted applications, one place each: codes by facet, scores, types as bits.

    `names` holds the value of each code by facet. `types` are the practice types of the bits.
    """

    size: int = 0
    read_at: float = 0.0
    stamp: int = 0
    places: dict[int, int] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=lambda: {name: {} for name in CODED})
    types: dict[str, int] = field(default_factory=dict)
    columns: dict[str, np.ndarray] = field(default_factory=dict)

    def column(self, name: str) -> np.ndarray:
        """Return the part of a column that is filled."""
        return self.columns[name][: self.size]

    def write(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Put rows in, or in the place of what was known of the same applications."""
        rows = list(rows)
        new = [row for row in rows if row[0] not in self.places]
        self._make_room(len(new))
        for row in new:
            self.places[row[0]] = self.size
            self.size += 1
        at = np.fromiter((self.places[row[0]] for row in rows), np.int64, len(rows))
        self._fill(at, rows)

    def mask_of(self, pks: Iterable[int]) -> np.ndarray:
        """Return True at the places of these applications."""
        wanted = np.fromiter(pks, np.int64)
        return np.isin(self.column("pk"), wanted)

    def _fill(self, at: np.ndarray, rows: list[tuple[Any, ...]]) -> None:
        def put(name: str, values: Iterable[int], kind: Any) -> None:
            self.columns[name][at] = np.fromiter(values, kind, len(rows))

        put("pk", (row[0] for row in rows), np.int64)
        for place, name in enumerate(CODED, start=1):
            codes = self.names[name]
            texts = (_text(row[place]) for row in rows)
            put(name, (codes.setdefault(text, len(codes)) for text in texts), np.int32)
        put("types", (self._bits(row[7]) for row in rows), np.int64)
        for place, name in ((8, "mcp"), (9, "adjusted")):
            put(name, (NO_SCORE if row[place] is None else row[place] for row in rows), np.int32)

    def _bits(self, values: Iterable[str]) -> int:
        bits = 0
        for value in values:
            bits |= 1 << self.types.setdefault(value, len(self.types))
        return bits

    def _make_room(self, more: int) -> None:
        needed = self.size + more
        kinds = dict.fromkeys(("pk", "types"), np.int64) | dict.fromkeys(
            (*CODED, "mcp", "adjusted"), np.int32
        )
        if self.columns and needed <= len(self.columns["pk"]):
            return
        room = max(int(needed * SPARE), 64)
        for name, kind in kinds.items():
            fresh = np.zeros(room, kind)
            if name in self.columns:
                fresh[: self.size] = self.columns[name][: self.size]
            self.columns[name] = fresh


_kept: dict[int, Table] = {}
_lock = Lock()


def counted(cycle: Cycle, ask: Callable[[Table], Answer]) -> Answer:
    """Return what `ask` reads from the cycle's table as of now (1 query when nothing changed, else 3)."""
    stamp = _newest_change()
    with _lock:
        table = _kept.pop(cycle.pk, None)
        if table is None or stamp < table.stamp or _is_old(table):
            table = Table(stamp=stamp, read_at=time.monotonic())
            table.write(_rows(cycle))
        elif stamp > table.stamp:
            table.write(_changed(cycle, table.stamp - LOOK_BACK))
            table.stamp = stamp
        _kept[cycle.pk] = table
        while len(_kept) > KEPT_CYCLES:
            del _kept[next(iter(_kept))]
        return ask(table)


def _is_old(table: Table) -> bool:
    return time.monotonic() - table.read_at > FRESH_SECONDS


def _newest_change() -> int:
    return History.objects.aggregate(newest=Max("pgh_id"))["newest"] or 0


def _rows(cycle: Cycle) -> Iterable[tuple[Any, ...]]:
    rows = Application.objects.filter(cycle=cycle, submitted_at__isnull=False)
    return rows.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=10_000)


def _changed(cycle: Cycle, since: int) -> Iterable[tuple[Any, ...]]:
    changed = History.objects.filter(pgh_id__gt=since).values("pgh_obj_id")
    rows = Application.objects.filter(cycle=cycle, submitted_at__isnull=False, pk__in=changed)
    return rows.values_list(*COLUMNS)


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def by_code(codes: np.ndarray, mask: np.ndarray, names: Mapping[str, int]) -> dict[str, int]:
    """Return how many of the places in `mask` have each value."""
    counts = np.bincount(codes[mask], minlength=len(names))
    return {name: int(counts[code]) for name, code in names.items() if counts[code]}
