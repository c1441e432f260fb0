"""A synthetic stand-in for the Healthy Places Index, so that a demo and tests have quartiles.

The real index may not be shipped with the portal. `programs/data/hpi_sample.csv` is written by
`python -m programs.sample_hpi`; import the real one with `manage.py import_hpi FILE.csv`.
"""

import csv
import hashlib
import sys
from collections.abc import Iterator
from typing import TextIO

from programs.geography import california_zips

SOURCE = "SYNTHETIC SAMPLE – not HPI"
AS_OF = "2023-01-01"
HEADER = ("zip", "hpi_quartile", "source", "as_of")
NOT_RATED_PERCENT = 6


def sample_quartile(zip_code: str) -> int | None:
    """A quartile 1 to 4 that depends on nothing but the ZIP code; None for about 6 in 100."""
    digest = hashlib.sha256(f"hpi-sample:{zip_code}".encode()).digest()
    if digest[0] * 100 < NOT_RATED_PERCENT * 256:
        return None
    return digest[1] % 4 + 1


def sample_rows() -> Iterator[tuple[str, str, str, str]]:
    """The rows of the sample file, without its header; ZIP codes not rated are left out."""
    for zip_code in california_zips():
        quartile = sample_quartile(zip_code)
        if quartile is not None:
            yield zip_code, str(quartile), SOURCE, AS_OF


def write(stream: TextIO) -> None:
    """Write the sample as CSV."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(sample_rows())


if __name__ == "__main__":
    write(sys.stdout)
