"""The file of an assignment by CSV: its two columns, and its rows. Knows no database."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.csvfiles import FileProblem, decode, lines

REFERENCE, REVIEWER = "reference", "reviewer_email"
COLUMNS = (REFERENCE, "practice", "county", REVIEWER)  # of the template; any others are passed over
MOST_BYTES = 1024 * 1024
MOST_ROWS = 2500
SHOWN = 60


@dataclass(frozen=True)
class Row:
    """One row: the line it begins on (the header is line 1), an application and a reviewer's email.

    `fault` says why the row can't be read; then the others are empty.
    """

    line: int
    reference: str = ""
    email: str = ""
    fault: str = ""


def text_of(data: bytes) -> str:
    """Return the text of an uploaded file of 1 MB at most. Raises FileProblem."""
    return decode(data, most=MOST_BYTES)


def rows_of(text: str) -> tuple[list[Row], int]:
    """Return the rows that name a reviewer or can't be read, and how many name none.

    Raises FileProblem when a column is missing or named twice, or there are more than 2,500 rows.
    """
    (_line, header), *rest = lines(text)
    names = [name.lower() for name in header]
    places = {}
    for name in (REFERENCE, REVIEWER):
        if names.count(name) != 1:
            message = _("The first line needs the column “%(name)s” once. Start from the template.")
            raise FileProblem(message % {"name": name})
        places[name] = names.index(name)
    if not rest:
        raise FileProblem(_("The file has a header and no rows."))
    if len(rest) > MOST_ROWS:
        message = _("The file has %(n)s rows; the limit is %(most)s. Split it into smaller files.")
        raise FileProblem(message % {"n": f"{len(rest):,}", "most": f"{MOST_ROWS:,}"})
    rows = [_row(line, cells, places, len(header)) for line, cells in rest]
    named = [row for row in rows if row.fault or row.email]
    return named, len(rows) - len(named)


def _row(line: int, cells: list[str], places: dict[str, int], width: int) -> Row:
    if len(cells) != width:
        fault = _("This row has %(n)d cells; the header has %(all)d.")
        return Row(line, fault=fault % {"n": len(cells), "all": width})
    reference, email = cells[places[REFERENCE]], cells[places[REVIEWER]]
    if len(reference) > SHOWN or len(email) > 254:
        return Row(line, fault=_("A cell is too long for a reference or an email address."))
    return Row(line, reference, email)
