"""Solving for threshold and points, and the best cohort: seconds, without a database.

Beside each stands the floor: judging the pool once by the same rules.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from scripts.bench.verifying import a_result
from selection.engine import Pool, Rules, Share, judge_pool
from selection.engine.optimal import best_cohort
from selection.engine.solving import lowest_threshold, smallest_points

SIZES = (719, 10_000)
IN_A_REQUEST, IN_A_WORKER = 2.0, 120.0  # seconds
TWO = (
    Share("population", "children_youth", Decimal("0.4")),
    Share("population", "pregnant", Decimal("0.35")),
)
THREE = (*TWO, Share("tribal", "yes", Decimal("0.9")))  # not possible: every combination is tried


@dataclass(frozen=True)
class Solved:
    """One question of `n` applications; `tried` counts combinations of points, 0 where there are none."""

    name: str
    n: int
    seconds: float
    floor_seconds: float
    tried: int

    def as_json(self) -> str:
        """Return the line as one JSON object."""
        return json.dumps(asdict(self))

    def verdicts(self, most_seconds: float) -> list[tuple[bool, str]]:
        """Return (reached, sentence) for the seconds."""
        sentence = f"{self.name} of {self.n:,}: {self.seconds:g} s, target {most_seconds:g} s"
        return [(self.seconds <= most_seconds, sentence)]


def measured() -> Iterator[tuple[Solved, float]]:
    """Yield every line with the seconds that it may take."""
    for n in SIZES:
        result = a_result(n)
        pool, rules = result.pool, result.rules
        floor = _timed(lambda pool=pool, rules=rules: judge_pool(pool, rules))[0]
        for name, most, question in _questions(pool, rules, n):
            seconds, answer = _timed(question)
            tried = getattr(answer, "tried", 0)
            yield Solved(name, n, round(seconds, 4), round(floor, 4), tried), most


def _questions(pool: Pool, rules: Rules, n: int) -> Iterator[tuple[str, float, Callable[[], Any]]]:
    yield "solve-threshold", IN_A_REQUEST, partial(lowest_threshold, pool, rules)
    for name, targets, fit in (
        ("solve-points", TWO, False),
        ("solve-both", TWO, True),
        ("solve-impossible", THREE, True),
    ):
        yield name, IN_A_REQUEST, partial(smallest_points, pool, rules, targets, fit=fit)
    yield "best-cohort", IN_A_WORKER, partial(best_cohort, pool, rules)


def _timed(question: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    answer = question()
    return time.perf_counter() - started, answer


if __name__ == "__main__":
    for line, _most in measured():
        print(line.as_json())
