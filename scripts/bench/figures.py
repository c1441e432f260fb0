"""Arithmetic of the bench: percentiles, the printed line, the targets. No server, no clock."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass

QUEUE_QUERIES = 8
PAGE_QUERIES = 12
QUEUE_TO_FLOOR = 10.0
QUEUE_GROWTH = 1.3
SAVE_TO_FLOOR = 6.0
AUTOSAVE_QUERIES = 6
FACETS = ("queue-facets", "queue-facets-filtered")
FACETS_MS = 150.0
QUEUES = (
    *("queue", "queue-filtered", "queue-searched", "queue-by-members", "queue-page-2"),
    *FACETS,
)
AUTOSAVE = "section-autosave"
SAVES = ("score-autosave", "score-save", AUTOSAVE)
SHEET_TO_FLOOR = 8.0
SHEET = "score-sheet"
OF_PLAN = (
    *("plan-list", "plan-overview", "plan-assign"),
    *("plan-disagreements", "plan-recommend", "plan-team"),
    *(SHEET, "score-autosave", "score-submit"),
)
RECOMPUTE = "scenario-recompute"
RECOMPUTE_MS = ((1000, 200.0), (10_000, 1000.0))  # at up to so many applications, so long at most
PAGES = (*QUEUES, "application", "workbench", RECOMPUTE, *OF_PLAN)


@dataclass(frozen=True)
class Line:
    """One measured request at `n` applications; times in milliseconds, `bytes` of the answer's body.

    `ratio` is p50 over the p50 of the floor.
    """

    name: str
    n: int
    p50_ms: float
    p95_ms: float
    queries: int
    bytes: int
    floor_ms: float
    ratio: float

    def as_json(self) -> str:
        """Return the line as one JSON object."""
        return json.dumps(asdict(self))


@dataclass(frozen=True)
class Rush:
    """The deadline rush of `n` practices; times in milliseconds.

    `p50_ms`, `p95_ms` and `rps` (answers a second) are of the autosaves, the two of `submit` of the
    signatures. `doubled` practices submitted twice at once. The last three must be 0.
    """

    name: str
    n: int
    p50_ms: float
    p95_ms: float
    rps: float
    saves: int
    submit_p50_ms: float
    submit_p95_ms: float
    doubled: int
    answers: int
    errors: int
    lost_answers: int
    duplicate_submissions: int

    def as_json(self) -> str:
        """Return the rush as one JSON object."""
        return json.dumps(asdict(self))

    def verdicts(self) -> list[tuple[bool, str]]:
        """Return (reached, sentence) for each of the three that must be 0."""
        found = {
            "errors": self.errors,
            "lost answers": self.lost_answers,
            "duplicate submissions": self.duplicate_submissions,
        }
        return [
            (not number, f"{self.name} of {self.n:,}: {number:,} {what}, target 0")
            for what, number in found.items()
        ]


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the smallest value that at least `percent` % of `values` do not exceed.

    Raises ValueError without values.
    """
    if not values:
        raise ValueError("a percentile needs at least one value")
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def line_of(
    name: str, n: int, times: Sequence[float], floors: Sequence[float], *, queries: int, size: int
) -> Line:
    """Return the line for measured `times` and `floors`, both in seconds."""
    p50, floor = statistics.median(times) * 1000, statistics.median(floors) * 1000
    return Line(
        name=name,
        n=n,
        p50_ms=round(p50, 2),
        p95_ms=round(percentile(times, 95) * 1000, 2),
        queries=queries,
        bytes=size,
        floor_ms=round(floor, 2),
        ratio=round(p50 / floor, 2),
    )


def verdicts(lines: Sequence[Line]) -> list[tuple[bool, str]]:
    """Return (reached, sentence) for every target that `lines` can speak to.

    Growth and the queue's distance to its floor are judged against the smallest size measured.
    """
    smallest = min((line.n for line in lines), default=0)
    small = {line.name: line for line in lines if line.n == smallest}
    found = []
    for line in lines:
        what = f"{line.name} at {line.n:,}"
        if line.name in PAGES:
            most = QUEUE_QUERIES if line.name in QUEUES else PAGE_QUERIES
            found.append((line.queries <= most, f"{what}: {line.queries} queries, target {most}"))
        if line.name == AUTOSAVE:
            reached = line.queries <= AUTOSAVE_QUERIES
            found.append((reached, f"{what}: {line.queries} queries, target {AUTOSAVE_QUERIES}"))
        if line.name in QUEUES:
            found += _of_queue(line, small.get(line.name))
        if line.name == RECOMPUTE and (most_ms := _recompute_ms(line.n)) is not None:
            took = f"{what}: {line.p50_ms:g} ms, target {most_ms:g} ms"
            found.append((line.p50_ms <= most_ms, took))
        if line.name == SHEET:
            found.append(_times_floor(line, SHEET_TO_FLOOR))
        if line.name in OF_PLAN and line.n > smallest:
            queries = small[line.name].queries
            same = f"{line.queries} queries, target {queries} as at {smallest:,}"
            found.append((line.queries == queries, f"{what}: {same}"))
        if line.name in SAVES:
            found.append(_times_floor(line, SAVE_TO_FLOOR))
    return found


def _of_queue(line: Line, small: Line | None) -> list[tuple[bool, str]]:
    """Return the verdicts of a page of the queue; `small` is the same page at the smallest size."""
    what = f"{line.name} at {line.n:,}"
    if line.name in FACETS:
        took = f"{what}: {line.p50_ms:g} ms, target {FACETS_MS:g} ms"
        return [(line.p50_ms <= FACETS_MS, took)]
    if small is None or line.n == small.n:
        return [_times_floor(line, QUEUE_TO_FLOOR)]
    growth = line.p50_ms / small.p50_ms
    target = f"{growth:.2f} × its time at {small.n:,}, target {QUEUE_GROWTH:g}"
    return [(growth <= QUEUE_GROWTH, f"{what}: {target}")]


def _recompute_ms(n: int) -> float | None:
    return next((most for upto, most in RECOMPUTE_MS if n <= upto), None)


def _times_floor(line: Line, most: float) -> tuple[bool, str]:
    sentence = f"{line.name} at {line.n:,}: {line.ratio:g} × its floor, target {most:g}"
    return line.ratio <= most, sentence
