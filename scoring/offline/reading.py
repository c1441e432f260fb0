"""Reading a filled-in workbook: what stands in which cell, and what is wrong with it. No database."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from openpyxl.utils import get_column_letter

from scoring.offline import form
from scoring.offline.form import Base, Value
from scoring.workbooks import WorkbookProblem, opened, text_in

FORMULA, ERROR = "f", "e"
LONGEST_TITLE = 60


@dataclass(frozen=True)
class Typed:
    """What a cell holds: its address, value and base; `fault` says why the value can't be taken."""

    address: str
    base: Base
    value: Value = None
    fault: str = ""

    @property
    def is_touched(self) -> bool:
        """Whether somebody changed the cell after the form was made."""
        return bool(self.fault) or form.fingerprint(self.value) != self.base.fingerprint


@dataclass(frozen=True)
class FormTab:
    """One tab: the sheet it belongs to and its cells by (kind, criterion code).

    `fault` says why the tab as a whole can't be taken.
    """

    title: str
    sheet_id: int | None = None
    cells: dict[tuple[str, str], Typed] = field(default_factory=dict)
    fault: str = ""


def read(data: bytes) -> list[FormTab]:
    """Return the tabs of a workbook. Raises WorkbookProblem when it is none or holds no form at all."""
    if len(data) > form.MOST_BYTES:
        message = _("The file is larger than %(most)d MB. Choose the form that you downloaded.")
        raise WorkbookProblem(message % {"most": form.MOST_BYTES // 1024 // 1024})
    with opened(data) as book:
        tabs = book.worksheets
        if len(tabs) > form.MOST_TABS + 1:
            message = _("The workbook has %(n)d tabs; a form has at most %(most)d.")
            raise WorkbookProblem(message % {"n": len(tabs), "most": form.MOST_TABS + 1})
        found = [_read_tab(tab) for tab in tabs]
    forms = _once([tab for tab in found if tab is not None])
    if not any(tab.sheet_id for tab in forms):
        message = _(
            "No tab of this workbook is a form of the portal. Choose the form you downloaded."
        )
        raise WorkbookProblem(message)
    return forms


def _once(tabs: list[FormTab]) -> list[FormTab]:
    """Refuse the second tab of the same sheet: nobody can say which one is meant."""
    seen: set[int | None] = set()
    kept = []
    for tab in tabs:
        if tab.sheet_id is not None and tab.sheet_id in seen:
            fault = _(
                "This tab is a copy of another one, so it was left out. Delete one of the two."
            )
            kept.append(FormTab(tab.title, fault=fault))
        else:
            kept.append(tab)
        seen.add(tab.sheet_id)
    return kept


def _read_tab(tab: Any) -> FormTab | None:
    """Return one tab, None for the one that explains the form."""
    title = text_in(str(tab.title))[:LONGEST_TITLE]
    rows = list(tab.iter_rows(min_row=1, max_row=form.MOST_ROWS, max_col=form.KEY))
    first = _value(rows[0], form.KEY) if rows else None
    if first == form.HOW_TO:
        return None
    sheet_id = form.sheet_of_key(first)
    if sheet_id is None:
        fault = _(
            "This tab is no form of the portal any more: columns were moved or deleted. Download a new "
            "form and copy your scores into it."
        )
        return FormTab(title, fault=fault)
    cells: dict[tuple[str, str], Typed] = {}
    for number, row in enumerate(rows, start=1):
        key = form.row_of_key(_value(row, form.KEY)) if number > form.HEADER_ROW else None
        if key is None:
            continue
        code, bases = key
        for kind in form.KINDS:
            typed = _typed(kind, row, number, bases[kind])
            if (kind, code) in cells:
                fault = _("This criterion is there twice. Delete one of the two rows.")
                typed = Typed(typed.address, typed.base, typed.value, fault)
            cells[kind, code] = typed
    return FormTab(title, sheet_id, cells)


def _value(row: Any, column: int) -> Any:
    value = row[column - 1].value if len(row) >= column else None
    return text_in(value) if isinstance(value, str) else value


def _typed(kind: str, row: Any, number: int, base: Base) -> Typed:
    column = form.COLUMN_OF[kind]
    address = f"{get_column_letter(column)}{number}"
    cell = row[column - 1] if len(row) >= column else None
    value, data_type = (None, "") if cell is None else (cell.value, cell.data_type)
    if value is not None and data_type == FORMULA:
        return Typed(address, base, fault=_("This cell holds a formula. Type what it stands for."))
    if value is not None and data_type == ERROR:
        return Typed(address, base, fault=_("This cell holds an error of Excel. Type it again."))
    return _points(address, base, value) if kind == "points" else _text(address, base, value)


def _points(address: str, base: Base, value: object) -> Typed:
    """Return whole points; whether the criterion allows so many is judged later."""
    if isinstance(value, str):
        value = text_in(value).strip()
        if value.isascii() and value.isdecimal() and len(value) <= 3:
            value = int(value)
    if value is None or value == "":
        return Typed(address, base)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1000:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1000:
        shown = str(value)[:20]
        fault = _("“%(value)s” is no number of points. Write a whole number.") % {"value": shown}
        return Typed(address, base, fault=fault)
    return Typed(address, base, value)


def _text(address: str, base: Base, value: object) -> Typed:
    text = _as_text(value)
    if len(text) > form.LONGEST_TEXT:
        fault = ngettext(
            "Shorten this to %(most)d character. It has %(n)d.",
            "Shorten this to %(most)d characters. It has %(n)d.",
            form.LONGEST_TEXT,
        )
        return Typed(address, base, fault=fault % {"most": form.LONGEST_TEXT, "n": len(text)})
    return Typed(address, base, text)


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return text_in(value)
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    return "" if value is None else str(value)
