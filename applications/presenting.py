"""What the practice is told: the one next step, and the timeline with "you are here". No queries."""

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.dossier import Dossier
from applications.enums import Status
from applications.models import Application
from core.times import long
from programs.models import Cycle

LAST_WEEK_DAYS = 7


def next_step(
    cycle: Cycle | None, application: Application | None, dossier: Dossier | None
) -> dict[str, Any]:
    """Return title, body, link, action and due date of the single next step; no link means: wait."""
    if cycle is None:
        return _step(_("No cycle is planned"), _("This page shows the dates when they are known."))
    if application is None:
        return _before(cycle)
    if application.status in Status.editable:
        return _writing(cycle, application, dossier)
    return _waiting(cycle, application)


def timeline(cycle: Cycle, application: Application | None) -> list[dict[str, Any]]:
    """Return the dates of the cycle in order, each done, current or upcoming."""
    status = application.status if application else Status.DRAFT
    reached = _reached(status)
    rows = [
        (_("Applications open"), long(cycle.opens_at), ""),
        (_("Applications close"), long(cycle.closes_at), _("You submit before this time.")),
        (
            _("Your plan scores"),
            _("until %(when)s") % {"when": long(cycle.scoring_due_at)},
            _("Your Medi-Cal plan scores the application out of 90 points."),
        ),
        (
            _("DHCS decides"),
            long(cycle.decision_expected_at) if cycle.decision_expected_at else _("Date to come"),
            _("Every applicant hears at the same time, by email and here."),
        ),
    ]
    if application and application.decided_at:
        rows.append((application.public_status, long(application.decided_at), ""))
        reached = len(rows) - 1
    return [
        {
            "title": title,
            "when": when,
            "note": note,
            "state": "done" if i < reached else "current" if i == reached else "upcoming",
        }
        for i, (title, when, note) in enumerate(rows)
    ]


def closing_note(cycle: Cycle | None) -> str:
    """Return the countdown in words during the last week before the closing time, else nothing."""
    if cycle is None or not cycle.is_open():
        return ""
    left = cycle.closes_at - timezone.now()
    if left.days >= LAST_WEEK_DAYS:
        return ""
    when = long(cycle.closes_at)
    if left.days >= 1:
        text = ngettext(
            "Applications close in %(n)s day, on %(when)s.",
            "Applications close in %(n)s days, on %(when)s.",
            left.days,
        )
        return text % {"n": left.days, "when": when}
    hours = left.seconds // 3600
    if hours >= 1:
        text = ngettext(
            "Applications close in %(n)s hour, at %(when)s.",
            "Applications close in %(n)s hours, at %(when)s.",
            hours,
        )
        return text % {"n": hours, "when": when}
    return _("Applications close in less than an hour, at %(when)s.") % {"when": when}


def _reached(status: str) -> int:
    if status in Status.editable:
        return 1
    if status in Status.with_plan:
        return 2
    return 3


def _step(
    title: str, body: str, href: str = "", action: str = "", due: str = "", *, wait: bool = False
) -> dict[str, Any]:
    return {
        "title": title,
        "body": body,
        "href": href,
        "action": action,
        "due": due,
        "wait": wait,
    }


def _before(cycle: Cycle) -> dict[str, Any]:
    if cycle.has_closed():
        body = _("This cycle closed on %(when)s.") % {"when": long(cycle.closes_at)}
        return _step(_("Applications are closed"), body)
    if not cycle.is_open():
        body = _("This cycle opens on %(when)s.") % {"when": long(cycle.opens_at)}
        return _step(_("Applications are not open yet"), body)
    return _step(
        _("Start your application"),
        _("You can stop at any time. Your answers are saved as you type."),
        reverse("applications:start"),
        _("Start application"),
        _("Closes %(when)s") % {"when": long(cycle.closes_at)},
    )


def _writing(cycle: Cycle, application: Application, dossier: Dossier | None) -> dict[str, Any]:
    due = _("Closes %(when)s") % {"when": long(cycle.closes_at)}
    if application.status == Status.RETURNED:
        return _step(
            _("Correct your application and submit it again"),
            application.return_note,
            reverse("applications:application"),
            _("Open application"),
        )
    if cycle.has_closed():
        body = _("This cycle closed on %(when)s before you submitted. Your draft is kept to read.")
        return _step(_("This draft was not submitted"), body % {"when": long(cycle.closes_at)})
    missing = dossier.missing if dossier else []
    if not missing:
        return _step(
            _("Review and sign"),
            _("Everything is filled in. The owner of the practice reviews, signs and submits."),
            reverse("applications:review", args=[application.pk]),
            _("Review application"),
            due,
        )
    body = _("%(n)s things are still to fill in. The list below takes you to each.")
    return _step(
        _("Continue your application"),
        body % {"n": len(missing)},
        reverse("applications:application"),
        _("Continue application"),
        due,
    )


def _waiting(cycle: Cycle, application: Application) -> dict[str, Any]:
    titles: dict[str, str] = {
        Status.SELECTED: _("Your practice is selected"),
        Status.WAITLISTED: _("Your practice is on the waitlist"),
        Status.NOT_SELECTED: _("Your practice is not selected"),
        Status.WITHDRAWN: _("You withdrew this application"),
    }
    if application.status in titles:
        href = reverse("applications:receipt", args=[application.pk])
        if application.status == Status.WITHDRAWN and cycle.is_open():
            body = _("You can start a new one until %(when)s.")
            return _step(
                titles[application.status],
                body % {"when": long(cycle.closes_at)},
                reverse("applications:start"),
                _("Start again"),
            )
        body = _("The email we sent you explains the decision and what happens next.")
        return _step(titles[application.status], body, href, _("See what you submitted"), wait=True)
    body = _("Nothing is asked of you now. Your application is %(state)s.")
    return _step(
        _("We have your application"),
        body % {"state": application.public_status.lower()},
        reverse("applications:receipt", args=[application.pk]),
        _("See your receipt"),
        wait=True,
    )
