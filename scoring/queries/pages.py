"""Reads of the score page: highlights, others' sheets, earlier versions."""

from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Membership
from scoring.models import (
    CriterionComment,
    CriterionScore,
    Highlight,
    ScoreSheet,
    SheetVersion,
)


@dataclass
class OtherSheet:
    """Somebody else's submitted sheet to read beside one's own."""

    sheet: ScoreSheet
    points: dict[str, int | None] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)


def own_sheets(hat: Membership) -> QuerySet[ScoreSheet]:
    """Return the sheets that the hat writes on: its own whose review stands."""
    return ScoreSheet.objects.filter(assignment__reviewer=hat, assignment__ended_at=None)


def shared_with(hat: Membership) -> Q:
    """Return the condition for others' sheets that a reviewer may read beside the own one.

    These are submitted sheets of an application that the hat has, as its program says: always, or
    after the own one was submitted. Void sheets and ended reviews are never shared.
    """
    own = own_sheets(hat).filter(assignment__application=OuterRef("assignment__application"))
    done = own.filter(submitted_at__isnull=False)
    says = "assignment__application__cycle__version__definition__scoring__others_sheets"
    return (
        Q(submitted_at__isnull=False, voided_at=None, assignment__ended_at=None)
        & Exists(own)
        & (Q(**{says: "always"}) | (Q(**{says: "after_own"}) & Exists(done)))
    )


def highlights_of(sheet: ScoreSheet) -> list[Highlight]:
    """Return the highlights that are not removed: for the sheet's reviewer and nobody else."""
    return list(Highlight.objects.filter(sheet=sheet, removed_at=None))


def others_beside(sheet: ScoreSheet, hat: Membership) -> list[OtherSheet]:
    """Return the other sheets on the application that `hat` may read, with points (2 queries)."""
    shared = ScoreSheet.objects.filter(
        shared_with(hat), assignment__application=sheet.assignment.application_id
    ).exclude(pk=sheet.pk)
    rows = CriterionScore.objects.filter(sheet__in=shared).select_related(
        "sheet__assignment__reviewer__user"
    )
    found: dict[int, OtherSheet] = {}
    for row in rows.order_by("sheet__assignment_id", "code"):
        other = found.setdefault(row.sheet_id, OtherSheet(row.sheet))
        other.points[row.code] = row.points
    if found:
        for comment in CriterionComment.objects.filter(sheet__in=list(found)):
            found[comment.sheet_id].comments[comment.code] = comment.text
    return list(found.values())


def versions_of(sheet: ScoreSheet) -> QuerySet[SheetVersion]:
    """Return what the sheet was before it was reopened, the first version first."""
    return SheetVersion.objects.filter(sheet=sheet).order_by("number")
