"""Filling in the form of offline scoring as a person with a spreadsheet does."""

import io

from openpyxl import load_workbook

from scoring.offline import form
from scoring.offline.writing import workbook_for
from scoring.queries.offline import sheets_to_fill


def form_of(*sheets):
    """Return the workbook of these sheets, read as their reviewer, opened for writing."""
    hat = sheets[0].assignment.reviewer
    found = list(sheets_to_fill(hat).filter(pk__in=[sheet.pk for sheet in sheets]))
    return load_workbook(io.BytesIO(workbook_for(found, hat=hat)))


def row_of(tab, code):
    """Return the number of the row that holds a criterion."""
    return next(cell.row for cell in tab["A"] if cell.row > form.HEADER_ROW and cell.value == code)


def cell_of(tab, kind, code):
    """Return the cell of one value."""
    return tab.cell(row_of(tab, code), form.COLUMN_OF[kind])


def type_in(book, sheet, code, **values):
    """Write values by kind into the sheet's tab: numbers as numbers, text as text."""
    tab = book[sheet.assignment.application.reference]
    for kind, value in values.items():
        cell = cell_of(tab, kind, code)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"


def bytes_of(book):
    """Return the workbook as its file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
