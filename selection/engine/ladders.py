"""Counts and costs of every list "at or above a line", for many vectors of points at once.

Candidates that share the same subset of the asked values move together. For each such group and each score
the number and the cost at or above that score are added up once; the outcome of any points and any line is
then a few look-ups, done for thousands of vectors in one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from selection.engine.judging import points_of
from selection.engine.pool import Pool
from selection.engine.rules import Rules, Share

NO_LINE = -1


@dataclass(frozen=True)
class Lists:
    """What each vector of points leads to, a row each: line in points, count, and count of each asked value.

    `lines` is `NO_LINE` where no line fits the budget; then the count is 0.
    """

    lines: np.ndarray
    counts: np.ndarray
    parts: np.ndarray


class Ladders:
    """The steps of a pool under rules whose points on the `lifted` ones of the `asked` values vary.

    `lifted` are columns of `asked`. The rules give no points to lifted values. Money is in cents.
    """

    def __init__(
        self, pool: Pool, rules: Rules, asked: Sequence[Share], lifted: Sequence[int]
    ) -> None:
        is_free, is_pinned = judged_by_score(pool, rules)
        base = pool.scores + points_of(pool, rules)
        masks = [pool.having(target.attribute, target.value) for target in asked]
        self.height = int(base.max(initial=0)) + 1
        self.lowest_line = 0 if rules.inclusive else 1
        self.budget = None if rules.budget is None else int(rules.budget * 100)
        self._group(pool, base, is_free, masks)
        self.lifts = self.belongs[:, list(lifted)]
        self.pinned = int(is_pinned.sum())
        self.pinned_cents = int(pool.cents[is_pinned].sum())
        self.pinned_parts = np.array([int((mask & is_pinned).sum()) for mask in masks], dtype=int)

    def _group(
        self, pool: Pool, base: np.ndarray, is_free: np.ndarray, masks: Sequence[np.ndarray]
    ) -> None:
        together = np.array(masks, dtype=np.int64).reshape(len(masks), len(pool))
        kinds = np.unique(together[:, is_free], axis=1).T if masks else np.zeros((1, 0), dtype=int)
        counts, costs = [], []
        for row in kinds:
            member = is_free.copy()
            for mask, wanted in zip(masks, row, strict=True):
                member &= mask if wanted else ~mask
            counts.append(at_or_above(base[member], np.ones(member.sum(), int), self.height))
            costs.append(at_or_above(base[member], pool.cents[member], self.height))
        size = (len(kinds), self.height + 1)
        self.belongs = kinds.astype(np.int64)
        self.counts = np.array(counts, dtype=np.int64).reshape(size)
        self.costs = np.array(costs, dtype=np.int64).reshape(size)

    def at(self, vectors: np.ndarray, line: int) -> Lists:
        """Return the lists at one line for each row of `vectors`."""
        return self._lists(self.lifts @ vectors.T, np.full(len(vectors), line))

    def fitting(self, vectors: np.ndarray) -> Lists:
        """Return for each row of `vectors` the list at the lowest line that fits the budget, by halving."""
        shifts = self.lifts @ vectors.T
        low = np.full(len(vectors), self.lowest_line)
        if self.budget is not None:
            top = self.height + shifts.max(axis=0, initial=0)
            high = np.maximum(top, self.lowest_line)
            while (low < high).any():
                middle = (low + high) // 2
                fits = self._cents(shifts, middle) <= self.budget
                low, high = np.where(fits, low, middle + 1), np.where(fits, middle, high)
            low = np.where(self._cents(shifts, high) <= self.budget, high, NO_LINE)
        return self._lists(shifts, low)

    def _cents(self, shifts: np.ndarray, lines: np.ndarray) -> np.ndarray:
        return self._look_up(self.costs, shifts, lines).sum(axis=0) + self.pinned_cents

    def _lists(self, shifts: np.ndarray, lines: np.ndarray) -> Lists:
        each = self._look_up(self.counts, shifts, lines)
        parts = each.T @ self.belongs + self.pinned_parts
        counts = np.where(lines == NO_LINE, 0, each.sum(axis=0) + self.pinned)
        return Lists(lines, counts, parts)

    def _look_up(self, table: np.ndarray, shifts: np.ndarray, lines: np.ndarray) -> np.ndarray:
        """Return what stands in `table` for each group (a row) at the line of each vector (a column)."""
        steps = np.clip(lines - shifts, 0, self.height)
        steps += np.arange(len(table))[:, None] * (self.height + 1)
        return table.ravel().take(steps)

    def least_cents(self) -> int | None:
        """Return what the shortest list that is not empty costs without lifted points; None without any."""
        if self.pinned:
            return self.pinned_cents
        counts, costs = self.counts.sum(axis=0), self.costs.sum(axis=0)
        some = np.flatnonzero(counts[self.lowest_line :]) + self.lowest_line
        return int(costs[some[-1]]) if len(some) else None


def judged_by_score(pool: Pool, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """Return who is judged by score, and who is pinned in."""
    is_free = pool.recommended.copy() if rules.only_recommended else np.ones(len(pool), dtype=bool)
    is_pinned = np.zeros(len(pool), dtype=bool)
    for pin in rules.pins:
        if (place := pool.places.get(pin.reference)) is not None:
            is_free[place], is_pinned[place] = False, pin.selected
    return is_free, is_pinned


def at_or_above(scores: np.ndarray, values: np.ndarray, height: int) -> np.ndarray:
    """Return for each line from 0 to `height` the sum of `values` whose score reaches it; last is 0."""
    sums = np.zeros(height + 1, dtype=np.int64)
    np.add.at(sums, scores, values)
    return np.cumsum(sums[::-1])[::-1]
