"""From the bytes of a file to rows by column. Says what is wrong with the file as a whole."""

import csv
import io
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.importing.columns import is_site_column, needed
from core.exceptions import DomainError
from programs.schema import ProgramDefinition

MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 2_000
MOST_ROWS_OF_A_PAGE = 500
SHOWN = 60
WORKBOOK = b"PK\x03\x04"
csv.field_size_limit(MOST_BYTES)  # a long cell is refused by its row, not by the whole file


class FileProblem(DomainError):
    """A file that can't be read at all; the sentence says why and what helps."""


@dataclass(frozen=True)
class Row:
    """One row: the line it begins on (the header is line 1), and its cells by column.

    `fault` says why the cells could not be told apart; then there are none.
    """

    line: int
    cells: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, and what the person should know about how it was read."""

    rows: list[Row]
    notes: list[str] = field(default_factory=list)


def read(data: bytes, definition: ProgramDefinition, *, most: int = MOST_ROWS) -> Sheet:
    """Return the rows of a CSV file in UTF-8 (else Windows-1252), separated by commas or semicolons.

    Raises FileProblem when it is no such file, has more than `most` rows, is too large, or lacks columns.
    """
    text, notes = _decode(data)
    lines = _lines(text)
    columns = [name.strip().lower() for name in lines[0][1]]
    _check_header(columns, definition)
    rows = [_row(line, cells, columns) for line, cells in lines[1:]]
    if not rows:
        raise FileProblem(_("The file has a header and no rows."))
    if len(rows) > most:
        message = _("The file has %(n)s rows; the limit is %(most)s. Split it into smaller files.")
        raise FileProblem(message % {"n": f"{len(rows):,}", "most": f"{most:,}"})
    return Sheet(rows, notes)


def _decode(data: bytes) -> tuple[str, list[str]]:
    if len(data) > MOST_BYTES:
        message = _("The file is larger than %(most)s MB. Split it into smaller files.")
        raise FileProblem(message % {"most": MOST_BYTES // 1024 // 1024})
    if not data.strip():
        raise FileProblem(_("The file is empty."))
    if data.startswith(WORKBOOK):
        raise FileProblem(_("This is a workbook. Save it as “CSV UTF-8” and use that file."))
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        message = _("Line %(line)d holds bytes that are no text. Save the file as “CSV UTF-8”.")
        raise FileProblem(message % {"line": line})
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        raise FileProblem(_("This is no text file. Save it as “CSV UTF-8”.")) from None
    note = _("The file is not UTF-8, so it was read as Windows-1252. Look at accents in the names.")
    return text, [note]


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return (first line, cells) of every row that is not blank; the first one is the header."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found, start = [], 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        message = _("Line %(line)d can't be read as CSV. Save the file as “CSV UTF-8”.")
        raise FileProblem(message % {"line": reader.line_num}) from error
    if not found:
        raise FileProblem(_("The file is empty."))
    return found


def _check_header(columns: list[str], definition: ProgramDefinition) -> None:
    expected = needed(definition)
    missing = [name for name in expected if name not in columns]
    if missing:
        message = _("The first line lacks these columns: %(names)s. Start from the template.")
        raise FileProblem(message % {"names": _named(missing)})
    known = set(expected)
    unknown = [name for name in columns if name not in known and not is_site_column(name)]
    if unknown:
        message = _("The first line has columns that are not known: %(names)s.")
        raise FileProblem(message % {"names": _named(unknown)})
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        message = _("The first line has these columns twice: %(names)s.")
        raise FileProblem(message % {"names": _named(twice)})


def _named(names: list[str]) -> str:
    """Return the first names, each cut to a length that can be read."""
    shown = ", ".join(name[:SHOWN] or _("(no name)") for name in names[:8])
    rest = len(names) - 8
    if rest < 1:
        return shown
    return shown + " " + ngettext("and %(n)d more", "and %(n)d more", rest) % {"n": rest}


def _row(line: int, cells: list[str], columns: list[str]) -> Row:
    if len(cells) != len(columns):
        fault = _("This row has %(n)d cells; the header has %(all)d.")
        return Row(line, fault=fault % {"n": len(cells), "all": len(columns)})
    return Row(line, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
