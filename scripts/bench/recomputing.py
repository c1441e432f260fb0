"""Judging a pool by changed rules with everything that the workbench draws: seconds, without a database.

Beside each stands the floor: adding points, sorting, and adding up costs, in plain arrays.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from scripts.bench.verifying import a_result
from selection.engine import Pool, Rules, judge_pool
from selection.engine.measuring import (
    cost_curve,
    met_targets,
    mix_of,
    mix_of_sizes,
    near_line,
    next_point,
    ties_at_cut,
)
from selection.engine.pool import ATTRIBUTES

SIZES = ((719, 0.05), (10_000, 0.25), (100_000, None))  # applications, seconds at most
TURNS = 15


@dataclass(frozen=True)
class Recomputed:
    """One change of the rules of `n` applications: seconds in the middle of several turns."""

    name: str
    n: int
    seconds: float
    floor_seconds: float

    def as_json(self) -> str:
        """Return the line as one JSON object."""
        return json.dumps(asdict(self))

    def verdicts(self, most_seconds: float | None) -> list[tuple[bool, str]]:
        """Return (reached, sentence) for the seconds, where there is a target."""
        if most_seconds is None:
            return []
        sentence = f"{self.name} of {self.n:,}: {self.seconds:g} s, target {most_seconds:g} s"
        return [(self.seconds <= most_seconds, sentence)]


def measured() -> Iterator[tuple[Recomputed, float | None]]:
    """Yield every line with the seconds that it may take."""
    for n, most in SIZES:
        result = a_result(n)
        pool, rules = result.pool, result.rules
        recompute(pool, rules)
        changed = [replace(rules, threshold=rules.threshold - turn % 5) for turn in range(TURNS)]
        taken = _median([partial(recompute, pool, one) for one in changed])
        floor = _median([partial(_plain, pool)] * TURNS)
        yield Recomputed("scenario-arithmetic", n, round(taken, 5), round(floor, 5)), most


def recompute(pool: Pool, rules: Rules) -> Any:
    """Do all arithmetic of one change: result, curve, make-up, the line."""
    result = judge_pool(pool, rules)
    mixes = [mix_of(result, attribute) for attribute in ATTRIBUTES]
    shown = result.verdicts_at(np.flatnonzero(result.is_in[result.order])[:100])
    return (
        result.cost, cost_curve(result), next_point(result), met_targets(result), mixes,
        mix_of_sizes(result), near_line(result, 3), ties_at_cut(result), shown,
    )  # fmt: skip


def _plain(pool: Pool) -> int:
    adjusted = pool.scores + 12 * pool.tribal
    order = np.argsort(-adjusted, kind="stable")
    return int(np.cumsum(pool.cents[order])[-1]) if len(pool) else 0


def _median(acts: Sequence[Callable[[], Any]]) -> float:
    times = []
    for act in acts:
        started = time.perf_counter()
        act()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


if __name__ == "__main__":
    for line, _most in measured():
        print(line.as_json())
