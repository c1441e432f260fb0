"""What the commands of this app share: one line for a wrong argument, plain lines for faults."""

import argparse
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.times import PACIFIC


def _no_usage(file=None) -> None:
    """Leave the usage text to --help."""


class PlainCommand(BaseCommand):
    """A command whose errors are sentences on stderr: exit 2 for usage, 1 for a broken file."""

    requires_migrations_checks = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs) -> CommandParser:
        """Make a parser that answers a wrong argument with one line."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.print_usage = _no_usage  # type: ignore[method-assign]
        return parser

    def refuse(self, errors: Iterable[str]) -> NoReturn:
        """Print every fault on its own line and stop with exit status 1."""
        for error in errors:
            self.stderr.write(error)
        raise CommandError("Nothing was stored.", returncode=1)


def pacific_time(text: str) -> datetime:
    """Read a time such as `2023-10-23T17:00` as Pacific; raises ArgumentTypeError."""
    try:
        naive = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is not a time like 2023-10-23T17:00") from None
    if naive.tzinfo is not None:
        raise argparse.ArgumentTypeError(f"{text} names a time zone; write Pacific time")
    return naive.replace(tzinfo=PACIFIC)


def dollars(text: str) -> Decimal:
    """Read an amount such as `97000000` or `97,000,000.00`; raises ArgumentTypeError."""
    try:
        amount = Decimal(text.replace(",", "").removeprefix("$"))
    except InvalidOperation:
        raise argparse.ArgumentTypeError(f"{text} is not an amount in dollars") from None
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"{text} is not an amount in dollars")
    return amount
