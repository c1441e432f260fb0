"""The best cohort under a budget and shares, whatever its scores' line: for comparison only.

A mixed-integer program: choose who is in (0 or 1) so that the sum of adjusted scores is highest, the
payments stay within the budget, and each wished share of the chosen is kept; a share is linear, as
"at least 2 of 5 have v" says Σ(5 × has v − 2) ≥ 0 over the chosen. Solved by HiGHS's branch and bound. It is
not how DHCS decides: a practice with a high score can be left out for two cheaper ones, which no threshold
would do. It shows what the threshold rule costs. Every condition is in whole numbers without a common
divisor, so that nothing is lost to rounding.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import highspy
import numpy as np

from selection.engine.judging import dollars_of, points_of
from selection.engine.pool import Pool
from selection.engine.rules import Rules, Share

SECONDS = 120.0  # for the whole search, whatever it has to find out
STEPS = 20  # of the quotient search for the nearest share
Condition = tuple[np.ndarray, float, float]


@dataclass(frozen=True)
class Progress:
    """How far the search is: seconds, the gap between the best found and the best possible (0 to 1).

    `score` is the sum of adjusted scores of the best found; both are None before anything is found.
    """

    seconds: float
    gap: float | None
    score: int | None = None


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
    """No choice keeps every condition: each one that alone stands in the way, with the nearest value.

    `needed` is the lowest budget (dollars) with all shares kept, or None when the budget is not the matter.
    `nearest` has the share (0 to 1) that can be had for a target with everything else kept. Both are
    empty when several conditions contradict each other, or when the time was up before one was found.
    """

    needed: Decimal | None
    nearest: tuple[tuple[Share, float], ...]


class _Search:
    """One search: its clock, who listens, and whether it was ended."""

    def __init__(self, pool: Pool, rules: Rules, seconds: float, tell: Callable) -> None:
        self.pool, self.rules, self.tell = pool, rules, tell
        self.started, self.seconds, self.cancelled = time.monotonic(), seconds, False
        self.adjusted = pool.scores + points_of(pool, rules)

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return max(self.started + self.seconds - time.monotonic(), 0.0)

    def hear(self, event: Any) -> None:
        """Tell how far the solver is, and end it when who listens says so."""
        data = event.data_out
        known = np.isfinite(data.mip_gap)
        score = round(data.objective_function_value) if known else None
        gap = float(data.mip_gap) if known else None
        if not self.tell(Progress(time.monotonic() - self.started, gap, score)):
            self.cancelled = True
            event.interrupt()

    def run(
        self, objective: np.ndarray, conditions: Sequence[Condition]
    ) -> tuple[highspy.HighsModelStatus, highspy.Highs]:
        """Maximise the sum of `objective` over who is chosen, and return how it ended."""
        solver = _solver(objective, _bounds(self.pool, self.rules), conditions, self.left)
        solver.cbMipInterrupt += self.hear
        solver.run()
        return solver.getModelStatus(), solver


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
        return Impossible(None, ())
    search = _Search(pool, rules, seconds, tell)
    status, solver = search.run(search.adjusted, _conditions(pool, rules))
    if status == highspy.HighsModelStatus.kInfeasible:
        return _impossible(search)
    info = solver.getInfo()
    if info.primal_solution_status != highspy.SolutionStatus.kSolutionStatusFeasible:
        return None
    chosen = _chosen(solver)
    proven = status == highspy.HighsModelStatus.kOptimal
    return Optimum(
        chosen=chosen,
        score=int(search.adjusted[chosen].sum()),
        cost=dollars_of(int(pool.cents[chosen].sum())),
        gap=0.0 if proven else float(info.mip_gap) if np.isfinite(info.mip_gap) else 1.0,
        cancelled=search.cancelled,
    )


def _solver(
    objective: np.ndarray,
    bounds: tuple[np.ndarray, np.ndarray],
    conditions: Sequence[Condition],
    seconds: float,
) -> highspy.Highs:
    size = len(objective)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = size, len(conditions)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = objective.astype(float)
    model.col_lower_, model.col_upper_ = bounds
    model.row_lower_ = np.array([row[1] for row in conditions], dtype=float)
    model.row_upper_ = np.array([row[2] for row in conditions], dtype=float)
    table = np.array([row[0] for row in conditions], dtype=float).reshape(len(conditions), size)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.arange(len(conditions) + 1) * size
    model.a_matrix_.index_ = np.tile(np.arange(size), len(conditions))
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
    pool: Pool,
    rules: Rules,
    *,
    without: Share | None = None,
    without_budget: bool = False,
) -> list[Condition]:
    """Return each condition as coefficients, lowest and highest value; somebody is in where shares matter."""
    rows: list[Condition] = []
    if rules.budget is not None and not without_budget:
        unit = max(int(np.gcd.reduce(pool.cents)), 1)
        rows.append((pool.cents // unit, 0.0, float(int(rules.budget * 100) // unit)))
    for target in rules.targets:
        if target is without:
            continue
        has = pool.having(target.attribute, target.value).astype(np.int64)
        if target.minimum is not None:
            above, below = target.minimum.as_integer_ratio()
            rows.append((has * below - above, 0.0, highspy.kHighsInf))
        if target.maximum is not None:
            above, below = target.maximum.as_integer_ratio()
            rows.append((has * below - above, -highspy.kHighsInf, 0.0))
    if rules.targets:
        rows.append((np.ones(len(pool), dtype=np.int64), 1.0, highspy.kHighsInf))
    return rows


def _impossible(search: _Search) -> Impossible:
    """Leave each condition out in turn: those without which it works stand in the way."""
    needed = _least_budget(search) if search.rules.budget is not None else None
    found = []
    for target in search.rules.targets:
        share = _nearest(search, target)
        if share is not None:
            found.append((target, share))
    return Impossible(needed, tuple(found))


def _least_budget(search: _Search) -> Decimal | None:
    """Return the lowest cost in dollars with all shares kept, or None when the budget is not the matter."""
    pool = search.pool
    conditions = _conditions(pool, search.rules, without_budget=True)
    unit = max(int(np.gcd.reduce(pool.cents)), 1)
    status, solver = search.run(-(pool.cents // unit), conditions)
    if status != highspy.HighsModelStatus.kOptimal:
        return None
    return dollars_of(int(pool.cents[_chosen(solver)].sum()))


def _nearest(search: _Search, target: Share) -> float | None:
    """Return the nearest share of `target` with all else kept, by Dinkelbach's method, or None.

    A share is a quotient; maximising parts − q × all for the q of the last answer meets it in a few steps
    (W. Dinkelbach, "On nonlinear fractional programming", Management Science 13, 1967).
    """
    pool = search.pool
    has = pool.having(target.attribute, target.value)
    sign = _direction(search, target)
    conditions = _conditions(pool, search.rules, without=target)
    share: tuple[int, int] | None = None
    for _step in range(STEPS):
        part, whole = share or (1, 2)
        status, solver = search.run(sign * (has * whole - part), conditions)
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        chosen = _chosen(solver)
        found = int(has[chosen].sum()), int(chosen.sum())
        if share is not None and found[0] * share[1] == share[0] * found[1]:
            break
        share = found
    return share[0] / share[1] if share else None


def _direction(search: _Search, target: Share) -> int:
    """Return 1 when too few have the value, −1 when too many do, judged by the best without the target."""
    if target.minimum is None or target.maximum is None:
        return 1 if target.minimum is not None else -1
    conditions = _conditions(search.pool, search.rules, without=target)
    status, solver = search.run(search.adjusted, conditions)
    if status != highspy.HighsModelStatus.kOptimal:
        return 1
    chosen = _chosen(solver)
    has = search.pool.having(target.attribute, target.value)[chosen]
    return 1 if int(has.sum()) < target.minimum * len(has) else -1


def _chosen(solver: highspy.Highs) -> np.ndarray:
    return np.array(solver.getSolution().col_value) > 0.5
