"""Days as a Chinese reader writes them; numbers and typed dates as in California."""

from core.formats.california import *  # noqa: F403 - the names are in its __all__

DATE_FORMAT = "Y年n月j日"
