"""Reads for offline scoring: which sheets may be taken along, and what is stored in many at once."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Membership
from applications.enums import Status
from applications.models import Submission
from applications.queries import applications_readable_by
from scoring.models import CriterionComment, CriterionNote, CriterionScore, ScoreSheet
from scoring.queries.sheets import FOR_PAGE, sheets_visible_to


@dataclass(frozen=True)
class Stored:
    """A value as it is stored: `version` 0 and no value where nothing is."""

    value: int | str | None = None
    version: int = 0
    by: str = ""
    at: datetime | None = None


NOTHING = Stored()


@dataclass
class SheetValues:
    """What is stored in one sheet, by kind ("points", "comments", "notes") and criterion code."""

    points: dict[str, Stored] = field(default_factory=dict)
    comments: dict[str, Stored] = field(default_factory=dict)
    notes: dict[str, Stored] = field(default_factory=dict)

    def get(self, kind: str, code: str) -> Stored:
        """Return one value, NOTHING where none is stored."""
        found: dict[str, Stored] = getattr(self, kind)
        return found.get(code, NOTHING)


def sheets_to_fill(hat: Membership) -> QuerySet[ScoreSheet]:
    """Return the hat's own sheets that it may fill in now, in order of assignment.

    They are open, their application is in review, and the questions about conflicts are answered.
    """
    readable = applications_readable_by(hat).values("pk")
    return (
        sheets_visible_to(hat)
        .filter(assignment__reviewer=hat, assignment__ended_at=None)
        .filter(submitted_at=None, voided_at=None)
        .filter(assignment__application__status=Status.IN_REVIEW)
        .filter(assignment__application__in=readable)
        .order_by("assignment_id")
    )


def own_sheets(hat: Membership, pks: Collection[int]) -> dict[int, ScoreSheet]:
    """Return the sheets of `pks` that were ever given to `hat`, by id, ended ones too."""
    rows = ScoreSheet.objects.select_related(*FOR_PAGE).filter(assignment__reviewer=hat)
    return {sheet.pk: sheet for sheet in rows.filter(pk__in=pks)}


def values_of(sheets: Iterable[ScoreSheet]) -> dict[int, SheetValues]:
    """Return what is stored in each sheet, by the sheet's id (3 queries)."""
    found = {sheet.pk: SheetValues() for sheet in sheets}
    for row in CriterionScore.objects.filter(sheet__in=found):
        found[row.sheet_id].points[row.code] = _stored(row, row.points)
    for comment in CriterionComment.objects.filter(sheet__in=found):
        found[comment.sheet_id].comments[comment.code] = _stored(comment, comment.text)
    for note in CriterionNote.objects.filter(sheet__in=found):
        found[note.sheet_id].notes[note.code] = _stored(note, note.text)
    return found


def last_contents(application_ids: Collection[int]) -> dict[int, str]:
    """Return what each application's last submission says (canonical JSON), by application id."""
    rows = (
        Submission.objects.filter(application__in=application_ids)
        .order_by("application_id", "-number")
        .distinct("application_id")
    )
    return dict(rows.values_list("application_id", "content"))


def _stored(
    row: CriterionScore | CriterionComment | CriterionNote, value: int | str | None
) -> Stored:
    return Stored(value, row.version, row.updated_by, row.updated_at)
