"""Exact answers for whole points: the lowest threshold, and the smallest points that reach shares.

Method. Vectors of points are tried in the order of their sum (then of their largest, then alphabetically),
and the first that keeps every target is the answer: nothing smaller was skipped, so it is minimal. What one
vector leads to is looked up in `Ladders`. Shares are compared as whole numbers. The tests compare every kind
of answer with brute force over small cases. `docs/selection-methods.md` says it in words.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from programs.schema import PriorityPoint
from selection.engine.judging import dollars_of, judge_pool
from selection.engine.ladders import NO_LINE, Ladders, Lists
from selection.engine.pool import Pool
from selection.engine.rules import Rules, Share

MOST_POINTS = 100
MOST_LIFTED = 4  # targets whose values get points at once
CHUNK = 20_000  # vectors tried between two questions whether to go on
BY_SOLVER = "Found by the solver."
NOTHING = np.zeros((1, 0), dtype=np.int64)
GoOn = Callable[[int, int], bool]


@dataclass(frozen=True)
class Solution:
    """Points by lifted target (in the order asked), the threshold, and what they bring: count and dollars.

    `shares` are those of all targets asked, from 0 to 1. `tried` counts the vectors up to the answer.
    """

    points: tuple[int, ...]
    threshold: int
    selected: int
    cost: Decimal
    shares: tuple[float, ...]
    tried: int


@dataclass(frozen=True)
class Nearest:
    """How near one gets to a target that can't be kept: the share (0 to 1), and with which points.

    With `others_kept` all the other targets hold there; otherwise it is what can be had for this one alone.
    """

    target: Share
    share: float
    points: tuple[int, ...]
    threshold: int
    others_kept: bool


@dataclass(frozen=True)
class Infeasible:
    """No points from 0 to `most` keep every target.

    `nearest` names each target that alone stands in the way; without one, each that can't be kept at all.
    `needed` is set when the budget (dollars) pays for nobody: what the shortest list costs.
    """

    nearest: tuple[Nearest, ...]
    needed: Decimal | None
    tried: int


@dataclass(frozen=True)
class Stopped:
    """The search was ended early: no vector whose sum is below `below` is an answer."""

    below: int
    tried: int


def lowest_threshold(pool: Pool, rules: Rules) -> int | None:
    """Return the lowest threshold at which somebody is in and all who are fit into the budget, in points.

    None when there is no budget, or it pays for nobody.
    """
    if rules.budget is None:
        return None
    found = Ladders(pool, rules, (), ()).fitting(NOTHING)
    return _threshold(rules, int(found.lines[0])) if found.counts[0] else None


def least_cost(pool: Pool, rules: Rules) -> Decimal | None:
    """Return what the shortest list that is not empty costs in dollars; None when nobody can be in."""
    cents = Ladders(pool, rules, (), ()).least_cents()
    return None if cents is None else dollars_of(cents)


def lifted_by(targets: Sequence[Share]) -> tuple[Share, ...]:
    """Return the targets whose values get points: those with a minimum. Raises ValueError above four."""
    lifted = tuple(target for target in targets if target.minimum is not None)
    if len(lifted) > MOST_LIFTED:
        raise ValueError(f"points on {len(lifted)} values can't be searched")
    return lifted


def smallest_points(
    pool: Pool,
    rules: Rules,
    targets: Sequence[Share],
    *,
    fit: bool,
    most: int = MOST_POINTS,
    go_on: GoOn = lambda _tried, _below: True,
) -> Solution | Infeasible | Stopped:
    """Return the smallest whole points on the values with a minimum share that keep all targets together.

    With `fit` the threshold is the lowest within the budget for each try; otherwise it is the rules' own, and
    the budget does not cut. Points that the rules give to the same values are replaced; all others stay.
    `go_on` hears the vectors tried and the sum that is reached, and ends the search by returning False.
    Raises ValueError when more than four targets have a minimum.
    """
    wished = lifted_by(targets)
    base = _without(rules, wished)
    ladders = Ladders(pool, base, targets, [targets.index(target) for target in wished])
    best = _Best(targets)
    for tried, below, vectors in _chunks(len(wished), most):
        if tried and not go_on(tried, below):
            return Stopped(below, tried)
        lists = ladders.fitting(vectors) if fit else ladders.at(vectors, rules.line)
        met = _met(lists, targets)
        answers = np.flatnonzero(met.all(axis=1) & (lists.counts > 0))
        if len(answers):
            first = int(answers[0])
            points = tuple(vectors[first].tolist())
            threshold = _threshold(rules, int(lists.lines[first]))
            return _solution(pool, rules, targets, points, threshold, tried + first + 1)
        best.see(vectors, lists, met)
    return best.infeasible(rules, least_cost(pool, base), _number_of(len(wished), most))


def with_points(rules: Rules, targets: Sequence[Share], points: Sequence[int]) -> Rules:
    """Return the rules with these points on the targets' values in place of what they had."""
    added = tuple(_point(t, p) for t, p in zip(targets, points, strict=True))
    return replace(rules, points=(*_without(rules, targets).points, *added))


def _point(target: Share, points: int) -> PriorityPoint:
    return PriorityPoint.model_validate(
        {
            "attribute": target.attribute,
            "value": target.value,
            "points": points,
            "purpose": BY_SOLVER,
            "source": "X",
        }
    )


class _Best:
    """How near to each target any vector came: with all others kept, and at all."""

    def __init__(self, targets: Sequence[Share]) -> None:
        self.targets = targets
        self.kept: dict[int, tuple[float, float, tuple[int, ...], int]] = {}
        self.alone: dict[int, tuple[float, float, tuple[int, ...], int]] = {}
        self.anybody = False

    def see(self, vectors: np.ndarray, lists: Lists, met: np.ndarray) -> None:
        """Keep what is nearer than before."""
        some = lists.counts > 0
        self.anybody |= bool(some.any())
        for index, target in enumerate(self.targets):
            shares = lists.parts[:, index] / np.maximum(lists.counts, 1)
            far = _distances(shares, target)
            others = some & np.delete(met, index, axis=1).all(axis=1)
            for found, rows in ((self.kept, others), (self.alone, some)):
                if not rows.any():
                    continue
                row = int(np.argmin(np.where(rows, far, np.inf)))
                if index not in found or far[row] < found[index][0]:
                    points = tuple(vectors[row].tolist())
                    line = int(lists.lines[row])
                    found[index] = (float(far[row]), float(shares[row]), points, line)

    def infeasible(self, rules: Rules, least: Decimal | None, tried: int) -> Infeasible:
        """Say what stands in the way."""
        if not self.anybody:
            return Infeasible((), least, tried)
        never = {index: found for index, found in self.alone.items() if found[0] > 0}
        nearest = tuple(
            Nearest(self.targets[index], share, points, _threshold(rules, line), bool(self.kept))
            for index, (_far, share, points, line) in (self.kept or never).items()
        )
        return Infeasible(nearest, None, tried)


def _solution(
    pool: Pool,
    rules: Rules,
    targets: Sequence[Share],
    points: tuple[int, ...],
    threshold: int,
    tried: int,
) -> Solution:
    lifted = with_points(rules, lifted_by(targets), points)
    found = judge_pool(pool, replace(lifted, threshold=threshold, budget=None))
    total = int(found.is_in.sum())
    parts = [int((found.is_in & pool.having(t.attribute, t.value)).sum()) for t in targets]
    return Solution(
        points=points,
        threshold=threshold,
        selected=total,
        cost=dollars_of(int(pool.cents[found.is_in].sum())),
        shares=tuple(part / total for part in parts),
        tried=tried,
    )


def _chunks(length: int, most: int) -> Iterator[tuple[int, int, np.ndarray]]:
    """Yield how many vectors came before, the sum, and the next vectors with that sum, a row each."""
    tried = 0
    for total in range(length * most + 1):
        vectors = _summing_to(total, length, most)
        for start in range(0, len(vectors), CHUNK):
            chunk = vectors[start : start + CHUNK]
            yield tried, total, chunk
            tried += len(chunk)


def _summing_to(total: int, length: int, most: int) -> np.ndarray:
    """Return the vectors from 0 to `most` with this sum, by their largest, then alphabetically."""
    rows, left = np.zeros((1, 0), dtype=np.int64), np.array([total])
    for place in range(length):
        low = np.maximum(0, left - most * (length - place - 1))
        number = np.minimum(most, left) - low + 1
        first = np.repeat(np.cumsum(number) - number, number)
        values = np.arange(number.sum()) - first + np.repeat(low, number)
        rows = np.column_stack([np.repeat(rows, number, axis=0), values])
        left = np.repeat(left, number) - values
    return rows[np.argsort(rows.max(axis=1, initial=0), kind="stable")]


def _number_of(length: int, most: int) -> int:
    return (most + 1) ** length


def _met(lists: Lists, targets: Sequence[Share]) -> np.ndarray:
    """Return for each row and target whether the share is kept, compared as whole numbers."""
    met = np.ones((len(lists.counts), len(targets)), dtype=bool)
    for index, target in enumerate(targets):
        part, count = lists.parts[:, index], lists.counts
        if target.minimum is not None:
            above, below = target.minimum.as_integer_ratio()
            met[:, index] &= part * below >= above * count
        if target.maximum is not None:
            above, below = target.maximum.as_integer_ratio()
            met[:, index] &= part * below <= above * count
    return met


def _distances(shares: np.ndarray, target: Share) -> np.ndarray:
    """Return how far shares are outside of what a target allows."""
    far = np.zeros(len(shares))
    if target.minimum is not None:
        far = np.maximum(far, float(target.minimum) - shares)
    if target.maximum is not None:
        far = np.maximum(far, shares - float(target.maximum))
    return far


def _threshold(rules: Rules, line: int) -> int:
    return line if rules.inclusive or line == NO_LINE else line - 1


def _without(rules: Rules, targets: Sequence[Share]) -> Rules:
    wished = {(target.attribute, target.value) for target in targets}
    kept = tuple(p for p in rules.points if (p.attribute, p.value) not in wished)
    return replace(rules, points=kept)
