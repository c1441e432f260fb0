"""Writing the workbook of offline scoring: how to use it, then a tab for each application."""

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import Membership
from applications.reading import Block, read_document
from core.times import long
from programs.schema import Criterion
from scoring.models import ScoreSheet
from scoring.offline import form
from scoring.queries.offline import SheetValues, last_contents, values_of
from scoring.workbooks import plain, put_text

WIDTHS = {1: 11, 2: 38, 3: 62, 4: 9, 5: 46, 6: 36}  # characters, by column
LINE, TALLEST = 15.0, 405.0  # points
PIECE = 1_400  # characters of an answer that one row of the tallest height can show
DARK, PALE, FILL_IN = "0B5C63", "EEF2F2", "FFFBE6"
EDGE = Border(bottom=Side(style="thin", color="D2DCDD"))
TOP = Alignment(wrap_text=True, vertical="top")


def workbook_for(sheets: Sequence[ScoreSheet], *, hat: Membership) -> bytes:
    """Return the workbook for `sheets` (at most 50) as bytes, in the language that is active (4 queries).

    Only points, comments and private notes can be written in; everything else is locked, without a
    password. Raises ValueError for more sheets than a workbook takes.
    """
    if len(sheets) > form.MOST_TABS:
        raise ValueError(f"a workbook takes {form.MOST_TABS} sheets, not {len(sheets)}")
    values = values_of(sheets)
    contents = last_contents([sheet.assignment.application_id for sheet in sheets])
    book = Workbook()
    _how_to(book.active, sheets, hat)
    for sheet in sheets:
        application = sheet.assignment.application
        blocks = read_document(contents[application.pk], application.cycle.localized)
        tab = book.create_sheet(application.reference)
        _write_tab(tab, sheet, values[sheet.pk], blocks)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _how_to(tab: Worksheet, sheets: Sequence[ScoreSheet], hat: Membership) -> None:
    tab.title = _("How to")
    put_text(tab.cell(1, form.KEY), form.HOW_TO)
    tab.column_dimensions["A"].width, tab.column_dimensions["B"].width = 24, 90
    tab.column_dimensions[get_column_letter(form.KEY)].hidden = True
    _title(tab, 1, _("Score without a connection"))
    lines = (
        _(
            "Each application has a tab of its own. Its rubric comes first, the application below it."
        ),
        _("Write in the yellow cells only: whole points, comments, and notes that only you read."),
        _("When you are back online, choose this file under My reviews, Score offline."),
        _("You see what would change before anything is stored."),
        _("What you changed online meanwhile is never overwritten without your word."),
        _("Submit each sheet on the portal. This file can't submit it."),
        _(
            "This file holds applications that are not public. Delete it when you have sent it back."
        ),
    )
    for number, line in enumerate(lines, start=3):
        put_text(tab.cell(number, 1), f"{number - 2}.").alignment = Alignment(horizontal="right")
        put_text(tab.cell(number, 2), line).alignment = TOP
    row = 4 + len(lines)
    put_text(tab.cell(row, 1), _("Made for")).font = Font(color="47565F")
    put_text(tab.cell(row, 2), f"{hat.user.full_name}, {hat.organisation.name}")
    _heads(tab, row + 2, (_("Tab"), _("Practice and due time")))
    for number, sheet in enumerate(sheets, start=row + 3):
        application = sheet.assignment.application
        put_text(tab.cell(number, 1), application.reference)
        due = _("scores due %(due)s") % {"due": long(application.cycle.scoring_due_at)}
        put_text(tab.cell(number, 2), f"{application.practice.name}, {due}").alignment = TOP
    tab.protection.sheet = True


def _write_tab(
    tab: Worksheet, sheet: ScoreSheet, values: SheetValues, blocks: Sequence[Block]
) -> None:
    application = sheet.assignment.application
    for column, width in WIDTHS.items():
        tab.column_dimensions[get_column_letter(column)].width = width
    tab.column_dimensions[get_column_letter(form.KEY)].hidden = True
    put_text(tab.cell(1, form.KEY), form.sheet_key(sheet.pk))
    _title(tab, 1, f"{application.practice.name} · {application.reference}")
    due = _("Scores due %(due)s") % {"due": long(application.cycle.scoring_due_at)}
    put_text(tab.cell(2, 1), due).font = Font(color="47565F")
    heads = (_("Code"), _("Criterion"), _("What earns points"), _("Points"), _("Comment"))
    _heads(tab, form.HEADER_ROW, (*heads, _("Private note (only you)")))
    row = form.HEADER_ROW + 1
    points: dict[int, DataValidation] = {}
    for section in application.cycle.localized.rubric.sections:
        put_text(tab.cell(row, 1), f"{section.number}. {section.title}").font = Font(
            bold=True, color=DARK
        )
        for criterion in section.criteria:
            row += 1
            _criterion(tab, row, criterion, values)
            most = criterion.max_points
            points.setdefault(most, _validation(most)).add(tab.cell(row, form.POINTS).coordinate)
        row += 1
    for validation in points.values():
        tab.add_data_validation(validation)
    _application(tab, row + 1, blocks)
    tab.freeze_panes = tab.cell(form.HEADER_ROW + 1, form.LEVELS)
    tab.protection.sheet = True
    tab.protection.formatColumns = tab.protection.formatRows = False  # may be widened
    tab.sheet_view.zoomScale = 100
    tab.page_setup.orientation, tab.page_setup.fitToHeight = "landscape", 0
    tab.sheet_properties.pageSetUpPr.fitToPage = True


def _criterion(tab: Worksheet, row: int, criterion: Criterion, values: SheetValues) -> None:
    judged = f"{criterion.title}\n{criterion.judged}"
    levels = "\n".join(f"{level.points}: {level.text}" for level in criterion.levels)
    texts = {form.CODE: criterion.code, form.TITLE: judged, form.LEVELS: levels}
    bases = {}
    for kind in form.KINDS:
        stored = values.get(kind, criterion.code)
        value = plain(stored.value) if isinstance(stored.value, str) else stored.value
        bases[kind] = form.Base(stored.version, form.fingerprint(value))
        cell = tab.cell(row, form.COLUMN_OF[kind])
        if kind == "points":
            cell.value = value
            cell.alignment = Alignment(horizontal="center", vertical="top")
        else:
            texts[form.COLUMN_OF[kind]] = str(value or "")
            cell.number_format = "@"
        cell.protection = Protection(locked=False)
        cell.fill = PatternFill("solid", fgColor=FILL_IN)
        cell.border = EDGE
    for column, text in texts.items():
        cell = put_text(tab.cell(row, column), text)
        cell.alignment, cell.border = TOP, EDGE
    put_text(tab.cell(row, form.KEY), form.row_key(criterion.code, bases))
    tab.row_dimensions[row].height = _height(texts)


def _application(tab: Worksheet, row: int, blocks: Sequence[Block]) -> None:
    """Write the application to read: label in the second column, text in the third."""
    _title(tab, row, _("The application"))
    for block in blocks:
        row += 2
        put_text(tab.cell(row, 2), block.title).font = Font(bold=True, color=DARK)
        pairs = [(", ".join(block.heads), "")] if block.rows else []
        pairs += [(cells[0], " · ".join(cells[1:])) for cells in block.rows]
        pairs += [(entry.label, entry.answer or _("No answer.")) for entry in block.entries]
        for label, text in pairs:
            for number, piece in enumerate(pieces(text)):
                row += 1
                texts = {form.TITLE: "" if number else label, form.LEVELS: piece}
                for column, one in texts.items():
                    put_text(tab.cell(row, column), one).alignment = TOP
                tab.row_dimensions[row].height = _height(texts)


def pieces(text: str, most: int = PIECE) -> list[str]:
    """Return a long text in parts of at most `most` characters that a row can show; none is lost."""
    found = []
    while len(text) > most:
        space = max(text.rfind(" ", 0, most), text.rfind("\n", 0, most))
        at = space + 1 if space > 0 else most
        found.append(text[:at])
        text = text[at:]
    return [*found, text]


def _validation(most: int) -> DataValidation:
    rule = DataValidation("whole", operator="between", formula1="0", formula2=str(most))
    rule.allow_blank = True
    rule.showErrorMessage = True
    rule.errorTitle = _("Points")
    rule.error = _("Write a whole number from 0 to %(max)d.") % {"max": most}
    return rule


def _title(tab: Worksheet, row: int, text: str) -> None:
    put_text(tab.cell(row, 1), text).font = Font(bold=True, size=15)
    tab.row_dimensions[row].height = 24


def _heads(tab: Worksheet, row: int, heads: Sequence[str]) -> None:
    for column, head in enumerate(heads, start=1):
        cell: Any = put_text(tab.cell(row, column), head)
        cell.font, cell.alignment = Font(bold=True), TOP
        cell.fill = PatternFill("solid", fgColor=PALE)


def _height(texts: Mapping[int, str]) -> float:
    """Return the height in points that shows the longest of the texts by column."""
    most = max(_lines(text, WIDTHS[column]) for column, text in texts.items())
    return min(TALLEST, LINE * most + 4)


def _lines(text: str, width: int) -> int:
    return sum(max(1, math.ceil(len(line) / width)) for line in text.split("\n"))
