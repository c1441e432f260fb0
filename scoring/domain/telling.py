"""Telling reviewers of many new reviews at once: one email a reviewer."""

from collections.abc import Iterable, Sequence

from django.urls import reverse
from django.utils.translation import ngettext

from accounts.languages import in_language
from accounts.models import User
from applications.emails import absolute, compose
from core.times import long
from notifications.outbox import Email, enqueue
from programs.choosing import in_cycle
from programs.models import Cycle
from programs.schema.rules import EmailKind
from scoring.models import Assignment

NAMED = 20  # applications that an email names one by one
KIND: EmailKind = "assigned"
Reviews = tuple[Sequence[Assignment], int, bool]


def assigned(
    given: Iterable[Assignment], again: Iterable[Assignment], *, cycle: Cycle, key: str
) -> None:
    """Tell each reviewer of new reviews: `given` are new, `again` were resubmitted and go on.

    One review is told in the program's words, several in one email with their number. `key` names the
    act that gave them, so that nobody is told of it twice.
    """
    lists: dict[int, list[Assignment]] = {}
    resumed = {one.pk: one for one in again}
    for assignment in [*given, *resumed.values()]:
        lists.setdefault(assignment.reviewer.user_id, []).append(assignment)
    many(
        [(each, len(each), each[0].pk in resumed) for each in lists.values()], cycle=cycle, key=key
    )


def many(reviews: Iterable[Reviews], *, cycle: Cycle, key: str) -> None:
    """Tell each reviewer: the reviews that an email names, how many there are, whether the first goes on.

    The first 20 are enough. They come with the person, the practice and the application's cycle.
    """
    enqueue(_email(*one, cycle=cycle, key=key) for one in reviews)


def _email(
    first: Sequence[Assignment], count: int, again: bool, *, cycle: Cycle, key: str
) -> Email:
    if count == 1:
        return _of_one(first[0], again)
    return _summary(first[0].reviewer.user, first, count, cycle, key)


def _of_one(assignment: Assignment, resumed: bool) -> Email:
    application, user = assignment.application, assignment.reviewer.user
    again = str(application.submitted_at) if resumed else ""
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


def _summary(user: User, first: Sequence[Assignment], count: int, cycle: Cycle, key: str) -> Email:
    with in_language(user):
        facts = {
            "count": count,
            "person": user.full_name,
            "cycle": cycle.shown_title,
            "due": long(cycle.scoring_due_at),
            "url": absolute(in_cycle("scoring:mine", cycle)),
            "list": _named(first, count),
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


def _named(first: Sequence[Assignment], count: int) -> str:
    """Return the first applications, one a line, and how many more there are."""
    lines = [
        f"{one.application.reference}  {one.application.practice.name}" for one in first[:NAMED]
    ]
    more = count - NAMED
    if more > 0:
        lines.append(ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more})
    return "\n".join(lines)
