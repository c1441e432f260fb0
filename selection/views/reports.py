"""Reports of a decided cohort: on the page, as a spreadsheet for each table, and as one workbook."""

import csv
import io
from typing import Any

from django.http import Http404, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from applications.filetypes import XLSX
from applications.importing.columns import BYTE_ORDER_MARK, harmless
from core.views import HatView
from programs.choosing import choose_cycle, to_decide
from scoring.workbooks import put_text
from selection.engine import Rules
from selection.presenting import reports as presenting
from selection.presenting.records import SHORT
from selection.presenting.reports import Table
from selection.queries.reports import figures_of, report_record, standings

WIDTHS = {presenting.TEXT: 34, presenting.MONEY: 20}
FORMATS = {presenting.MONEY: '"$"#,##0.00', presenting.SHARE: "0.0", presenting.NUMBER: "#,##0"}


class ReportsView(HatView):
    """Every table of the cycle's last record."""

    permission_required = "selection.view_reports"
    template_name = "selection/reports/page.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_decide)

    @cached_property
    def record(self):
        """The last record of the cycle, or None before a release."""
        return report_record(self.cycle) if self.cycle else None

    @cached_property
    def tables(self) -> list[Table]:
        """The tables; none before a release."""
        if self.record is None:
            return []
        rules = Rules.from_json(self.record.proposal.rules)
        figures = figures_of(self.record.sha256)
        return presenting.tables(figures, standings(self.cycle), rules, self.cycle.localized)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the tables and the record that they sum up."""
        return super().get_context(
            cycle=self.cycle,
            record=self.record,
            sha=self.record.sha256[:SHORT] if self.record else "",
            tables=self.tables,
            **extra,
        )

    def file(self, content: bytes, name: str, media: str) -> HttpResponse:
        """Return a file to download."""
        response = HttpResponse(content, content_type=media)
        response.headers["Content-Disposition"] = (
            f'attachment; filename="{self.cycle.slug}-{self.record.sequence}-{name}"'
        )
        response.headers["Cache-Control"] = "private, no-store"
        return response


class ReportCsvView(ReportsView):
    """One table as CSV."""

    def get(self, request, *args, **kwargs):
        """Send the file. Raises Http404 for an unknown table and before a release."""
        found = next((one for one in self.tables if one.key == kwargs["table"]), None)
        if found is None:
            raise Http404
        out = io.StringIO(BYTE_ORDER_MARK, newline="")
        out.seek(0, io.SEEK_END)
        writer = csv.writer(out)
        writer.writerow([column.label for column in found.columns])
        for row in (*found.rows, found.total):
            writer.writerow(["" if cell is None else harmless(cell) for cell in row])
        return self.file(out.getvalue().encode(), f"{found.key}.csv", "text/csv; charset=utf-8")


class ReportXlsxView(ReportsView):
    """Every table as a sheet of one workbook."""

    def get(self, request, *args, **kwargs):
        """Send the file. Raises Http404 before a release."""
        if not self.tables:
            raise Http404
        book = Workbook()
        book.remove(book.active)
        for table in self.tables:
            _sheet(book, table)
        out = io.BytesIO()
        book.save(out)
        return self.file(out.getvalue(), "report.xlsx", XLSX.media)


def _sheet(book: Workbook, table: Table) -> None:
    sheet = book.create_sheet(_plain(table.title))
    sheet.freeze_panes = "A2"
    for number, column in enumerate(table.columns, start=1):
        letter = get_column_letter(number)
        sheet.column_dimensions[letter].width = WIDTHS.get(column.kind, 16)
        put_text(sheet.cell(1, number), column.label).font = Font(bold=True)
    for place, row in enumerate((*table.rows, table.total), start=2):
        is_total = place == len(table.rows) + 2
        for number, (column, value) in enumerate(zip(table.columns, row, strict=True), start=1):
            cell = sheet.cell(place, number)
            if isinstance(value, str):
                put_text(cell, value)
            elif value is not None:
                cell.value = value
                cell.number_format = FORMATS[column.kind]
            cell.font = Font(bold=is_total)


def _plain(title: str) -> str:
    """Return a title as the name of a sheet: at most 31 characters, none that a spreadsheet refuses."""
    return "".join(char for char in title if char not in r"[]:*?/\\")[:31] or _("Table")
