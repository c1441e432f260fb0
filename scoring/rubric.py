"""Arithmetic of the rubric: totals, spread, the official score. Numbers only, no database.

A score that was not given is None, never a number that stands for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from programs.schema import Rubric


def total_of(points: Mapping[str, int | None]) -> int:
    """Return the sum of the points given so far (0 to the rubric's total)."""
    return sum(value for value in points.values() if value is not None)


def not_given(points: Mapping[str, int | None], rubric: Rubric) -> list[str]:
    """Return the codes of the criteria without points, in the rubric's order."""
    codes = [criterion.code for section in rubric.sections for criterion in section.criteria]
    return [code for code in codes if points.get(code) is None]


def without_comment(
    points: Mapping[str, int | None], comments: Mapping[str, str], required_at: Iterable[int]
) -> list[str]:
    """Return the codes whose points need a comment (`required_at`) and have none."""
    needed = set(required_at)
    return [
        code
        for code, value in points.items()
        if value in needed and not comments.get(code, "").strip()
    ]


def official_score(totals: Sequence[int]) -> int:
    """Return the MCP score: the one total, or the mean of several rounded half up, in points.

    Raises ValueError when there is no total.
    """
    if not totals:
        raise ValueError("an official score needs at least one total")
    mean = Decimal(sum(totals)) / len(totals)
    return int(mean.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def spread(totals: Sequence[int]) -> int:
    """Return the distance between the highest and the lowest total, 0 for fewer than two."""
    return max(totals) - min(totals) if totals else 0
