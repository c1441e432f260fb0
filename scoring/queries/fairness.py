"""Reads for the figures on fairness: submitted sheets as numbers, and what tells that they changed."""

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Max, QuerySet, Sum

from accounts.models import Membership, Organisation
from applications.enums import Status
from applications.models import Application
from programs.models import Cycle
from scoring.enums import Purpose
from scoring.fairness import Sheet
from scoring.models import CriterionScore, ScoreSheet

SHEET = (
    "pk",
    "assignment__application_id",
    "assignment__application__designated_mcp_id",
    "assignment__reviewer_id",
    "assignment__purpose",
    "total",
    "assignment__application__mcp_score",
)


def counted_sheets(cycle: Cycle, plan: Organisation | None) -> QuerySet[ScoreSheet]:
    """Return the sheets that count: submitted, not void, the review not ended.

    Those of withdrawn applications don't count. `plan` None means every plan.
    """
    sheets = ScoreSheet.objects.filter(
        assignment__application__cycle=cycle,
        assignment__ended_at=None,
        submitted_at__isnull=False,
        voided_at=None,
    ).exclude(assignment__application__status=Status.WITHDRAWN)
    return sheets if plan is None else sheets.filter(assignment__application__designated_mcp=plan)


def mark_of(cycle: Cycle, plan: Organisation | None) -> tuple:
    """Return what changes whenever the figures may change; the first part counts the sheets (1 query)."""
    found = counted_sheets(cycle, plan).aggregate(
        sheets=Count("pk"),
        latest=Max("submitted_at"),
        points=Sum("total"),
        official=Sum("assignment__application__mcp_score"),
    )
    return (found["sheets"], found["latest"], found["points"], found["official"])


def sheets_as_numbers(cycle: Cycle, plan: Organisation | None) -> list[Sheet]:
    """Return the sheets that count, by the order of assignment (2 queries)."""
    counted = counted_sheets(cycle, plan)
    scores = (
        CriterionScore.objects.filter(sheet__in=counted, points__isnull=False)
        .order_by()
        .values_list("sheet_id")
        .annotate(codes=ArrayAgg("code", order_by="pk"), given=ArrayAgg("points", order_by="pk"))
    )
    points = {pk: dict(zip(codes, given, strict=True)) for pk, codes, given in scores}
    rows = counted.order_by("assignment_id").values_list(*SHEET)
    return [
        Sheet(
            application=application,
            plan=plan_id,
            reviewer=reviewer,
            third=purpose == Purpose.THIRD_READER,
            total=total,
            official=official,
            points=points.get(pk, {}),
        )
        for pk, application, plan_id, reviewer, purpose, total, official in rows
    ]


def plan_scores(cycle: Cycle) -> list[tuple[int, int, int]]:
    """Return (application id, plan id, MCP score in points) of all that was scored (1 query)."""
    rows = Application.objects.filter(
        cycle=cycle, mcp_score__isnull=False, designated_mcp__isnull=False
    ).exclude(status=Status.WITHDRAWN)
    found = rows.order_by("pk").values_list("pk", "designated_mcp_id", "mcp_score")
    return [(pk, plan, score) for pk, plan, score in found if plan and score is not None]


def reviewers_named(pks: set[int]) -> dict[int, Membership]:
    """Return reviewers with their names and plans, by hat id (1 query)."""
    hats = Membership.objects.filter(pk__in=pks).select_related("user", "organisation")
    return {hat.pk: hat for hat in hats}


def plans_named(pks: set[int]) -> dict[int, str]:
    """Return the names of plans by id (1 query)."""
    return dict(Organisation.objects.filter(pk__in=pks).values_list("pk", "name"))
