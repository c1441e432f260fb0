"""The interval of a share that was counted: how far chance alone could move it."""

from math import sqrt

NINETY_FIVE = 1.959963984540054  # the 97.5 % point of the normal distribution


def wilson(part: int, whole: int) -> tuple[float, float]:
    """Return the 95 % score interval of `part` of `whole`, from 0 to 1; all of it when nothing was counted.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22, 1927, pages 209-212. It holds near 0 and 1 and for small counts.
    """
    if not whole:
        return 0.0, 1.0
    share, squared = part / whole, NINETY_FIVE**2
    middle = share + squared / (2 * whole)
    spread = NINETY_FIVE * sqrt(share * (1 - share) / whole + squared / (4 * whole**2))
    below = 1 + squared / whole
    low = (middle - spread) / below if part else 0.0
    high = (middle + spread) / below if part < whole else 1.0
    return low, high
