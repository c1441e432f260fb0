"""Import HPI quartiles by ZIP code."""

from pathlib import Path

from programs.domain.reference import ReferenceFileError, import_hpi
from programs.management.base import PlainCommand


class Command(PlainCommand):
    """`import_hpi FILE.csv` with the columns zip,hpi_quartile,source,as_of."""

    help = "Store the HPI quartile of each ZIP code in a CSV file zip,hpi_quartile,source,as_of."

    def add_arguments(self, parser):
        """Declare the file."""
        parser.add_argument("file", type=Path, metavar="FILE.csv")

    def handle(self, *args, **options):
        """Store every row, or none when one is wrong."""
        try:
            done = import_hpi(options["file"])
        except ReferenceFileError as error:
            self.refuse(error.errors)
        self.stdout.write(f"{done.added} ZIP codes added, {done.updated} updated.")
