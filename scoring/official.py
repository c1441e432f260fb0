"""From sheets to the official MCP score: what differs too much, and how several sheets are one.

Numbers and codes only, no database. A difference is over a limit when it is greater than the limit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scoring.rubric import official_score, spread

Points = Mapping[str, int]
Way = Literal["mean_half_up", "lowest", "highest"]
NAMES: dict[Way, str] = {"mean_half_up": "mean", "lowest": "lowest", "highest": "highest"}
COMBINE: dict[Way, Callable[[Sequence[int]], int]] = {
    "mean_half_up": official_score,
    "lowest": min,
    "highest": max,
}
ONE_SHEET, THIRD_READER, CONSENSUS = "one_sheet", "third_reader", "consensus"


@dataclass(frozen=True)
class Difference:
    """What lies between sheets: points between the highest and the lowest total, and by criterion.

    `apart` holds the points between the sheets of every criterion on which they do not agree; `over`
    the codes over the limit of one criterion; `is_over` tells whether a limit is passed at all.
    """

    spread: int
    apart: Mapping[str, int]
    over: tuple[str, ...]
    is_over: bool


@dataclass(frozen=True)
class Official:
    """An official score in points, and the basis that is stored with it."""

    score: int
    basis: str


def difference(
    sheets: Sequence[Points], *, codes: Sequence[str], limit_total: int, limit_criterion: int
) -> Difference:
    """Compare submitted sheets (points by criterion code); fewer than two never differ.

    `codes` are the criteria in the rubric's order; the limits are in points.
    """
    between = spread([sum(sheet.values()) for sheet in sheets])
    apart = {code: spread([sheet.get(code, 0) for sheet in sheets]) for code in codes}
    apart = {code: points for code, points in apart.items() if points}
    over = tuple(code for code, points in apart.items() if points > limit_criterion)
    return Difference(between, apart, over, bool(over) or between > limit_total)


def consensus_total(sheet: Points, agreed: Points) -> int:
    """Return the total of `sheet` with the `agreed` points in place of its own, in points.

    Criteria on which all sheets agree are taken over from any of them.
    """
    return sum((dict(sheet) | dict(agreed)).values())


def from_sheets(totals: Sequence[int], way: Way) -> Official:
    """Return the official score of sheets within the limits, in the program's `way`.

    One sheet is the score whatever the way. Raises ValueError when there is no total.
    """
    if len(totals) == 1:
        return Official(totals[0], ONE_SHEET)
    return Official(COMBINE[way](totals), f"{NAMES[way]}_of_{len(totals)}")
