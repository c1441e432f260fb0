"""Geometry of the picture of payment by members: numbers only, drawn by a template.

Positions are percent of the picture's width and height as text with a point, so that the picture
fits any width while its words keep their size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from programs.payment import potential_payment
from programs.schema import Band

LEFT, RIGHT, TOP, BOTTOM = 22, 99, 4, 90
SMALL_UP_TO = 10_000
MEMBER_TICKS = (2_500, 5_000, 7_500, 10_000)
MEMBER_TICKS_LARGE = (40_000, 80_000, 138_000)


@dataclass(frozen=True)
class Line:
    """The straight piece of the curve inside one band; `drop_y` is where the next one starts."""

    code: str
    x1: str
    y1: str
    x2: str
    y2: str
    drop_y: str


@dataclass(frozen=True)
class Tick:
    """A mark on an axis: where it is (percent) and its value in members or dollars."""

    at: str
    value: int


@dataclass(frozen=True)
class Mark:
    """One point of the curve; `left` says that its words belong on its left side."""

    x: str
    y: str
    members: int
    amount: Decimal
    left: bool


@dataclass(frozen=True)
class Panel:
    """One part of the picture, both axes starting at zero.

    `members_from` and `members_to` are what it shows; `cliff` are two neighbouring member counts
    of which the larger pays less (None when there is none).
    """

    members_from: int
    members_to: int
    lines: tuple[Line, ...]
    member_ticks: tuple[Tick, ...]
    dollar_ticks: tuple[Tick, ...]
    mark: Mark | None
    cliff: tuple[Mark, Mark] | None


@dataclass(frozen=True)
class Scale:
    """From members and dollars to percent of the picture."""

    most_members: int
    most_dollars: Decimal

    def x(self, members: int) -> str:
        """Percent from the left."""
        return f"{LEFT + (RIGHT - LEFT) * members / self.most_members:.2f}%"

    def y(self, dollars: Decimal | int) -> str:
        """Percent from the top."""
        return f"{BOTTOM - (BOTTOM - TOP) * float(dollars / self.most_dollars):.2f}%"

    def mark(self, members: int, bands: Sequence[Band]) -> Mark:
        """The point of the curve at this member count."""
        amount = potential_payment(members, bands)
        left = members > self.most_members / 2
        return Mark(self.x(members), self.y(amount), members, amount, left)


def payment_panels(bands: Sequence[Band], members: int | None = None) -> list[Panel]:
    """Two panels: practices up to 10,000 members, and larger ones; `members` is marked."""
    small = [band for band in bands if band.members_to <= SMALL_UP_TO]
    large = [band for band in bands if band.members_to > SMALL_UP_TO]
    ticks = (MEMBER_TICKS, MEMBER_TICKS_LARGE)
    steps = (100_000, 1_000_000)
    return [
        _panel(shown, bands, members, member_ticks, step)
        for shown, member_ticks, step in zip((small, large), ticks, steps, strict=True)
        if shown
    ]


def _panel(
    shown: Sequence[Band],
    bands: Sequence[Band],
    members: int | None,
    member_ticks: Sequence[int],
    step: int,
) -> Panel:
    first, last = shown[0].members_from, shown[-1].members_to
    most = max(band.members_to * band.amount for band in shown)
    scale = Scale(last, most)
    following = [*shown[1:], shown[-1]]
    inside = members is not None and first <= members <= last
    return Panel(
        members_from=first,
        members_to=last,
        lines=tuple(_line(*pair, scale) for pair in zip(shown, following, strict=True)),
        member_ticks=tuple(Tick(scale.x(m), m) for m in member_ticks if m <= last),
        dollar_ticks=tuple(Tick(scale.y(d), d) for d in range(0, int(most) + 1, step)),
        mark=scale.mark(members, bands) if inside and members is not None else None,
        cliff=_first_cliff(shown, bands, scale),
    )


def _line(band: Band, following: Band, scale: Scale) -> Line:
    end = scale.y(band.members_to * band.amount)
    start_of_next = scale.y(following.members_from * following.amount)
    return Line(
        code=band.code,
        x1=scale.x(band.members_from),
        y1=scale.y(band.members_from * band.amount),
        x2=scale.x(band.members_to),
        y2=end,
        drop_y=end if following is band else start_of_next,
    )


def _first_cliff(
    shown: Sequence[Band], bands: Sequence[Band], scale: Scale
) -> tuple[Mark, Mark] | None:
    for band in shown[:-1]:
        before = scale.mark(band.members_to, bands)
        after = scale.mark(band.members_to + 1, bands)
        if after.amount < before.amount:
            return before, after
    return None
