"""What a result looks like: make-up beside the pool, who is near the line, what a point costs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from selection.engine.judging import CODE, Result, dollars_of
from selection.enums import Reason

SIZES: tuple[tuple[str, int, int | None], ...] = (
    ("under_1000", 0, 999),
    ("1000_to_4999", 1000, 4999),
    ("5000_to_19999", 5000, 19999),
    ("20000_and_more", 20000, None),
)


@dataclass(frozen=True)
class Part:
    """How many of the selected, and of the whole pool, have a value; shares are from 0 to 1."""

    attribute: str
    value: str
    selected: int
    pool: int
    share: float
    pool_share: float


@dataclass(frozen=True)
class Step:
    """What a threshold would mean: how many are at or above it and what they cost in dollars."""

    threshold: int
    selected: int
    cost: Decimal


def mix_of(result: Result, attribute: str) -> list[Part]:
    """Return the make-up by `attribute`, every value of the pool; one practice can have several."""
    pool = result.pool
    masks = {value: pool.having(attribute, value) for value in pool.values_of(attribute)}
    return _parts(result, attribute, masks)


def mix_of_sizes(result: Result) -> list[Part]:
    """Return the make-up by size: bands of assigned Medi-Cal members."""
    members = result.pool.members
    masks = {
        name: (members >= low) & (members <= (high if high is not None else members.max(initial=0)))
        for name, low, high in SIZES
    }
    return _parts(result, "size", masks)


def cost_curve(result: Result) -> list[Step]:
    """Return count and cost at every threshold from the highest adjusted score down to 0.

    The rules' points, pins and recommendation hold; the budget does not cut, so that the curve shows
    where it would be crossed.
    """
    pool, rules = result.pool, result.rules
    is_pinned = result.codes == CODE[Reason.PINNED_IN]
    is_free = ~is_pinned & (result.codes != CODE[Reason.PINNED_OUT])
    if rules.only_recommended:
        is_free &= pool.recommended
    highest = int(result.adjusted.max(initial=0))
    adjusted, cents = result.adjusted[is_free], pool.cents[is_free]
    counts = _from_top(np.bincount(adjusted, minlength=highest + 1))
    costs = _from_top(_sums(adjusted, cents, highest + 1))
    more, extra = int(is_pinned.sum()), int(pool.cents[is_pinned].sum())
    beyond = 0 if rules.inclusive else 1
    return [
        Step(line - beyond, int(counts[line]) + more, dollars_of(int(costs[line]) + extra))
        for line in range(highest, -1, -1)
        if line >= beyond
    ]


def next_point(result: Result) -> Step | None:
    """Return what one point less would add: how many more, and their cost in dollars; None at 0."""
    threshold = result.rules.threshold - 1
    if threshold < 0:
        return None
    by_threshold = {step.threshold: step for step in cost_curve(result)}
    above_all = Step(threshold, *_pinned(result))
    here = by_threshold.get(threshold + 1, above_all)
    below = by_threshold.get(threshold, above_all)
    return Step(threshold, below.selected - here.selected, below.cost - here.cost)


def near_line(result: Result, within: int) -> np.ndarray:
    """Return the places in the rank (from 0) of who is at most `within` points from the line."""
    distance = np.abs(result.adjusted[result.order] - result.rules.line)
    return np.flatnonzero(distance <= within)


def ties_at_cut(result: Result) -> np.ndarray:
    """Return the places in the rank of those with the score at which the tie-break decided, if it did."""
    lost = result.codes == CODE[Reason.TIE_BREAK]
    if not lost.any():
        return np.array([], dtype=np.int64)
    score = result.adjusted[lost][0]
    return np.flatnonzero(result.adjusted[result.order] == score)


def met_targets(result: Result) -> Mapping[tuple[str, str], tuple[float, bool]]:
    """Return for each target of the rules the share reached (0 to 1) and whether it is met.

    Shares are compared as whole numbers, so that 86 of 215 is exactly 40 percent.
    """
    total = int(result.is_in.sum())
    found = {}
    for target in result.rules.targets:
        part = int((result.is_in & result.pool.having(target.attribute, target.value)).sum())
        met = total > 0
        met &= target.minimum is None or Decimal(part) >= target.minimum * total
        met &= target.maximum is None or Decimal(part) <= target.maximum * total
        found[target.attribute, target.value] = (part / total if total else 0.0, met)
    return found


def _parts(result: Result, attribute: str, masks: Mapping[str, np.ndarray]) -> list[Part]:
    total, everybody = int(result.is_in.sum()), len(result.pool)
    parts = []
    for value, mask in masks.items():
        chosen, applied = int((mask & result.is_in).sum()), int(mask.sum())
        parts.append(
            Part(
                attribute,
                value,
                chosen,
                applied,
                chosen / total if total else 0.0,
                applied / everybody if everybody else 0.0,
            )
        )
    return parts


def _pinned(result: Result) -> tuple[int, Decimal]:
    is_pinned = result.codes == CODE[Reason.PINNED_IN]
    return int(is_pinned.sum()), dollars_of(int(result.pool.cents[is_pinned].sum()))


def _from_top(values: np.ndarray) -> np.ndarray:
    return np.cumsum(values[::-1])[::-1]


def _sums(scores: np.ndarray, cents: np.ndarray, length: int) -> np.ndarray:
    """Add cents up by score in whole numbers: no float ever holds money."""
    sums = np.zeros(length, dtype=np.int64)
    np.add.at(sums, scores, cents)
    return sums
