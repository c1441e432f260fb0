"""Telling reviewers of many new reviews at once: one email a reviewer."""

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.languages import in_language
from accounts.models import User
from applications.emails import absolute, compose
from core.times import long
from notifications.outbox import Email, enqueue
from programs.models import Cycle
from programs.schema.rules import EmailKind
from scoring.models import Assignment

NAMED = 20  # applications that an email names one by one
KIND: EmailKind = "assigned"


def assigned(
    given: Iterable[Assignment], again: Iterable[Assignment], *, cycle: Cycle, key: str
) -> None:
    """Tell each reviewer of new reviews: `given` are new, `again` were resubmitted and go on.

    One review is told in the program's words, several in one email with their number. `key` names the
    act that gave them, so that nobody is told of it twice.
    """
    lists: dict[int, list[tuple[Assignment, str]]] = {}
    for assignment in given:
        lists.setdefault(assignment.reviewer.user_id, []).append((assignment, ""))
    for assignment in again:
        moment = str(assignment.application.submitted_at)
        lists.setdefault(assignment.reviewer.user_id, []).append((assignment, moment))
    enqueue(_email(one, cycle, key) for one in lists.values())


def _email(reviews: Sequence[tuple[Assignment, str]], cycle: Cycle, key: str) -> Email:
    if len(reviews) == 1:
        return _of_one(*reviews[0])
    assignments = [assignment for assignment, _again in reviews]
    return _summary(assignments[0].reviewer.user, assignments, cycle, key)


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


def _summary(user: User, assignments: Sequence[Assignment], cycle: Cycle, key: str) -> Email:
    count = len(assignments)
    with in_language(user):
        facts = {
            "count": count,
            "person": user.full_name,
            "cycle": cycle.shown_title,
            "due": long(cycle.scoring_due_at),
            "url": absolute(reverse("scoring:mine")),
            "list": _named(assignments),
        }
        subject = ngettext(
            "%(cycle)s: %(count)d application is yours to score",
            "%(cycle)s: %(count)d applications are yours to score",
            count,
        )
        body = ngettext(
            "%(person)s, %(count)d application to %(cycle)s is assigned to you.\n\n"
            "%(list)s\n\n"
            "Scoring is due %(due)s. If you have a conflict of interest, say so before you read it.\n"
            "%(url)s\n",
            "%(person)s, %(count)d applications to %(cycle)s are assigned to you.\n\n"
            "%(list)s\n\n"
            "Scoring is due %(due)s. If you have a conflict of interest with one of them, say so "
            "before you read it.\n"
            "%(url)s\n",
            count,
        )
        return Email(KIND, key, user.email, subject % facts, body % facts)


def _named(assignments: Sequence[Assignment]) -> str:
    """Return the first applications, one a line, and how many more there are."""
    lines = [
        f"{one.application.reference}  {one.application.practice.name}"
        for one in assignments[:NAMED]
    ]
    more = len(assignments) - NAMED
    if more > 0:
        lines.append(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
    return "\n".join(lines)
