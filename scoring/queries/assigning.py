"""Reads of the assignment pages: what still needs reviewers, and the prepared runs."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Membership, Organisation
from applications.models import Application
from applications.queries import applications_visible_to
from programs.models import Cycle
from scoring.enums import Purpose, RunState
from scoring.models import AssignmentRun
from scoring.queries.work import ASSIGNABLE, reviewers_of, runs_visible_to

LACKING, NOBODY, SOME, ANY = "lacking", "nobody", "some", "any"
NEEDS = (LACKING, NOBODY, SOME, ANY)
UNDER_WAY = (RunState.WAITING, RunState.RUNNING, RunState.APPLYING)
OPEN = (*UNDER_WAY, RunState.READY)


def assignable(hat: Membership, cycle: Cycle) -> QuerySet[Application]:
    """Return the applications that the lead can assign; `have` counts who scores each now."""
    standing = Q(assignments__ended_at=None, assignments__purpose=Purpose.SCORE)
    return (
        applications_visible_to(hat)
        .filter(cycle=cycle, status__in=ASSIGNABLE)
        .annotate(have=Count("assignments", filter=standing))
    )


def needing(applications: QuerySet[Application], need: str, each: int) -> QuerySet[Application]:
    """Return those without a reviewer (nobody), with too few (some), either (lacking), or all (any)."""
    return applications.filter(_needs(each)[need])


def needs(applications: QuerySet[Application], each: int) -> dict[str, int]:
    """Return how many applications there are by need (1 query)."""
    counts = {name: Count("pk", filter=found) for name, found in _needs(each).items()}
    return applications.order_by().aggregate(**counts)


def _needs(each: int) -> dict[str, Q]:
    return {
        LACKING: Q(have__lt=each),
        NOBODY: Q(have=0),
        SOME: Q(have__gt=0, have__lt=each),
        ANY: Q(have__gte=0),
    }


def hats_by_email(plan: Organisation, emails: Iterable[str]) -> dict[str, Membership]:
    """Return who reviews for the plan by email in lower case; a reviewer's hat before a lead's."""
    wanted = {email.lower() for email in emails}
    found: dict[str, Membership] = {}
    for hat in reviewers_of(plan).order_by("-role", "pk"):
        email = hat.user.email.lower()
        if email in wanted:
            found.setdefault(email, hat)
    return found


def open_run(hat: Membership, cycle: Cycle) -> AssignmentRun | None:
    """Return the run that is prepared, ready or being applied, if there is one."""
    rows = runs_visible_to(hat).filter(cycle=cycle, state__in=OPEN)
    return rows.defer("pairs", "loads", "unplaced", "left_out", "resumed").first()


def named_applications(hat: Membership, pks: Iterable[int]) -> dict[int, Any]:
    """Return the applications by id that the lead may see, with their practices."""
    wanted = set(pks)
    rows = applications_visible_to(hat).filter(pk__in=wanted) if wanted else ()
    return {row.pk: row for row in rows}
