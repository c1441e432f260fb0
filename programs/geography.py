"""California ZIP codes and their counties, offline, from the `zipcodes` package."""

from functools import cache

import zipcodes

STATE = "CA"
SUFFIX = " County"


@cache
def _counties() -> dict[str, str]:
    """ZIP code → county name without “County”; empty when the package does not know it."""
    return {
        row["zip_code"]: row["county"].removesuffix(SUFFIX)
        for row in zipcodes.filter_by(state=STATE)
    }


@cache
def california_zips() -> tuple[str, ...]:
    """Every California ZIP code (5 digits), in ascending order."""
    return tuple(sorted(_counties()))


def is_california_zip(zip_code: str) -> bool:
    """Whether this is a known California ZIP code of 5 digits."""
    return zip_code in _counties()


def county_of_zip(zip_code: str) -> str:
    """County name such as `Los Angeles`; empty when unknown or not in California."""
    return _counties().get(zip_code, "")


@cache
def counties() -> tuple[str, ...]:
    """The names of the 58 counties, in alphabetical order."""
    return tuple(sorted({county for county in _counties().values() if county}))
