"""Numbers and typed dates as everybody in California writes them."""

from django.conf.locale.en.formats import (
    DATE_INPUT_FORMATS,
    DECIMAL_SEPARATOR,
    FIRST_DAY_OF_WEEK,
    NUMBER_GROUPING,
    THOUSAND_SEPARATOR,
)

__all__ = [
    "DATE_FORMAT",
    "DATE_INPUT_FORMATS",
    "DECIMAL_SEPARATOR",
    "FIRST_DAY_OF_WEEK",
    "NUMBER_GROUPING",
    "THOUSAND_SEPARATOR",
]
DATE_FORMAT = r"j \d\e F \d\e Y"
