"""Reads of score sheets. Which of them a hat may see is a queryset."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership
from applications.models import Application
from applications.queries import hard_conflicts
from programs.models import Cycle
from scoring.models import (
    CriterionComment,
    CriterionScore,
    ScoreSheet,
)
from scoring.queries.pages import shared_with

FOR_PAGE = (
    "assignment__reviewer__user",
    "assignment__application__practice",
    "assignment__application__cycle",
)
FOR_WRITE = ("assignment__application__cycle",)
WRITTEN = (  # all that a save reads of the sheet it was asked for
    "assignment__reviewer_id",
    "assignment__ended_at",
    "assignment__application__cycle__version_id",
)


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
