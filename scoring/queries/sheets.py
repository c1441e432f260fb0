"""Reads of score sheets. Which of them a hat may see is a queryset."""

from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import Application, ConflictCheck
from applications.queries import hard_conflicts
from programs.models import Cycle
from scoring.models import (
    CriterionComment,
    CriterionScore,
    Highlight,
    ScoreSheet,
    SheetVersion,
)
from scoring.queries.calibration import marked
from scoring.queries.pages import own_sheets, shared_with

FOR_PAGE = (
    "assignment__reviewer__user",
    "assignment__application__practice",
    "assignment__application__cycle",
)
FOR_WRITE = ("assignment__application__cycle",)
FOR_SUBMIT = (  # a submit writes to the leads, about the practice
    *FOR_WRITE,
    "assignment__application__practice",
    "assignment__application__designated_mcp",
)
WRITTEN = (  # all that a save reads of the sheet it was asked for
    "started_at",
    "assignment__reviewer_id",
    "assignment__ended_at",
    "assignment__application__cycle__version_id",
)

CONTENTS = """
    SELECT 0, code, version, points, '' FROM scoring_criterionscore WHERE sheet_id = %(sheet)s
     UNION ALL
    SELECT 1, code, version, NULL, text FROM scoring_criterioncomment WHERE sheet_id = %(sheet)s
     UNION ALL
    SELECT 2, code, version, NULL, text FROM scoring_criterionnote
     WHERE sheet_id = %(sheet)s AND %(notes)s
"""


class Kept(NamedTuple):
    """A stored value of one criterion: points (None when taken back) or a text."""

    version: int
    value: Any


class Contents(NamedTuple):
    """All that is stored on a sheet, by criterion code."""

    points: dict[str, Kept]
    comments: dict[str, Kept]
    notes: dict[str, Kept]


def sheets_visible_to(hat: Membership | None) -> QuerySet[ScoreSheet]:
    """Return the sheets that `hat` may see: the queryset face of `view_sheet`.

    A hard conflict of interest ends the own review, so only what is read of others is asked here. A
    reviewer sees others' sheets on an own application as the program says.
    """
    sheets = ScoreSheet.objects.select_related(*FOR_PAGE)
    if hat is None or not hat.is_active:
        return sheets.none()
    application = OuterRef("assignment__application")
    is_open = ~Exists(hard_conflicts().filter(application=application, person=hat.user_id))
    if hat.role in Role.see_all:
        return sheets.filter(is_open, submitted_at__isnull=False)
    own = Q(assignment__reviewer=hat, assignment__ended_at=None)
    if hat.role == Role.MCP_LEAD:
        plan = Q(assignment__application__designated_mcp=hat.organisation_id)
        return sheets.filter(own | (plan & is_open))
    if hat.role == Role.MCP_REVIEWER:
        return sheets.filter(own | shared_with(hat))
    return sheets.none()


def own_for_page(hat: Membership, pk: int) -> ScoreSheet | None:
    """Return the hat's own sheet with what its page asks for: the cheap part of what is visible.

    `is_marked`: there are highlights; `was_reopened`: there are earlier versions; `practice_required`:
    see `marked`. Whether the person has answered about conflicts of interest comes with the application.
    """
    answers = ConflictCheck.objects.filter(
        application=OuterRef("assignment__application"),
        person=hat.user_id,
        source=ConflictSource.SELF,
    )
    rows = own_sheets(hat).select_related("assignment__application__practice", *FOR_WRITE)
    sheet = own_of(
        hat,
        pk,
        marked(rows).annotate(
            answered=Exists(answers.exclude(outcome=ConflictOutcome.PENDING)),
            is_marked=Exists(Highlight.objects.filter(sheet=OuterRef("pk"), removed_at=None)),
            was_reopened=Exists(SheetVersion.objects.filter(sheet=OuterRef("pk"))),
        ),
    )
    if sheet is not None and sheet.answered:
        sheet.assignment.application.declared_by = hat.user_id
    return sheet


def own_of(hat: Membership, pk: int, rows: QuerySet[ScoreSheet]) -> Any:
    """Return the one of the hat's own `rows` with id `pk`, its reviewer being `hat`, or None (1 query)."""
    if not hat.is_active or hat.role not in Role.of_mcp:
        return None
    for sheet in rows.filter(pk=pk)[:1]:
        sheet.assignment.reviewer = hat
        return sheet
    return None


def my_sheets(hat: Membership, cycle: Cycle) -> QuerySet[ScoreSheet]:
    """Return the reviewer's sheets of `cycle`: open ones first, then by assignment."""
    return (
        ScoreSheet.objects.select_related(*FOR_PAGE)
        .filter(assignment__reviewer=hat, assignment__ended_at=None)
        .filter(assignment__application__cycle=cycle)
        .order_by(F("submitted_at").asc(nulls_first=True), "assignment_id")
    )


def sheets_of(application: Application) -> QuerySet[ScoreSheet]:
    """Return the sheets of standing assignments, in order of assignment, with their reviewers."""
    return (
        ScoreSheet.objects.filter(
            assignment__application=application, assignment__ended_at__isnull=True
        )
        .select_related("assignment__reviewer__user", "assignment__reviewer__organisation")
        .order_by("assignment_id")
    )


def sheet_for_page(pk: int) -> ScoreSheet:
    """Return the sheet with all that its page shows. Whether it may be seen was asked before."""
    return ScoreSheet.objects.select_related(*FOR_PAGE).get(pk=pk)


def scores_of(sheet: ScoreSheet) -> dict[str, CriterionScore]:
    """Return the stored points by criterion code."""
    return {row.code: row for row in CriterionScore.objects.filter(sheet=sheet)}


def comments_of(sheet: ScoreSheet) -> dict[str, CriterionComment]:
    """Return the stored comments by criterion code."""
    return {row.code: row for row in CriterionComment.objects.filter(sheet=sheet)}


def contents_of(sheet: ScoreSheet, *, notes: bool = True) -> Contents:
    """Return what is stored on the sheet (1 query); `notes` is for its reviewer and nobody else."""
    found = Contents({}, {}, {})
    with connection.cursor() as cursor:
        cursor.execute(CONTENTS, {"sheet": sheet.pk, "notes": notes})
        for kind, code, version, points, text in cursor.fetchall():
            found[kind][code] = Kept(version, text if kind else points)
    return found
