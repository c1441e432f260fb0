"""The best cohort under a budget and shares, whatever its scores' line: for comparison only.

A mixed-integer program: choose who is in (0 or 1) so that the sum of adjusted scores is highest, the
payments stay within the budget, and each wished share of the chosen is kept; a share is linear, as
"at least 40 % have v" says Σ(has v − 0.4) ≥ 0 over the chosen. Solved by HiGHS's branch and bound. It is
not how DHCS decides: a practice with a high score can be left out for two cheaper ones, which no threshold
would do. It shows what the threshold rule costs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import highspy
import numpy as np

from selection.engine.judging import dollars_of, points_of
from selection.engine.pool import Pool
from selection.engine.rules import Rules, Share

SECONDS = 120.0
WHOLE = 10_000  # shares are taken to four decimals, as whole numbers


@dataclass(frozen=True)
class Progress:
    """How far the search is: seconds, the gap between the best found and the best possible (0 to 1)."""

    seconds: float
    gap: float | None


@dataclass(frozen=True)
class Optimum:
    """Who is in, the sum of their adjusted scores, dollars, and the proven gap (0: nothing is better)."""

    chosen: np.ndarray
    score: int
    cost: Decimal
    gap: float
    cancelled: bool


@dataclass(frozen=True)
class Impossible:
    """No choice keeps every condition; `culprit` is one that makes the difference, if one alone does.

    `nearest` is the share (0 to 1) that can be had for it with all the others kept.
    """

    culprit: Share | None
    nearest: float | None


def best_cohort(
    pool: Pool,
    rules: Rules,
    *,
    seconds: float = SECONDS,
    tell: Callable[[Progress], bool] = lambda _progress: True,
) -> Optimum | Impossible | None:
    """Return the best choice, why there is none, or None when nothing was found in `seconds`.

    `tell` hears how far the search is and ends it by returning False.
    """
    if not len(pool):
        return Impossible(None, None)
    stopped = False

    def hear(event) -> None:
        nonlocal stopped
        data = event.data_out
        gap = data.mip_gap if np.isfinite(data.mip_gap) else None
        if not tell(Progress(data.running_time, gap)):
            stopped = True
            event.interrupt()

    solver = _solver(pool, rules, rules.targets, seconds)
    solver.cbMipInterrupt += hear
    solver.run()
    if solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return _impossible(pool, rules, seconds)
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    chosen = np.array(solver.getSolution().col_value) > 0.5
    adjusted = pool.scores + points_of(pool, rules)
    return Optimum(
        chosen=chosen,
        score=int(adjusted[chosen].sum()),
        cost=dollars_of(int(pool.cents[chosen].sum())),
        gap=float(info.mip_gap) if np.isfinite(info.mip_gap) else 1.0,
        cancelled=stopped,
    )


def _solver(
    pool: Pool,
    rules: Rules,
    targets: Sequence[Share],
    seconds: float,
    objective: np.ndarray | None = None,
) -> highspy.Highs:
    size = len(pool)
    lower, upper = _bounds(pool, rules)
    rows = _conditions(pool, rules, targets)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = size, len(rows)
    model.sense_ = highspy.ObjSense.kMaximize
    adjusted = pool.scores + points_of(pool, rules)
    model.col_cost_ = (adjusted if objective is None else objective).astype(float)
    model.col_lower_, model.col_upper_ = lower, upper
    model.row_lower_ = np.array([row[1] for row in rows], dtype=float)
    model.row_upper_ = np.array([row[2] for row in rows], dtype=float)
    table = np.array([row[0] for row in rows], dtype=float).reshape(len(rows), size)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.arange(len(rows) + 1) * size
    model.a_matrix_.index_ = np.tile(np.arange(size), len(rows))
    model.a_matrix_.value_ = table.ravel()
    model.integrality_ = [highspy.HighsVarType.kInteger] * size
    solver = highspy.Highs()
    solver.silent()
    for option, value in {
        "time_limit": seconds,
        "threads": 1,
        "mip_rel_gap": 0.0,
        "mip_abs_gap": 0.5,
        "random_seed": 0,
    }.items():
        solver.setOptionValue(option, value)
    solver.passModel(model)
    return solver


def _bounds(pool: Pool, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    lower, upper = np.zeros(len(pool)), np.ones(len(pool))
    if rules.only_recommended:
        upper[~pool.recommended] = 0
    for pin in rules.pins:
        if (place := pool.places.get(pin.reference)) is not None:
            lower[place] = upper[place] = float(pin.selected)
    return lower, upper


def _conditions(
    pool: Pool, rules: Rules, targets: Sequence[Share]
) -> list[tuple[np.ndarray, float, float]]:
    """Return each condition as coefficients, lowest and highest value: whole numbers and cents."""
    rows = []
    if rules.budget is not None:
        rows.append((pool.cents, 0.0, float(rules.budget * 100)))
    for target in targets:
        has = pool.having(target.attribute, target.value).astype(np.int64) * WHOLE
        if target.minimum is not None:
            rows.append((has - int(target.minimum * WHOLE), 0.0, highspy.kHighsInf))
        if target.maximum is not None:
            rows.append((has - int(target.maximum * WHOLE), -highspy.kHighsInf, 0.0))
    if targets:
        rows.append((np.ones(len(pool), dtype=np.int64), 1.0, highspy.kHighsInf))
    return rows


def _impossible(pool: Pool, rules: Rules, seconds: float) -> Impossible:
    """Leave each wished share out in turn: the first without which it works is the culprit."""
    for target in rules.targets:
        others = [other for other in rules.targets if other != target]
        share = _nearest(pool, rules, others, target, seconds)
        if share is not None:
            return Impossible(target, share)
    return Impossible(None, None)


def _nearest(
    pool: Pool, rules: Rules, others: Sequence[Share], target: Share, seconds: float
) -> float | None:
    """Return the best share of `target` with the others kept, by Dinkelbach's method, or None.

    A share is a quotient; maximising parts − q × all for the q of the last answer meets it in a few steps
    (W. Dinkelbach, "On nonlinear fractional programming", Management Science 13, 1967).
    """
    has = pool.having(target.attribute, target.value).astype(float)
    sign = 1.0 if target.minimum is not None else -1.0
    share: float | None = None
    for _step in range(20):
        objective = sign * (has - (share if share is not None else 0.5))
        solver = _solver(pool, rules, others, seconds, objective)
        solver.addRow(
            1.0,
            highspy.kHighsInf,
            len(pool),
            np.arange(len(pool), dtype=np.int32),
            np.ones(len(pool)),
        )
        solver.run()
        if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        chosen = np.array(solver.getSolution().col_value) > 0.5
        found = float(has[chosen].mean())
        if share is not None and abs(found - share) < 1e-9:
            return found
        share = found
    return share
