"""Member counts of the synthetic practices, drawn so that the selected ones cost what they should.

The cost of the 211 selected stays just within the published cohort's budget as the portal assumes it
($97,000,000), and lowering the threshold by one point breaks it. Pure: random numbers are given.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from math import exp, log
from random import Random
from statistics import NormalDist

from programs.payment import potential_payment
from programs.schema import Band
from selection.seeding.outcomes import SELECTED, Target

COST = Decimal(95_400_000)
TOLERANCE = Decimal(500_000)
FEWEST, MOST = 50, 60_000
USUAL = NormalDist(log(5200), 1.15)
JUST_BELOW = (9_001, 20_000)
TRIES = 5_000


def give_members(targets: Sequence[Target], bands: Sequence[Band], rng: Random) -> None:
    """Set `members` of every target: skewed counts from 50 to 60,000.

    Those one point below the line are large enough that letting them in exceeds the budget.
    """
    selected = [target for target in targets if target.selected]
    for target in targets:
        if target.below_line_by == 1:
            target.members = rng.randint(*JUST_BELOW)
        elif not target.selected:
            target.members = _count(_size(target, rng))
    counts = [_count((i + rng.random()) / len(selected)) for i in range(len(selected))]
    share = Decimal(len(selected)) / SELECTED
    _fit(counts, COST * share, TOLERANCE * share, lambda n: potential_payment(n, bands), rng)
    selected.sort(key=lambda target: _size(target, rng))
    for target, count in zip(selected, sorted(counts), strict=True):
        target.members = count


def split(total: int, parts: int, rng: Random) -> list[int]:
    """Divide `total` members over `parts` plans; the first, designated one gets the most."""
    if parts == 1 or total < 2 * parts:
        return [total]
    first = int(total * rng.uniform(0.5, 0.85))
    rest = total - first
    if parts == 2:
        return [first, rest]
    second = min(max(1, int(rest * rng.uniform(0.4, 0.8))), rest - 1)
    return [first, second, rest - second]


def _size(target: Target, rng: Random) -> float:
    """Return a random position (0 to 1) among all sizes: clinics and systems are larger."""
    large = {"fqhc", "large_system"} & set(target.types)
    return rng.random() ** (0.6 if large else 1.6)


def _count(position: float) -> int:
    """Return the count at `position` (0 to 1) of the distribution, to the next ten when large."""
    drawn = exp(USUAL.inv_cdf(min(max(position, 0.001), 0.999)))
    return max(FEWEST, min(round(drawn), MOST))


def _fit(
    counts: list[int],
    wanted: Decimal,
    tolerance: Decimal,
    cost: Callable[[int], Decimal],
    rng: Random,
) -> None:
    """Redraw counts one at a time until their cost in dollars is within `tolerance` of `wanted`."""
    total = sum(map(cost, counts), Decimal(0))
    for _ in range(TRIES + 20 * len(counts) if counts else 0):
        if abs(total - wanted) <= tolerance:
            return
        index, redrawn = rng.randrange(len(counts)), _count(rng.random())
        moved = total - cost(counts[index]) + cost(redrawn)
        if abs(moved - wanted) < abs(total - wanted):
            counts[index], total = redrawn, moved
