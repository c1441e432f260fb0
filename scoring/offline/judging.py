"""What a filled-in workbook would change: old and new by cell, what is in conflict, what is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.enums import Status
from core.times import short
from scoring.domain.calibration import must_calibrate, must_sentence
from scoring.domain.conflicts import refusal
from scoring.models import ScoreSheet
from scoring.offline.form import Value
from scoring.offline.reading import FormTab, Typed
from scoring.queries.offline import SheetValues, Stored, own_sheets, sheets_to_fill, values_of
from scoring.workbooks import plain


@dataclass(frozen=True)
class Change:
    """One value that differs: `old` is online, `new` in the file; `version` is what `new` is based on.

    In a conflict somebody changed it online after the form was made, `by` whom and `at` when;
    `version` is then the one online.
    """

    sheet_id: int
    kind: str
    code: str
    address: str
    old: Value
    new: Value
    version: int
    by: str = ""
    at: str = ""

    @property
    def key(self) -> str:
        """The name of the choice between both values on a page."""
        return f"choice:{self.sheet_id}:{self.kind}:{self.code}"

    @property
    def what(self) -> str:
        """Criterion and kind in words, such as "1.1 comment"."""
        names = {
            "points": _("%(code)s points"),
            "comments": _("%(code)s comment"),
            "notes": _("%(code)s private note"),
        }
        return names[self.kind] % {"code": self.code}


@dataclass
class JudgedTab:
    """One tab: its sheet, what would change, what is in conflict, and (address, sentence) of faults.

    `refused` says why nothing of the tab can be taken; then `sheet` may be None.
    """

    title: str
    sheet: ScoreSheet | None = None
    refused: str = ""
    changes: list[Change] = field(default_factory=list)
    conflicts: list[Change] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether the file holds nothing that is not online already."""
        return not (self.refused or self.changes or self.conflicts or self.faults)


def judge(tabs: Sequence[FormTab], *, hat: Membership) -> list[JudgedTab]:
    """Return what each tab would change for `hat`, in the order of the tabs. Stores nothing.

    6 queries, and one more for each further cycle that the sheets are of.
    """
    asked = {tab.sheet_id for tab in tabs if tab.sheet_id is not None}
    mine = own_sheets(hat, asked)
    fillable = set(sheets_to_fill(hat).filter(pk__in=asked).values_list("pk", flat=True))
    cycles = {one.assignment.application.cycle for one in mine.values()}
    closed = {cycle.pk for cycle in cycles if must_calibrate(hat, cycle) is not None}
    values = values_of([mine[pk] for pk in fillable])
    judged = []
    for tab in tabs:
        sheet = mine.get(tab.sheet_id) if tab.sheet_id is not None else None
        refused = tab.fault or _refusal(sheet, fillable, closed)
        one = JudgedTab(tab.title, sheet, refused)
        if sheet is not None and not refused:
            _compare(one, sheet, tab, values[sheet.pk])
        judged.append(one)
    return judged


def _refusal(sheet: ScoreSheet | None, fillable: set[int], closed: set[int]) -> str:
    if sheet is None:
        return _("This form belongs to somebody else, or to another organization or role of yours.")
    assignment = sheet.assignment
    if sheet.pk in fillable:
        return must_sentence() if assignment.application.cycle_id in closed else ""
    if assignment.ended_at is not None:
        return refusal(assignment.ended_kind)
    if sheet.is_submitted:
        return _("This sheet is submitted and can't be changed.")
    if assignment.application.status != Status.IN_REVIEW:
        state = str(Status(assignment.application.status).label).lower()
        return _("The application is “%(state)s”, so its scores can't change now.") % {
            "state": state
        }
    return _("Answer the questions about conflicts of interest first, then choose the file again.")


def _compare(one: JudgedTab, sheet: ScoreSheet, tab: FormTab, values: SheetValues) -> None:
    definition = sheet.assignment.application.cycle.definition
    maxima = {criterion.code: criterion.max_points for criterion in definition.criteria()}
    for (kind, code), typed in tab.cells.items():
        if fault := _fault(kind, code, typed, maxima):
            one.faults.append((typed.address, fault))
            continue
        stored = values.get(kind, code)
        if not typed.is_touched or _same(typed.value, stored.value):
            continue
        change = _change(sheet.pk, kind, code, typed, stored)
        (one.changes if not change.by else one.conflicts).append(change)


def _change(sheet_id: int, kind: str, code: str, typed: Typed, stored: Stored) -> Change:
    untouched = stored.version == typed.base.version
    at = "" if untouched or stored.at is None else short(stored.at)
    by = "" if untouched else stored.by or _("somebody")
    return Change(
        sheet_id, kind, code, typed.address, stored.value, typed.value, stored.version, by, at
    )


def _fault(kind: str, code: str, typed: Typed, maxima: dict[str, int]) -> str:
    if code not in maxima:
        return _("The rubric has no criterion %(code)s.") % {"code": code[:20]}
    if typed.fault:
        return typed.fault
    if kind == "points" and isinstance(typed.value, int) and typed.value > maxima[code]:
        message = _("%(value)d is more than this criterion gives. Write 0 to %(max)d.")
        return message % {"value": typed.value, "max": maxima[code]}
    return ""


def _same(typed: Value, stored: Value) -> bool:
    """Tell whether both say the same; nothing stored and an empty cell do, and line ends don't count."""
    if isinstance(stored, str):
        stored = plain(stored)
    return (stored if stored is not None else "") == (typed if typed is not None else "")
