"""Reads for settling: the sheets that count, their points, and the differences between them."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, Exists, F, Max, Min, OuterRef, QuerySet, Subquery

from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to
from programs.models import Cycle
from scoring.enums import Purpose
from scoring.models import (
    Adjudication,
    Assignment,
    CriterionComment,
    CriterionScore,
    PlannedRecommendation,
    ScoreSheet,
)


def scoring_sheets(application: Application) -> list[ScoreSheet]:
    """Return the sheets from which the official score is made, submitted or not (1 query).

    Sheets of ended reviews and void sheets count for nothing; the one of a third reader settles.
    """
    return scoring_sheets_of([application])[application.pk]


def scoring_sheets_of(applications: Iterable[Application]) -> dict[int, list[ScoreSheet]]:
    """Return `scoring_sheets` of each application by its id, also where there is none (1 query)."""
    found: dict[int, list[ScoreSheet]] = {one.pk: [] for one in applications}
    rows = (
        ScoreSheet.objects.filter(
            assignment__application__in=list(found),
            assignment__ended_at=None,
            assignment__purpose=Purpose.SCORE,
            voided_at=None,
        )
        .select_related("assignment__reviewer__user", "assignment__reviewer__organisation")
        .order_by("assignment_id")
    )
    for sheet in rows:
        found[sheet.assignment.application_id].append(sheet)
    return found


def standing_third(application: Application) -> Assignment | None:
    """Return the review of the third reader with its sheet, or None while nobody is it."""
    return (
        Assignment.objects.filter(
            application=application, ended_at=None, purpose=Purpose.THIRD_READER
        )
        .filter(sheet__voided_at=None)
        .select_related("sheet", "reviewer__user", "reviewer__organisation")
        .order_by("-pk")
        .first()
    )


def points_by_sheet(sheets: Iterable[ScoreSheet]) -> dict[int, dict[str, int]]:
    """Return the points that were given by criterion code, for each sheet's id (1 query)."""
    ids = [sheet.pk for sheet in sheets]
    found: dict[int, dict[str, int]] = {pk: {} for pk in ids}
    rows = CriterionScore.objects.filter(sheet__in=ids, points__isnull=False)
    for sheet, code, points in rows.values_list("sheet_id", "code", "points"):
        found[sheet][code] = points or 0
    return found


def comments_by_sheet(sheets: Iterable[ScoreSheet]) -> dict[int, dict[str, str]]:
    """Return the comments that are not empty by criterion code, for each sheet's id (1 query)."""
    rows = CriterionComment.objects.filter(sheet__in=[sheet.pk for sheet in sheets])
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for sheet, code, text in rows.exclude(text="").values_list("sheet_id", "code", "text"):
        found[sheet][code] = text
    return found


def adjudications_of(application: Application) -> list[Adjudication]:
    """Return every difference that was found on the application, the newest first (1 query)."""
    return differences_of([application])[application.pk]


def differences_of(applications: Iterable[Application]) -> dict[int, list[Adjudication]]:
    """Return `adjudications_of` each application by its id, also where there is none (1 query)."""
    found: dict[int, list[Adjudication]] = {one.pk: [] for one in applications}
    rows = (
        Adjudication.objects.filter(application__in=list(found))
        .select_related("third__sheet", "third__reviewer__user", "third__reviewer__organisation")
        .order_by("-pk")
    )
    for row in rows:
        found[row.application_id].append(row)
    return found


def differences_visible_to(hat: Membership | None, cycle: Cycle | None) -> QuerySet[Adjudication]:
    """Return the differences of the lead's plan in `cycle` that the hat may see."""
    applications = applications_visible_to(hat).filter(cycle=cycle).order_by()
    return Adjudication.objects.filter(application__in=applications.values("pk")).select_related(
        "application__practice", "third__reviewer__user"
    )


def submitted_totals(applications: Iterable[int]) -> dict[int, list[tuple[str, int]]]:
    """Return (reviewer's name, total) of the sheets that count, by application id (1 query)."""
    rows = ScoreSheet.objects.filter(
        assignment__application__in=list(applications),
        assignment__ended_at=None,
        assignment__purpose=Purpose.SCORE,
        voided_at=None,
        submitted_at__isnull=False,
    ).order_by("assignment_id")
    found: dict[int, list[tuple[str, int]]] = defaultdict(list)
    columns = ("assignment__application_id", "assignment__reviewer__user__full_name", "total")
    for pk, name, total in rows.values_list(*columns):
        found[pk].append((name, total))
    return found


def with_spread(applications: QuerySet[Application]) -> QuerySet[Application]:
    """Add `spread`: points between the totals of the submitted sheets that count (None: under two)."""
    counting = (
        ScoreSheet.objects.filter(
            assignment__application=OuterRef("pk"),
            assignment__ended_at=None,
            assignment__purpose=Purpose.SCORE,
            voided_at=None,
            submitted_at__isnull=False,
        )
        .order_by()
        .values("assignment__application")
    )
    several = counting.annotate(sheets=Count("pk")).filter(sheets__gt=1)
    between = several.annotate(between=Max("total") - Min("total")).values("between")
    return applications.annotate(spread=Subquery(between))


def holds_void_sheet() -> Exists:
    """Tell of an application whether a sheet in its confirmed score became void since."""
    return Exists(
        ScoreSheet.objects.filter(
            assignment__application=OuterRef("pk"),
            submitted_at__isnull=False,
            voided_at__gt=OuterRef("scored_at"),
        )
    )


def to_hand_over(hat: Membership, cycle: Cycle) -> QuerySet[PlannedRecommendation]:
    """Return the prepared recommendations of the lead's plan that can go to DHCS, best score first.

    A score that holds a void sheet has to be taken back first, so it can't go.
    """
    applications = applications_visible_to(hat).filter(
        ~holds_void_sheet(), cycle=cycle, designated_mcp=hat.organisation_id, status="scored"
    )
    return (
        PlannedRecommendation.objects.filter(application__in=applications.order_by().values("pk"))
        .select_related("application__practice")
        .order_by(F("application__mcp_score").desc(nulls_last=True), "application_id")
    )
