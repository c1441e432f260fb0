"""From the bytes of a CSV file to its lines of cells, however a spreadsheet saved it."""

import csv
import io

from django.utils.translation import gettext as _

from core.exceptions import DomainError

LONGEST_CELL = 5 * 1024 * 1024  # a long cell is refused by its row, not by the whole file
WORKBOOK = b"PK\x03\x04"
Line = tuple[int, list[str]]


class FileProblem(DomainError):
    """A file that can't be read at all; the sentence says why and what helps."""


def decode(data: bytes, *, most: int) -> str:
    """Return the text of a file in UTF-8, else in Windows-1252, without a byte order mark.

    Raises FileProblem when it has more than `most` bytes, is empty, a workbook, or no text.
    """
    if len(data) > most:
        message = _("The file is larger than %(most)s MB. Split it into smaller files.")
        raise FileProblem(message % {"most": most // 1024 // 1024})
    if data.startswith(WORKBOOK):
        raise FileProblem(_("This is a workbook. Save it as “CSV UTF-8” and use that file."))
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileProblem(_("This is no text file. Save it as “CSV UTF-8”."))


def lines(text: str) -> list[Line]:
    """Return (first line, cells) of every row that is not blank; cells are trimmed.

    Commas and semicolons both work. Raises FileProblem for null characters, quotes that never end,
    or nothing at all.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        message = _("Line %(line)d holds bytes that are no text. Save the file as “CSV UTF-8”.")
        raise FileProblem(message % {"line": line})
    first = text.lstrip().partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found: list[Line] = []
    start = 1
    try:
        for cells in reader:
            trimmed = [cell.strip() for cell in cells]
            if any(trimmed):
                found.append((start, trimmed))
            start = reader.line_num + 1
    except csv.Error as error:
        message = _("Line %(line)d can't be read as CSV. Save the file as “CSV UTF-8”.")
        raise FileProblem(message % {"line": reader.line_num}) from error
    if not found:
        raise FileProblem(_("The file is empty."))
    return found
