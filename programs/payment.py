"""What a practice can earn: pure decimal arithmetic, no database.

Source: DHCS's published table of dollars per member. The whole member count is multiplied once
by the amount of the one band it falls in; the result is the total for the program, not per year.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from core.exceptions import DomainError
from programs.schema import Band

CENT = Decimal("0.01")
MILESTONE_COUNTS = (23, 25)


class PaymentError(DomainError):
    """A count for which no payment can be worked out; the sentence says why."""


def band_for(members: int, bands: Sequence[Band]) -> Band:
    """The band this member count falls in.

    Raises `PaymentError` for a count below 1 or above the last band.
    """
    last = bands[-1].members_to
    if members < bands[0].members_from:
        raise PaymentError(
            _("The number of members has to be 1 or more. You gave %(members)s.")
            % {"members": f"{members:,}"}
        )
    if members > last:
        raise PaymentError(
            _(
                "The payment table ends at %(last)s members. For %(members)s members, "
                "ask DHCS what applies."
            )
            % {"last": f"{last:,}", "members": f"{members:,}"}
        )
    return next(band for band in bands if members <= band.members_to)


def potential_payment(members: int, bands: Sequence[Band]) -> Decimal:
    """The most a practice can earn over the whole program, in dollars and cents.

    Raises `PaymentError` as `band_for` does.
    """
    return (members * band_for(members, bands).amount).quantize(CENT)


def per_milestone(
    members: int,
    count: int,
    bands: Sequence[Band],
    counts: Sequence[int] = MILESTONE_COUNTS,
) -> Decimal:
    """Dollars for each milestone, rounded half up to the cent.

    Raises `PaymentError` for a member count outside the table or a milestone count not in
    `counts`.
    """
    return milestone_schedule(potential_payment(members, bands), count, counts)[0]


def milestone_schedule(
    total: Decimal, count: int, counts: Sequence[int] = MILESTONE_COUNTS
) -> list[Decimal]:
    """Split a total over its milestones so that the parts add up exactly.

    Each part is the total divided by `count`, half up to the cent; the last takes the remainder.
    Raises `PaymentError` when `count` is not in `counts` or the total is too small to divide.
    """
    if count not in counts:
        raise PaymentError(
            _("A practice has %(counts)s milestones, not %(count)s.")
            % {"counts": _(" or ").join(str(c) for c in counts), "count": count}
        )
    part = (total / count).quantize(CENT, rounding=ROUND_HALF_UP)
    last = total - part * (count - 1)
    if total <= 0 or last < 0:
        raise PaymentError(_("The total is too small to divide over the milestones."))
    return [part] * (count - 1) + [last]
