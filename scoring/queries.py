"""Reads of assignments and sheets."""

from collections.abc import Mapping

from django.db.models import Count, F, Prefetch, Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership, Organisation
from accounts.queries import people_with_role
from applications.models import Application
from programs.models import Cycle
from scoring.models import Assignment, CriterionComment, CriterionScore, ScoreSheet

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
    """Return the sheets that `hat` may see: the queryset face of `view_sheet`."""
    sheets = ScoreSheet.objects.select_related(*FOR_PAGE)
    if hat is None or not hat.is_active:
        return sheets.none()
    if hat.role in Role.see_all:
        return sheets.filter(submitted_at__isnull=False)
    own = Q(assignment__reviewer=hat, assignment__ended_at=None)
    if hat.role == Role.MCP_LEAD:
        plan = Q(assignment__application__designated_mcp=hat.organisation_id)
        return sheets.filter(own | plan)
    if hat.role == Role.MCP_REVIEWER:
        return sheets.filter(own)
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


def reviewers_of(plan: Organisation) -> QuerySet[Membership]:
    """Return who can score for `plan`, with the number of sheets they still have open."""
    return people_with_role(plan, *Role.of_mcp).annotate(
        open_reviews=Count(
            "assignments",
            filter=Q(assignments__ended_at=None, assignments__sheet__submitted_at=None),
        )
    )


def with_assignments(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Fetch the standing assignments with reviewer and sheet along (1 more query)."""
    standing = (
        Assignment.objects.filter(ended_at=None)
        .select_related("reviewer__user", "sheet")
        .order_by("pk")
    )
    return applications.prefetch_related(
        Prefetch("assignments", queryset=standing, to_attr="standing")
    )


def counts_by_status(applications: QuerySet[Application]) -> Mapping[str, int]:
    """Return the number of applications in each status."""
    rows = applications.order_by().values_list("status").annotate(n=Count("pk"))
    return dict(rows)
