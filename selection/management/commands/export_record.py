"""`manage.py export_record CYCLE`: write a decision record as it was sealed, byte for byte."""

from pathlib import Path

from django.core.management.base import CommandError

from programs.management.base import PlainCommand
from selection.models import DecisionRecord


class Command(PlainCommand):
    """Writes the last record of a cycle, or one of its chain, full or as the public reads it."""

    help = "Write a decision record of a cycle to a file or to standard output."

    def add_arguments(self, parser):
        """Declare cycle, file, public copy, and which record of the chain."""
        parser.add_argument("cycle", metavar="CYCLE", help="slug of the cycle")
        parser.add_argument(
            "--output", metavar="F", help="file to write (default: standard output)"
        )
        parser.add_argument("--public", action="store_true", help="the public copy, redacted")
        parser.add_argument("--sequence", type=int, metavar="N", help="number in the chain, from 1")

    def handle(self, *args, **options):
        """Write the text and end it with a line break."""
        records = DecisionRecord.objects.filter(cycle__slug=options["cycle"])
        if options["sequence"] is not None:
            records = records.filter(sequence=options["sequence"])
        field = "public" if options["public"] else "document"
        text = records.order_by("sequence").values_list(field, flat=True).last()
        if text is None:
            raise CommandError(f"There is no such record of {options['cycle']}.", returncode=1)
        if options["output"] is None:
            self.stdout.write(text)
            return
        try:
            Path(options["output"]).write_text(text + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"Can't write the file: {error}", returncode=1) from None
