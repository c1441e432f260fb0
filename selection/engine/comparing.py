"""Two results of one pool side by side: who enters, who leaves, and what did it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

import numpy as np

from selection.engine.judging import Result, Verdict, judge_pool


class Cause(StrEnum):
    """What moved an application: the first part of the rules, in this order, whose change flips it."""

    PIN = "pin"
    RECOMMENDED = "recommended"
    POINTS = "points"
    THRESHOLD = "threshold"
    BUDGET = "budget"
    TIE = "tie"
    TOGETHER = "together"


@dataclass(frozen=True)
class Move:
    """One application that is in under one of the two sets of rules only."""

    before: Verdict
    after: Verdict
    entered: bool
    cause: Cause


@dataclass(frozen=True)
class Comparison:
    """Who enters and who leaves, in rank order, and the differences in number and dollars."""

    moves: list[Move]
    more: int
    cost: Decimal

    @property
    def entered(self) -> list[Move]:
        """Who is in after and was not before."""
        return [move for move in self.moves if move.entered]

    @property
    def left(self) -> list[Move]:
        """Who was in before and is not after."""
        return [move for move in self.moves if not move.entered]


PARTS: Mapping[Cause, tuple[str, ...]] = {
    Cause.PIN: ("pins",),
    Cause.RECOMMENDED: ("only_recommended",),
    Cause.POINTS: ("points",),
    Cause.THRESHOLD: ("threshold", "inclusive"),
    Cause.BUDGET: ("budget",),
    Cause.TIE: ("tie_break",),
}


def compare(before: Result, after: Result) -> Comparison:
    """Return what changes from `before` to `after`, two results of the same pool.

    The cause of a move is the first part of the rules that alone, taken over into `before`, already
    moves the application; where no part alone does, they do it together. Raises ValueError when the
    results are of different pools.
    """
    if before.pool.candidates != after.pool.candidates:
        raise ValueError("results of different pools can't be compared")
    moved = before.is_in != after.is_in
    causes = _causes(before, after, moved)
    ranks_before, ranks_after = _places(before), _places(after)
    moves = [
        Move(
            before=before.verdicts_at([ranks_before[index]])[0],
            after=after.verdicts_at([ranks_after[index]])[0],
            entered=bool(after.is_in[index]),
            cause=causes[index],
        )
        for index in (int(i) for i in after.order)
        if moved[index]
    ]
    more = int(after.is_in.sum()) - int(before.is_in.sum())
    return Comparison(moves, more, after.cost - before.cost)


def _causes(before: Result, after: Result, moved: np.ndarray) -> dict[int, Cause]:
    causes = {int(index): Cause.TOGETHER for index in np.flatnonzero(moved)}
    for cause, names in reversed(list(PARTS.items())):
        changes = {name: getattr(after.rules, name) for name in names}
        if all(getattr(before.rules, name) == value for name, value in changes.items()):
            continue
        alone = judge_pool(before.pool, replace(before.rules, **changes))
        for index in np.flatnonzero(moved & (alone.is_in == after.is_in)):
            causes[int(index)] = cause
    return causes


def _places(result: Result) -> np.ndarray:
    places = np.empty(len(result.order), dtype=np.int64)
    places[result.order] = np.arange(len(result.order))
    return places
