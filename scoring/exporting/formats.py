"""The three formats of an export: CSV and JSON piece by piece, XLSX as a file.

CSV follows RFC 4180 with a byte order mark, so that Excel reads it as UTF-8. A text that a spreadsheet
would run as a formula gets an apostrophe in CSV and stays a marked string in XLSX; JSON has it as it is.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from applications.filetypes import XLSX
from applications.importing.columns import BYTE_ORDER_MARK, harmless
from scoring.enums import ExportFormat
from scoring.exporting.records import COLUMNS, Record
from scoring.workbooks import put_text

MEDIA = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: XLSX.media,
    ExportFormat.JSON: "application/json; charset=utf-8",
}
ROWS_AT_ONCE = 200
WIDTHS = (16, 34, 26, 22, 8, 14, 16, 8, 22, 27, 10, 34, 8, 11, 60, 14, 16)


def pieces_of(kind: str, rows: Iterable[Record]) -> Iterator[bytes]:
    """Yield an export in `kind` piece by piece; an XLSX comes as one piece, since it is a ZIP."""
    writers = {
        ExportFormat.CSV: _csv,
        ExportFormat.JSON: _json,
        ExportFormat.XLSX: _xlsx,
    }
    return writers[ExportFormat(kind)](rows)


def _csv(rows: Iterable[Record]) -> Iterator[bytes]:
    out = io.StringIO(BYTE_ORDER_MARK)
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for number, row in enumerate(rows, start=1):
        writer.writerow([harmless(row[name]) for name in COLUMNS])
        if number % ROWS_AT_ONCE == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def _json(rows: Iterable[Record]) -> Iterator[bytes]:
    lead = "[\n"
    for row in rows:
        yield (lead + json.dumps(row, ensure_ascii=False)).encode()
        lead = ",\n"
    yield b"[]\n" if lead == "[\n" else b"\n]\n"


def _xlsx(rows: Iterable[Record]) -> Iterator[bytes]:
    book = Workbook(write_only=True)
    tab = book.create_sheet("Scores")
    for number, width in enumerate(WIDTHS, start=1):
        tab.column_dimensions[get_column_letter(number)].width = width
    tab.freeze_panes = "A2"
    heads = [WriteOnlyCell(tab, name) for name in COLUMNS]
    for head in heads:
        head.font = Font(bold=True)
    tab.append(heads)
    for row in rows:
        tab.append([_cell(tab, row[name]) for name in COLUMNS])
    out = io.BytesIO()
    book.save(out)
    yield out.getvalue()


def _cell(tab: Any, value: Any) -> Any:
    return put_text(WriteOnlyCell(tab), value) if isinstance(value, str) else value
