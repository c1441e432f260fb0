"""A reviewer's hands on a score sheet: save as often as one likes, submit once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from applications.enums import Status
from core.exceptions import DomainError, WrongState
from core.versioned import Saved, Shape, save_values
from scoring import emails, rubric
from scoring.domain import calibration, differences
from scoring.domain.conflicts import refusal
from scoring.models import CriterionComment, CriterionNote, CriterionScore, ScoreSheet
from scoring.queries.sheets import Contents, Kept, contents_of

POINTS = Shape("code", ("points", "max_points"), show=lambda row: row.points)
COMMENTS = Shape("code", ("text",), show=lambda row: row.text)
NONE: Mapping[str, Any] = MappingProxyType({})

# Rows are locked in the order of OF, and read again when they changed while the lock was awaited.
LOCK = """
    SELECT sheet.*, assignment.ended_at, assignment.ended_kind, application.status,
           EXISTS (SELECT 1 FROM scoring_calibrationround practice
                    WHERE practice.plan_id = application.designated_mcp_id
                      AND practice.cycle_id = application.cycle_id
                      AND practice.required AND practice.closed_at IS NULL) AS practice_required
      FROM scoring_scoresheet sheet
      JOIN scoring_assignment assignment ON assignment.id = sheet.assignment_id
      JOIN applications_application application ON application.id = assignment.application_id
     WHERE sheet.id = %s
       FOR NO KEY UPDATE OF application, assignment, sheet
"""

# Written with each point that is given, so it is not composed anew each time.
TOTAL = "UPDATE scoring_scoresheet SET total = %s, given = %s, started_at = %s WHERE id = %s"


class Given(NamedTuple):
    """What somebody gives: points, comments and notes by criterion code, each based on a version."""

    points: Mapping[str, int | None] = NONE
    comments: Mapping[str, str] = NONE
    notes: Mapping[str, str] = NONE
    point_bases: Mapping[str, int] = NONE
    comment_bases: Mapping[str, int] = NONE
    note_bases: Mapping[str, int] = NONE


@dataclass
class SavedSheet:
    """What became of a save: points, comments and notes apart, and the sheet with its new total.

    `refusal` says why a sheet that was to be submitted is not, although what was given is stored.
    """

    sheet: ScoreSheet
    points: Saved = field(default_factory=Saved)
    comments: Saved = field(default_factory=Saved)
    notes: Saved = field(default_factory=Saved)
    refusal: DomainError | None = None

    @property
    def has_conflicts(self) -> bool:
        """Whether something was not written because somebody else changed it."""
        return any(part.conflicts for part in (self.points, self.comments, self.notes))


@transaction.atomic
def save(
    sheet: ScoreSheet,
    *,
    points: Mapping[str, int | None],
    comments: Mapping[str, str],
    point_bases: Mapping[str, int],
    comment_bases: Mapping[str, int],
    by: Membership,
    notes: Mapping[str, str] = NONE,
    note_bases: Mapping[str, int] = NONE,
) -> SavedSheet:
    """Store points, comments and private notes by criterion code, each based on a version.

    Keeps the total. Raises WrongState when the sheet is submitted, its application is not in review,
    or a required practice round comes first; DomainError when points are outside a criterion's range.
    """
    locked, status = lock_sheet(sheet)
    _require_writable(locked, status)
    _require_practised(locked, by)
    given = Given(points, comments, notes, point_bases, comment_bases, note_bases)
    saved = _store(locked, given, by)
    _keep_total(locked, saved, points)
    return saved


@transaction.atomic
def hand_in(sheet: ScoreSheet, given: Given, *, by: Membership) -> SavedSheet:
    """Store what is given and differs, then lock the sheet and tell the leads: one lock for both.

    With a conflict or a `refusal` (points or a comment are missing) the rest is stored and the sheet
    stays open. The same again changes nothing. Raises what `save` raises.
    """
    locked, status = lock_sheet(sheet)
    stored = contents_of(locked)
    new = _differing(given, stored)
    if locked.is_submitted and not (new.points or new.comments or new.notes):
        return SavedSheet(locked)
    _require_writable(locked, status)
    _require_practised(locked, by)
    saved = _store(locked, new, by)
    for part, rows in zip((saved.points, saved.comments, saved.notes), stored, strict=True):
        part.versions = {code: row.version for code, row in rows.items()} | part.versions
    points = {code: row.value for code, row in stored.points.items()} | {**new.points}
    comments = {code: row.value for code, row in stored.comments.items()} | {**new.comments}
    saved.refusal = _refusal(sheet, points, comments)
    if saved.has_conflicts or saved.refusal:
        _keep_total(locked, saved, new.points)
    else:
        _close(locked, points, by)
    return saved


def submit(sheet: ScoreSheet, *, by: Membership) -> ScoreSheet:
    """Lock the sheet as it is and tell the leads. A second call changes nothing.

    Raises DomainError naming the criteria without points, or without the comment that their points need.
    Raises WrongState while the plan's required practice round is not finished.
    """
    saved = hand_in(sheet, Given(), by=by)
    if saved.refusal:
        raise saved.refusal
    return saved.sheet


def _close(locked: ScoreSheet, points: Mapping[str, int | None], by: Membership) -> None:
    locked.total, locked.given = rubric.total_of(points), len(points)
    locked.submitted_at, locked.submitted_by = timezone.now(), by.label
    locked.started_at = locked.started_at or locked.submitted_at
    columns = ["total", "given", "started_at", "submitted_at", "submitted_by"]
    locked.save(update_fields=columns)
    differences.look(locked.assignment.application)
    emails.scored(locked)


def _refusal(sheet: ScoreSheet, points, comments) -> DomainError | None:
    """Return why the sheet can't be submitted yet."""
    try:
        _require_complete(points, comments, sheet.assignment.application.cycle.definition)
    except DomainError as error:
        return error
    return None


def _differing(given: Given, stored: Contents) -> Given:
    """Leave out what is stored already, whatever it is based on."""

    def new(values: Mapping[str, Any], bases: Mapping[str, int], rows: Mapping[str, Kept]):
        return {
            code: value
            for code, value in values.items()
            if _matters(code, value, bases) and not (code in rows and rows[code].value == value)
        }

    return given._replace(
        points=new(given.points, given.point_bases, stored.points),
        comments=new(given.comments, given.comment_bases, stored.comments),
        notes=new(given.notes, given.note_bases, stored.notes),
    )


def _store(locked: ScoreSheet, given: Given, by: Membership) -> SavedSheet:
    maxima = _maxima(locked)
    _require_in_range(given.points, maxima)
    saved = SavedSheet(locked)
    saved.points = save_values(
        CriterionScore,
        {
            code: (value, maxima[code])
            for code, value in given.points.items()
            if _matters(code, value, given.point_bases)
        },
        given.point_bases,
        shape=POINTS,
        by=by.user.full_name,
        defaults={"sheet": locked},
    )
    saved.comments = _save_texts(CriterionComment, locked, given.comments, given.comment_bases, by)
    saved.notes = _save_texts(CriterionNote, locked, given.notes, given.note_bases, by)
    return saved


def _save_texts(
    model: type[CriterionComment] | type[CriterionNote],
    locked: ScoreSheet,
    texts: Mapping[str, str],
    bases: Mapping[str, int],
    by: Membership,
) -> Saved:
    return save_values(
        model,
        {code: (text,) for code, text in texts.items() if _matters(code, text, bases)},
        bases,
        shape=COMMENTS,
        by=by.user.full_name,
        defaults={"sheet": locked},
    )


def _require_in_range(points: Mapping[str, int | None], maxima: Mapping[str, int]) -> None:
    for code, value in points.items():
        if value is not None and not 0 <= value <= maxima[code]:
            message = _("Criterion %(code)s takes whole points from 0 to %(max)d.")
            raise DomainError(message % {"code": code, "max": maxima[code]})


def _require_complete(points, comments, definition) -> None:
    if missing := rubric.not_given(points, definition.rubric):
        message = ngettext(
            "Criterion %(codes)s has no points yet.",
            "These criteria have no points yet: %(codes)s.",
            len(missing),
        )
        raise DomainError(message % {"codes": ", ".join(missing)})
    required = definition.scoring.comment_required_at
    if silent := rubric.without_comment(points, comments, required):
        message = _("Points of %(points)s need a comment. Add one for: %(codes)s.")
        raise DomainError(
            message
            % {
                "points": _(" or ").join(str(value) for value in required),
                "codes": ", ".join(sorted(silent)),
            }
        )


def lock_sheet(sheet: ScoreSheet) -> tuple[ScoreSheet, str]:
    """Lock the application, then assignment and sheet, the order of every act; return sheet and state.

    The sheet keeps the application that it came with.
    """
    locked: Any
    [locked] = ScoreSheet.objects.raw(LOCK, [sheet.pk])
    locked.assignment = sheet.assignment
    locked.assignment.ended_at = locked.ended_at
    locked.assignment.ended_kind = locked.ended_kind
    return locked, locked.status


def _require_writable(locked: ScoreSheet, status: str) -> None:
    if locked.is_submitted:
        raise WrongState(_("This sheet is submitted and can't be changed. Nothing was stored."))
    if locked.assignment.ended_at is not None:
        raise WrongState(refusal(locked.assignment.ended_kind))
    if status != Status.IN_REVIEW:
        message = _("The application is “%(state)s”, so its scores can't change now.")
        raise WrongState(message % {"state": str(Status(status).label).lower()})


def _require_practised(locked: Any, by: Membership) -> None:
    """Ask whether the person has finished the practice round only where one is required (1 query)."""
    if locked.practice_required:
        calibration.require_calibrated(by, locked.assignment.application.cycle)


def _maxima(sheet: ScoreSheet) -> dict[str, int]:
    criteria = sheet.assignment.application.cycle.definition.criteria()
    return {criterion.code: criterion.max_points for criterion in criteria}


def _matters(code: str, value: object, bases: Mapping[str, int]) -> bool:
    """An empty value that was never stored is no row; an emptied one is a change."""
    return value not in (None, "") or bases.get(code, 0) > 0


def _points(stored: tuple | None) -> int | None:
    return stored[0] if stored else None


def _keep_total(sheet: ScoreSheet, saved: SavedSheet, given: Mapping[str, int | None]) -> None:
    """Move the sheet's total by what changed; the sheet is locked, so nobody else moves it."""
    if not saved.points.changed and (sheet.started_at or not saved.comments.changed):
        return
    for key in saved.points.changed:
        old, new = _points(saved.points.before[key]), given[key]
        sheet.total += (new or 0) - (old or 0)
        sheet.given += (new is not None) - (old is not None)
    sheet.started_at = sheet.started_at or timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(TOTAL, [sheet.total, sheet.given, sheet.started_at, sheet.pk])
