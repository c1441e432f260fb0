"""How a list would change with the severity of plans taken out: for information, never used to decide."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from selection.engine.judging import Result, Verdict, judge_pool
from selection.engine.pool import Candidate, Pool


@dataclass(frozen=True)
class Change:
    """One application that would be in or out with its plan's severity taken out."""

    before: Verdict
    after: Verdict
    enters: bool


def levelled(pool: Pool, severity: Mapping[int, float], most: int) -> Pool:
    """Return the pool with each MCP score less its plan's severity, rounded half up, from 0 to `most`.

    `severity` is in points by application id: negative where the plan is strict, so that the score rises.
    An application that is not in it keeps its score.
    """
    return Pool.of([_levelled(row, severity.get(row.pk, 0.0), most) for row in pool.candidates])


def without_severity(result: Result, severity: Mapping[int, float], most: int) -> list[Change]:
    """Return who would enter and who would leave under the same rules, in the rank without severity."""
    after = judge_pool(levelled(result.pool, severity, most), result.rules)
    before = {int(index): place for place, index in enumerate(result.order)}
    moved = result.is_in != after.is_in
    places = [place for place, index in enumerate(after.order) if moved[index]]
    return [
        Change(result.verdicts_at([before[int(after.order[place])]])[0], verdict, _is_in(verdict))
        for place, verdict in zip(places, after.verdicts_at(places), strict=True)
    ]


def _levelled(row: Candidate, severity: float, most: int) -> Candidate:
    score = int(np.floor(row.mcp_score - severity + 0.5))
    return replace(row, mcp_score=min(max(score, 0), most))


def _is_in(verdict: Verdict) -> bool:
    return verdict.outcome == "selected"
