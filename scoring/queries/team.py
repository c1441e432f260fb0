"""Reads of one plan's people: who works there, who is away, and what somebody still has to do."""

from datetime import date, datetime

from django.db.models import F, Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership, Organisation
from accounts.queries import memberships_visible_to, people_of
from applications.models import Application
from programs.geography import counties
from programs.models import PlanCounty
from scoring.models import Absence, Assignment


def colleagues(plan: Organisation) -> QuerySet[Membership]:
    """Return who leads or reviews for the plan now, by name, with the reviewer's profile along."""
    return people_of(plan).filter(role__in=Role.of_mcp).select_related("reviewer_profile")


def members_visible_to(hat: Membership) -> QuerySet[Membership]:
    """Return who leads or reviews, or did, for the hat's plan, by name, with the profile along."""
    found = memberships_visible_to(hat).filter(role__in=Role.of_mcp)
    return found.select_related("reviewer_profile")


def absences_by_hat(plan: Organisation, since: date) -> dict[int, list[Absence]]:
    """Return the absences that end on `since` (Pacific) or later, by hat id, the next one first."""
    found: dict[int, list[Absence]] = {}
    rows = Absence.objects.filter(hat__organisation=plan, last_day__gte=since)
    for row in rows.order_by("first_day", "pk"):
        found.setdefault(row.hat_id, []).append(row)
    return found


def unfinished(hat: Membership) -> QuerySet[Assignment]:
    """Return the standing reviews that the hat has not submitted, oldest first."""
    return (
        Assignment.objects.filter(reviewer=hat, ended_at=None, sheet__submitted_at=None)
        .select_related("application__practice", "sheet")
        .order_by("pk")
    )


def reviews_of(hat: Membership, applications: QuerySet[Application]) -> QuerySet[Assignment]:
    """Return the standing reviews that the hat has among `applications`, open ones first."""
    return (
        Assignment.objects.filter(
            reviewer=hat, ended_at=None, application__in=applications.order_by().values("pk")
        )
        .select_related("application__practice", "sheet")
        .order_by(F("sheet__submitted_at").asc(nulls_first=True), "pk")
    )


def reviews_after(
    reviews: QuerySet[Assignment], pk: int, submitted_at: datetime | None
) -> QuerySet[Assignment]:
    """Return what comes in `reviews_of` after the review with id `pk`, submitted then (None: not)."""
    if submitted_at is None:
        later = Q(sheet__submitted_at=None, pk__gt=pk)
        return reviews.filter(later | Q(sheet__submitted_at__isnull=False))
    same = Q(sheet__submitted_at=submitted_at, pk__gt=pk)
    return reviews.filter(same | Q(sheet__submitted_at__gt=submitted_at))


def counties_of(plan: Organisation) -> list[str]:
    """Return the counties that the plan serves, all of California's when none is known, by name."""
    served = PlanCounty.objects.filter(plan=plan).order_by("county")
    return list(served.values_list("county", flat=True)) or list(counties())
