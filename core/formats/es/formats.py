"""Days as a Spanish reader writes them; numbers and typed dates as in California."""

from core.formats.california import *  # noqa: F403 - the names are in its __all__

DATE_FORMAT = r"j \d\e F \d\e Y"
