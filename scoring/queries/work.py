"""Reads of who reviews what, who could, and prepared runs of the automatic assignment."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, Organisation
from accounts.queries import people_with_role
from applications.enums import Status
from applications.models import Application
from core.times import PACIFIC
from programs.models import Cycle
from scoring.enums import Purpose
from scoring.models import (
    Absence,
    Assignment,
    AssignmentRun,
    ReviewerProfile,
)

ASSIGNABLE = (Status.SUBMITTED, Status.IN_REVIEW)
WITH_REVIEWERS = (*ASSIGNABLE, Status.RETURNED)  # an open sheet there is still work


def reviewers_of(plan: Organisation) -> QuerySet[Membership]:
    """Return who can score for `plan`, with what a page says of what they can take.

    `open_reviews` counts the sheets that the hat still has open, `person_open` the reviews that count
    against the limit (the person's, as in `open_reviews`), `max_open` is the limit (the person's, as in
    `limits`; None: none),
    `away_until` the last day (Pacific) of the absence that is on today, `has_profile` tells whether
    limit and preferences were saved.
    """
    return people_with_role(plan, *Role.of_mcp).annotate(
        open_reviews=Count(
            "assignments",
            filter=Q(assignments__ended_at=None, assignments__sheet__submitted_at=None),
        ),
        person_open=_person_open(plan),
        max_open=_person_limit(plan),
        away_until=_away_until(plan),
        has_profile=Exists(ReviewerProfile.objects.filter(hat=OuterRef("pk"))),
    )


def _person_open(plan: Organisation) -> Coalesce:
    rows = (
        _open_assignments(plan)
        .filter(reviewer__user=OuterRef("user"))
        .order_by()
        .values("reviewer__user")
    )
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def _person_limit(plan: Organisation) -> Subquery:
    rows = _limited(plan).filter(hat__user=OuterRef("user")).order_by().values("hat__user")
    return Subquery(rows.annotate(least=Min("max_open")).values("least"))


def _away_until(plan: Organisation) -> Subquery:
    today = timezone.now().astimezone(PACIFIC).date()
    rows = Absence.objects.filter(
        hat__organisation=plan,
        hat__user=OuterRef("user"),
        first_day__lte=today,
        last_day__gte=today,
    )
    return Subquery(rows.order_by("-last_day").values("last_day")[:1])


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


def lacking_reviewers(
    plan: Organisation, cycle: Cycle, reviewers_each: int
) -> QuerySet[Application]:
    """Return the plan's applications that can be assigned and have fewer than `reviewers_each`.

    Each comes with `have`, its standing reviews; a third reader counts for nothing here.
    """
    standing = Q(assignments__ended_at=None, assignments__purpose=Purpose.SCORE)
    return (
        Application.objects.filter(cycle=cycle, designated_mcp=plan, status__in=ASSIGNABLE)
        .annotate(have=Count("assignments", filter=standing))
        .filter(have__lt=reviewers_each)
        .order_by("pk")
    )


def sharing_the_work(plan: Organisation) -> list[Membership]:
    """Return who the automatic assignment may choose, one hat a person, by name.

    These are the plan's reviewers, and the leads for whom a profile was set. Who holds both roles
    is taken as a reviewer. The profile comes along.
    """
    able = Q(role=Role.MCP_REVIEWER) | Q(reviewer_profile__isnull=False)
    hats = people_with_role(plan, *Role.of_mcp).filter(able).select_related("reviewer_profile")
    chosen: dict[int, Membership] = {}
    for hat in hats:
        if hat.user_id not in chosen or hat.role == Role.MCP_REVIEWER:
            chosen[hat.user_id] = hat
    return list(chosen.values())


def open_reviews(plan: Organisation) -> dict[int, int]:
    """Return the number of reviews that each person of the plan still has to submit, by user id."""
    rows = _open_assignments(plan).values_list("reviewer__user_id").annotate(n=Count("pk"))
    return dict(rows.order_by())


def limits(plan: Organisation) -> dict[int, int]:
    """Return how many open reviews each person of the plan takes, by user id; not in it: any number.

    Who has two roles in the plan takes no more than the smaller of the two limits (1 query).
    """
    rows = _limited(plan).values_list("hat__user_id").annotate(least=Min("max_open"))
    return dict(rows.order_by())


def _limited(plan: Organisation) -> QuerySet[ReviewerProfile]:
    return ReviewerProfile.objects.filter(
        hat__organisation=plan, hat__is_active=True, max_open__isnull=False
    )


def _open_assignments(plan: Organisation) -> QuerySet[Assignment]:
    found = Assignment.objects.filter(reviewer__organisation=plan, ended_at=None)
    return found.filter(sheet__submitted_at=None, application__status__in=WITH_REVIEWERS)


def dealt_pairs(plan: Organisation, cycle: Cycle) -> list[tuple[int, int, datetime | None]]:
    """Return (application id, user id, end or None) of every review that stands or once stood."""
    rows = Assignment.objects.filter(
        application__cycle=cycle,
        application__designated_mcp=plan,
        application__status__in=ASSIGNABLE,
    )
    return list(rows.values_list("application_id", "reviewer__user_id", "ended_at"))


def away_on(plan: Organisation, day: date) -> set[int]:
    """Return the user ids of the plan's people who are away on a (Pacific) day."""
    rows = Absence.objects.filter(
        hat__organisation=plan, first_day__lte=day, last_day__gte=day
    ).values_list("hat__user_id", flat=True)
    return set(rows)


def away_until_on(plan: Organisation, day: date) -> dict[int, date]:
    """Return the last day of the absence that is on `day` (Pacific) by user id."""
    rows = Absence.objects.filter(hat__organisation=plan, first_day__lte=day, last_day__gte=day)
    return dict(rows.order_by("last_day").values_list("hat__user_id", "last_day"))


def absences_of(plan: Organisation, since: date) -> QuerySet[Absence]:
    """Return the absences of the plan's people that end on `since` (Pacific) or later."""
    return Absence.objects.filter(
        hat__organisation=plan, last_day__gte=since, hat__is_active=True
    ).select_related("hat__user")


def runs_visible_to(hat: Membership | None) -> QuerySet[AssignmentRun]:
    """Return the prepared assignments of the lead's plan, the newest first."""
    if hat is None or not hat.is_active or hat.role != Role.MCP_LEAD:
        return AssignmentRun.objects.none()
    return AssignmentRun.objects.filter(plan=hat.organisation_id).select_related("cycle", "plan")


def hats_in(run: AssignmentRun) -> dict[int, Membership]:
    """Return the people of the run's load table by hat id, by name."""
    hats = Membership.objects.filter(pk__in=[int(pk) for pk in run.loads])
    hats = hats.select_related("user", "organisation", "reviewer_profile")
    return {hat.pk: hat for hat in hats.order_by("user__full_name", "pk")}
