"""Telling reviewers of many new reviews at once: each of a few, or how many there are."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.languages import in_language
from accounts.models import User
from applications.emails import absolute, compose
from core.times import long
from notifications.outbox import Email, enqueue
from programs.schema.rules import EmailKind
from scoring.models import Assignment, AssignmentRun

EACH = 5  # more new reviews than this are one email
KIND: EmailKind = "assigned"


def assigned(
    given: Iterable[Assignment], again: Iterable[Assignment], *, run: AssignmentRun
) -> None:
    """Tell each reviewer of the reviews of `run`: `given` are new, `again` were resubmitted.

    Up to 5 are an email each, in the program's words; more are one email with their number.
    """
    lists: dict[int, list[tuple[Assignment, str]]] = {}
    for assignment in given:
        lists.setdefault(assignment.reviewer.user_id, []).append((assignment, ""))
    for assignment in again:
        moment = str(assignment.application.submitted_at)
        lists.setdefault(assignment.reviewer.user_id, []).append((assignment, moment))
    enqueue(email for one in lists.values() for email in _emails(one, run))


def _emails(reviews: list[tuple[Assignment, str]], run: AssignmentRun) -> list[Email]:
    if len(reviews) > EACH:
        return [_summary(reviews[0][0].reviewer.user, len(reviews), run)]
    return [_of_one(assignment, again) for assignment, again in reviews]


def _of_one(assignment: Assignment, again: str) -> Email:
    application, user = assignment.application, assignment.reviewer.user
    return compose(
        application,
        KIND,
        to=user.email,
        person=user.full_name,
        key=f"assignment:{assignment.pk}:{again}".removesuffix(":"),
        facts={
            "due": application.cycle.scoring_due_at,
            "url": absolute(reverse("scoring:sheet", args=[assignment.sheet.pk])),
        },
        language=user.language,
    )


def _summary(user: User, count: int, run: AssignmentRun) -> Email:
    with in_language(user):
        facts = {
            "count": count,
            "person": user.full_name,
            "cycle": run.cycle.shown_title,
            "due": long(run.cycle.scoring_due_at),
            "url": absolute(reverse("scoring:mine")),
        }
        subject = ngettext(
            "%(cycle)s: %(count)d application is yours to score",
            "%(cycle)s: %(count)d applications are yours to score",
            count,
        )
        body = ngettext(
            "%(person)s, %(count)d application to %(cycle)s is assigned to you.\n\n"
            "Scoring is due %(due)s. If you have a conflict of interest, say so before you read it.\n"
            "%(url)s\n",
            "%(person)s, %(count)d applications to %(cycle)s are assigned to you.\n\n"
            "Scoring is due %(due)s. If you have a conflict of interest with one of them, say so "
            "before you read it.\n"
            "%(url)s\n",
            count,
        )
        return Email(KIND, f"run:{run.pk}", user.email, subject % facts, body % facts)
