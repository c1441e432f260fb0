"""Exact answers for whole points: the lowest threshold, and the smallest points that reach shares.

Method. What decides is a sum over groups. Candidates that share the same subset of the wished values
move together, so for each such group and each score the number, the cost and the number of each wished
value at or above that score are added up once (`_Ladders`). The outcome of any points and any threshold is
then a few look-ups. Vectors of points are tried in the order of their sum (then of their largest, then
alphabetically), and the first that fulfils every target is the answer: nothing smaller was skipped, so it
is minimal. Proved against brute force on small cases in the tests.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from programs.schema import PriorityPoint
from selection.engine.judging import dollars_of, judge_pool, points_of
from selection.engine.pool import Pool
from selection.engine.rules import Rules, Share

MOST_POINTS = 90
MOST_TRIES = 200_000
BY_SOLVER = "Found by the solver."


@dataclass(frozen=True)
class Solution:
    """Points by target (in the order asked), the threshold, and what they bring: count and dollars."""

    points: tuple[int, ...]
    threshold: int
    selected: int
    cost: Decimal
    shares: tuple[float, ...]
    tried: int


@dataclass(frozen=True)
class Infeasible:
    """No points from 0 to `most` reach every target; the first that can't be reached and how near one gets.

    `nearest` is the highest share (0 to 1) of that target alone, with the points it takes.
    """

    target: Share | None
    nearest: float
    points: tuple[int, ...]
    tried: int


def lowest_threshold(pool: Pool, rules: Rules) -> int | None:
    """Return the lowest threshold at which everybody at or above it fits into the budget, in points.

    None when there is no budget or even the highest score alone does not fit.
    """
    if rules.budget is None:
        return None
    nothing = np.zeros(0, dtype=np.int64)
    ladders = _Ladders(pool, rules, ())
    line = ladders.lowest(nothing)
    if line is None or not ladders.shares(nothing, line)[0]:
        return None
    return line if rules.inclusive else line - 1


def smallest_points(
    pool: Pool, rules: Rules, targets: Sequence[Share], *, fit: bool, most: int = MOST_POINTS
) -> Solution | Infeasible:
    """Return the smallest whole points on each target's value that reach all minimum shares together.

    With `fit` the threshold is the lowest within the budget for each try; otherwise it is the rules' own.
    Points that the rules give to the same values are replaced; all others stay.
    """
    wished = tuple(target for target in targets if target.minimum is not None)
    ladders = _Ladders(pool, _without(rules, wished), wished)
    tried, best = 0, _Best(len(wished))
    for vector in _by_sum(len(wished), most):
        tried += 1
        points = np.array(vector, dtype=np.int64)
        line = ladders.lowest(points) if fit else rules.line
        if line is None:
            continue
        count, parts = ladders.shares(points, line)
        if not count:
            continue
        met = [_reached(part, t, count) for part, t in zip(parts, wished, strict=True)]
        best.see(vector, [part / count for part in parts], met)
        if all(met):
            return _solution(pool, rules, wished, vector, line, tried)
        if tried > MOST_TRIES:
            break
    return best.infeasible(wished, tried)


def with_points(rules: Rules, targets: Sequence[Share], points: Sequence[int]) -> Rules:
    """Return the rules with these points on the targets' values in place of what they had."""
    added = tuple(
        PriorityPoint(attribute=t.attribute, value=t.value, points=p, purpose=BY_SOLVER, source="X")
        for t, p in zip(targets, points, strict=True)
    )
    return replace(rules, points=(*_without(rules, targets).points, *added))


class _Ladders:
    """Counts and costs at or above each score, by group of candidates that move together."""

    def __init__(self, pool: Pool, rules: Rules, targets: Sequence[Share]) -> None:
        is_free, is_pinned = _free(pool, rules)
        base = pool.scores + points_of(pool, rules)
        self.height = int(base.max(initial=0)) + 1
        masks = [pool.having(target.attribute, target.value) for target in targets]
        together = np.array(masks, dtype=np.int64).reshape(len(masks), len(pool))
        self.belongs = np.unique(together, axis=1).T if masks else np.zeros((1, 0), dtype=np.int64)
        self.counts, self.costs = [], []
        for row in self.belongs:
            member = is_free.copy()
            for mask, wanted in zip(masks, row, strict=True):
                member &= mask if wanted else ~mask
            self.counts.append(_at_or_above(base[member], np.ones(member.sum(), int), self.height))
            self.costs.append(_at_or_above(base[member], pool.cents[member], self.height))
        self.pinned = int(is_pinned.sum())
        self.pinned_cents = int(pool.cents[is_pinned].sum())
        self.pinned_parts = np.array([int((mask & is_pinned).sum()) for mask in masks], dtype=int)
        self.budget = None if rules.budget is None else int(rules.budget * 100)

    def lowest(self, points: np.ndarray) -> int | None:
        """Return the lowest line within the budget, or None when not even one above it fits."""
        shifts = self.belongs @ points
        top = self.height + int(shifts.max(initial=0))
        lines = np.arange(top)
        costs = np.full(top, self.pinned_cents)
        for ladder, shift in zip(self.costs, shifts, strict=True):
            costs += ladder[np.clip(lines - shift, 0, self.height)]
        if self.budget is None:
            return 0
        fits = np.flatnonzero(costs <= self.budget)
        return int(fits[0]) if len(fits) else None

    def shares(self, points: np.ndarray, line: int) -> tuple[int, list[int]]:
        """Return how many are in at `line`, and how many of them have each target's value."""
        shifts = self.belongs @ points
        counts = np.array(
            [
                ladder[min(max(line - int(shift), 0), self.height)]
                for ladder, shift in zip(self.counts, shifts, strict=True)
            ]
        )
        parts = self.pinned_parts + counts @ self.belongs
        return int(counts.sum()) + self.pinned, [int(part) for part in parts]


class _Best:
    """The highest share of each target that any points have reached."""

    def __init__(self, number: int) -> None:
        self.shares = [-1.0] * number
        self.vectors: list[tuple[int, ...]] = [()] * number
        self.met = [False] * number

    def see(self, vector: tuple[int, ...], shares: Sequence[float], met: Sequence[bool]) -> None:
        """Keep what is higher than before, and which targets were ever met."""
        self.met = [was or now for was, now in zip(self.met, met, strict=True)]
        for index, share in enumerate(shares):
            if share > self.shares[index]:
                self.shares[index], self.vectors[index] = share, vector

    def infeasible(self, targets: Sequence[Share], tried: int) -> Infeasible:
        """Name the first target that was never reached, or none when only all together can't be."""
        for index, target in enumerate(targets):
            if not self.met[index]:
                return Infeasible(target, max(self.shares[index], 0.0), self.vectors[index], tried)
        return Infeasible(None, 0.0, (), tried)


def _solution(
    pool: Pool,
    rules: Rules,
    targets: Sequence[Share],
    vector: tuple[int, ...],
    line: int,
    tried: int,
) -> Solution:
    threshold = line if rules.inclusive else line - 1
    found = judge_pool(
        pool, replace(with_points(rules, targets, vector), threshold=threshold, budget=None)
    )
    total = int(found.is_in.sum())
    parts = [(found.is_in & pool.having(t.attribute, t.value)).sum() for t in targets]
    return Solution(
        points=vector,
        threshold=threshold,
        selected=total,
        cost=dollars_of(int(pool.cents[found.is_in].sum())),
        shares=tuple(float(part) / total for part in parts),
        tried=tried,
    )


def _by_sum(length: int, most: int) -> Iterator[tuple[int, ...]]:
    """Yield every vector of whole points by sum, then by its largest, then alphabetically."""
    for total in range(length * most + 1):
        for largest in range(-(-total // length) if length else 0, min(most, total) + 1):
            for vector in _summing_to(total, length, largest):
                if not vector or max(vector) == largest:
                    yield vector


def _summing_to(total: int, length: int, most: int) -> Iterator[tuple[int, ...]]:
    """Yield the vectors of whole numbers from 0 to `most` with this sum, alphabetically."""
    if length == 0:
        if total == 0:
            yield ()
        return
    for first in range(max(0, total - most * (length - 1)), min(most, total) + 1):
        for rest in _summing_to(total - first, length - 1, most):
            yield (first, *rest)


def _reached(part: int, target: Share, count: int) -> bool:
    at_least = target.minimum is None or Decimal(part) >= target.minimum * count
    return at_least and (target.maximum is None or Decimal(part) <= target.maximum * count)


def _without(rules: Rules, targets: Sequence[Share]) -> Rules:
    wished = {(target.attribute, target.value) for target in targets}
    kept = tuple(p for p in rules.points if (p.attribute, p.value) not in wished)
    return replace(rules, points=kept)


def _free(pool: Pool, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """Return who is judged by score, and who is pinned in."""
    is_free = pool.recommended.copy() if rules.only_recommended else np.ones(len(pool), dtype=bool)
    is_pinned = np.zeros(len(pool), dtype=bool)
    for pin in rules.pins:
        if (place := pool.places.get(pin.reference)) is not None:
            is_free[place], is_pinned[place] = False, pin.selected
    return is_free, is_pinned


def _at_or_above(scores: np.ndarray, values: np.ndarray, height: int) -> np.ndarray:
    """Return for each line from 0 to `height` the sum of `values` whose score reaches it; last is 0."""
    sums = np.zeros(height + 1, dtype=np.int64)
    np.add.at(sums, scores, values)
    return np.cumsum(sums[::-1])[::-1]
