"""Rows that were copied from a spreadsheet: from text to values, with what is wrong said row by row.

Pure functions: no queries, nothing is stored. Cells are separated by tabs, semicolons or commas; the
first row may name the columns, in any order.
"""

import csv
import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organisation

MOST_ROWS = 200
DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y")
MONTH_FORMATS = ("%m/%Y", "%m-%Y", "%Y-%m", "%Y/%m", "%b %Y", "%B %Y", "%b-%Y", "%b-%y")
WORDS_OF_COLUMNS = {
    "plan": ("plan", "mcp", "health plan", "medi-cal plan", "managed care plan"),
    "members": ("members", "count", "assigned members", "member count", "lives", "enrollment"),
    "as_of": ("date", "as of", "as-of date", "counted on", "as of date"),
    "name": ("name", "site", "site name", "clinic"),
    "street": ("street", "address", "street address", "address 1"),
    "city": ("city", "town"),
    "zip_code": ("zip", "zip code", "zipcode", "postal code"),
    "npi": ("npi", "site npi"),
}


@dataclass
class PastedRow:
    """One row: its number in the text, its cells as typed, what is wrong, and its values if nothing."""

    number: int
    cells: list[str]
    errors: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)


class UnreadableText(ValueError):
    """The text is no table; the message is a sentence for the person."""


def read_table(text: str, columns: Sequence[str]) -> list[PastedRow]:
    """Return the rows of `text` with one cell for each of `columns`, empty lines left out.

    Raises UnreadableText when there is nothing to read or more than 200 rows.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    try:
        table = list(
            csv.reader(lines.split("\n"), delimiter=_delimiter(lines), skipinitialspace=True)
        )
    except csv.Error as error:
        message = _("This can't be read as a table. Copy the cells in your spreadsheet again.")
        raise UnreadableText(message) from error
    numbered = [(number, row) for number, row in enumerate(table, 1) if any(c.strip() for c in row)]
    order = _header(numbered[0][1], columns) if numbered else None
    if order:
        numbered = numbered[1:]
    if not numbered:
        raise UnreadableText(_("There are no rows here. Paste the cells from your spreadsheet."))
    if len(numbered) > MOST_ROWS:
        message = _("These are %(n)d rows. Paste up to %(most)d at a time.")
        raise UnreadableText(message % {"n": len(numbered), "most": MOST_ROWS})
    return [_row(number, cells, order or list(columns), columns) for number, cells in numbered]


def read_date(text: str) -> date | None:
    """Return a day written as 2026-11-01, 11/1/2026, 11/1/26 or 1-Nov-2026; None for anything else."""
    for pattern in DATE_FORMATS:
        with suppress(ValueError):
            return datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a day
    return None


def read_month(text: str) -> date | None:
    """Return the last day of a month written as 11/2024, 2024-11, Nov 2024 or Nov-24; else None."""
    for pattern in MONTH_FORMATS:
        with suppress(ValueError):
            first = datetime.strptime(text.strip(), pattern).date()  # noqa: DTZ007 - a day
            return first.replace(day=monthrange(first.year, first.month)[1])
    return None


def plan_finder(plans: Sequence[Organisation]) -> Callable[[str], Organisation | None]:
    """Return a function that finds a plan by name, short name, initials or the start of its name.

    Capitals, points and spaces do not matter; a text that fits two plans finds none.
    """
    exact: dict[str, list[Organisation]] = {}
    for plan in plans:
        initials = "".join(word[0] for word in re.findall(r"\w+", plan.name))
        for word in {_plain(plan.name), _plain(plan.slug), _plain(initials)}:
            exact.setdefault(word, []).append(plan)

    def find(text: str) -> Organisation | None:
        wanted = _plain(text)
        if not wanted:
            return None
        found = exact.get(wanted) or [
            plan for plan in plans if len(wanted) > 2 and _plain(plan.name).startswith(wanted)
        ]
        return found[0] if len(found) == 1 else None

    return find


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


def _delimiter(text: str) -> str:
    return next((mark for mark in "\t;" if mark in text), ",")


def _header(cells: Sequence[str], columns: Sequence[str]) -> list[str] | None:
    """Return the columns that the first row names, in its order; None when it is a row of data."""
    known = {word: key for key in columns for word in WORDS_OF_COLUMNS[key]}
    named = [known.get(" ".join(cell.casefold().split()), "") for cell in cells]
    return named if sum(map(bool, named)) >= min(2, len(columns)) else None


def _row(
    number: int, cells: Sequence[str], order: Sequence[str], columns: Sequence[str]
) -> PastedRow:
    given: Mapping[str, str] = {
        name: cell.strip() for name, cell in zip(order, cells, strict=False) if name
    }
    row = PastedRow(number, [given.get(name, "") for name in columns])
    extra = [cell for cell in cells[len(order) :] if cell.strip()]
    if extra:
        row.errors.append(_("This row has more cells than there are columns."))
    return row
