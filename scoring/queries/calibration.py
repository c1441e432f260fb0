"""Reads of practice rounds: who may see one, how far everybody is, and what was given."""

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership, Organisation
from accounts.queries import people_with_role
from programs.models import Cycle
from scoring.calibrating import Given
from scoring.models import CalibrationRound, CalibrationScore, CalibrationSheet, ScoreSheet


def rounds_visible_to(hat: Membership | None) -> QuerySet[CalibrationRound]:
    """Return the practice rounds of the hat's own plan, the newest first; none outside a plan."""
    rounds = CalibrationRound.objects.select_related("cycle", "plan").order_by("-pk")
    if hat is None or not hat.is_active or hat.role not in Role.of_mcp:
        return rounds.none()
    return rounds.filter(plan=hat.organisation_id)


def newest_round(hat: Membership, cycle: Cycle) -> CalibrationRound | None:
    """Return the open round of the hat's plan in `cycle`, else the last one."""
    return rounds_visible_to(hat).filter(cycle=cycle).first()


def unfinished_rounds(hat: Membership) -> QuerySet[CalibrationRound]:
    """Return the open rounds of the hat's plan of which the person has not submitted every sample."""
    done = Count(
        "sheets__sample",
        filter=Q(sheets__reviewer__user_id=hat.user_id, sheets__submitted_at__isnull=False),
        distinct=True,
    )
    rounds = rounds_visible_to(hat).filter(closed_at=None)
    return rounds.annotate(done=done).filter(done__lt=F("samples__len"))


def marked(sheets: QuerySet[ScoreSheet]) -> QuerySet[ScoreSheet]:
    """Mark each sheet with `practice_required`: its plan has an open round that is required.

    No query of its own. Whether the person has finished the round is asked only then.
    """
    rounds = CalibrationRound.objects.filter(
        required=True,
        closed_at=None,
        plan=OuterRef("assignment__application__designated_mcp"),
        cycle=OuterRef("assignment__application__cycle"),
    )
    return sheets.annotate(practice_required=Exists(rounds))


def people_of(plan: Organisation) -> QuerySet[Membership]:
    """Return who of the plan is asked to take part: its active reviewers, by name."""
    return people_with_role(plan, Role.MCP_REVIEWER).order_by("user__full_name", "pk")


def sheets_in(practice: CalibrationRound) -> QuerySet[CalibrationSheet]:
    """Return all sheets of a round with their reviewers' names."""
    return CalibrationSheet.objects.filter(round=practice).select_related("reviewer__user")


def own_sheets(practice: CalibrationRound, hat: Membership) -> dict[str, CalibrationSheet]:
    """Return the person's sheets of a round by sample, a submitted one first (1 query)."""
    rows = CalibrationSheet.objects.filter(round=practice, reviewer__user_id=hat.user_id)
    found: dict[str, CalibrationSheet] = {}
    for sheet in rows.order_by("submitted_at", "pk"):
        found.setdefault(sheet.sample, sheet)
    return found


def practice_scores(sheet: CalibrationSheet | None) -> dict[str, CalibrationScore]:
    """Return the stored points of a practice sheet by criterion code."""
    if sheet is None:
        return {}
    return {row.code: row for row in CalibrationScore.objects.filter(sheet=sheet)}


def given_in(practice: CalibrationRound) -> list[Given]:
    """Return every point on the submitted sheets of a round (1 query)."""
    rows = CalibrationScore.objects.filter(
        sheet__round=practice, sheet__submitted_at__isnull=False, points__isnull=False
    ).order_by("pk")
    found = rows.values_list("sheet__reviewer_id", "sheet__sample", "code", "points")
    return [
        Given(reviewer, sample, code, points)
        for reviewer, sample, code, points in found
        if points is not None
    ]
