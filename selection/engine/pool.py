"""The applications to choose from, as columns of numbers: made once, judged many times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np

from programs.priority import Facts

NOT_RATED = 5  # sorts after quartile 4
ATTRIBUTES = ("population", "practice_type", "tribal", "hpi_quartile", "county", "mcp")


@dataclass(frozen=True)
class Candidate:
    """One application as the selection sees it. `payment` is the potential payment in dollars."""

    pk: int
    reference: str
    practice: str
    facts: Facts
    mcp_score: int
    recommended: bool
    payment: Decimal | None


@dataclass(frozen=True)
class Pool:
    """Candidates in the order of their references, and what is counted about them as arrays.

    `scores` are points, `cents` the potential payment in cents with 0 where none is known (`unknown`),
    `members` counts assigned Medi-Cal members.
    """

    candidates: tuple[Candidate, ...] = field(repr=False)
    scores: np.ndarray = field(compare=False, repr=False)
    cents: np.ndarray = field(compare=False, repr=False)
    unknown: np.ndarray = field(compare=False, repr=False)
    members: np.ndarray = field(compare=False, repr=False)
    quartiles: np.ndarray = field(compare=False, repr=False)
    tribal: np.ndarray = field(compare=False, repr=False)
    recommended: np.ndarray = field(compare=False, repr=False)

    @classmethod
    def of(cls, candidates: Sequence[Candidate]) -> "Pool":
        """Return the pool of `candidates`, in whatever order they come."""
        rows = tuple(sorted(candidates, key=lambda row: row.reference))
        facts = [row.facts for row in rows]
        payments = [row.payment for row in rows]
        return cls(
            candidates=rows,
            scores=np.array([row.mcp_score for row in rows], dtype=np.int64),
            cents=np.array([int((p or 0) * 100) for p in payments], dtype=np.int64),
            unknown=np.array([p is None for p in payments], dtype=bool),
            members=np.array([f.members for f in facts], dtype=np.int64),
            quartiles=np.array([f.hpi_quartile or NOT_RATED for f in facts], dtype=np.int64),
            tribal=np.array([f.tribal for f in facts], dtype=bool),
            recommended=np.array([row.recommended for row in rows], dtype=bool),
        )

    def __len__(self) -> int:
        return len(self.candidates)

    @cached_property
    def _with_value(self) -> Mapping[tuple[str, str], np.ndarray]:
        found: dict[tuple[str, str], list[int]] = {}
        for index, row in enumerate(self.candidates):
            for attribute in ATTRIBUTES:
                for value in row.facts.values_of(attribute):
                    found.setdefault((attribute, value), []).append(index)
        return {key: self._mask(indices) for key, indices in found.items()}

    def having(self, attribute: str, value: str) -> np.ndarray:
        """Return for each candidate whether `attribute` has `value`."""
        return self._with_value.get((attribute, value), np.zeros(len(self), dtype=bool))

    def values_of(self, attribute: str) -> list[str]:
        """Return the values of `attribute` that occur, in alphabetical order."""
        return sorted(value for name, value in self._with_value if name == attribute)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where each reference stands."""
        return {row.reference: index for index, row in enumerate(self.candidates)}

    def _mask(self, indices: Sequence[int]) -> np.ndarray:
        mask = np.zeros(len(self), dtype=bool)
        mask[indices] = True
        return mask
