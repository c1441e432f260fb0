"""What the practice is told: the one next step, where its application is, the countdown. No queries.

Every word about a state comes from `PUBLIC_LABELS` or from here; the staff's words never do.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.dossier import Dossier
from applications.enums import Status
from applications.models import Application
from applications.times import LAST_WEEK, Window
from core.times import long
from programs.models import Cycle


@dataclass(frozen=True)
class Situation:
    """What a practice's page is about. `notes` are rows of what to correct, each with an `href`."""

    cycle: Cycle | None
    window: Window | None = None
    application: Application | None = None
    dossier: Dossier | None = None
    notes: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """The single next step. Without `href` one waits; `post` says that the act is a form to send."""

    title: str
    body: str
    href: str = ""
    action: str = ""
    due: str = ""
    wait: bool = False
    post: bool = False


def next_step(situation: Situation) -> Step:
    """Return the single next step of the practice."""
    cycle, window, application = situation.cycle, situation.window, situation.application
    if cycle is None or window is None:
        return Step(_("No cycle is planned"), _("This page shows the dates when they are known."))
    if application is None:
        return _before(window)
    if application.status == Status.RETURNED:
        return _returned(situation, application, cycle)
    if application.status == Status.DRAFT:
        return _writing(application, situation.dossier, window)
    if application.status == Status.WITHDRAWN:
        return _withdrawn(application, window)
    return _waiting(application)


def closing_note(window: Window | None) -> str:
    """Return the countdown in words during the last week of `window`, else nothing.

    Who has submitted is told nothing: a correction has a time of its own.
    """
    if window is None or window.done or not window.is_open():
        return ""
    left = window.closes_at - timezone.now()
    if left > LAST_WEEK:
        return ""
    words = {"time": _left(left), "when": long(window.closes_at)}
    if window.late:
        return _("Your late access ends in %(time)s, on %(when)s.") % words
    return _("Applications close in %(time)s, on %(when)s.") % words


def _left(left: timedelta) -> str:
    """Return days, else hours, else minutes, always rounded down so that nobody is told too much."""
    if left.days:
        return ngettext("%(n)s day", "%(n)s days", left.days) % {"n": left.days}
    hours, minutes = left.seconds // 3600, left.seconds // 60
    if hours:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    if minutes:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    return _("less than a minute")


def _closes(window: Window) -> str:
    text = _("Late access ends %(when)s") if window.late else _("Closes %(when)s")
    return text % {"when": long(window.closes_at)}


def _before(window: Window) -> Step:
    if window.has_closed():
        body = _("This cycle closed on %(when)s.") % {"when": long(window.closes_at)}
        return Step(_("Applications are closed"), body)
    if not window.is_open():
        body = _("This cycle opens on %(when)s.") % {"when": long(window.opens_at)}
        return Step(_("Applications are not open yet"), body)
    return Step(
        _("Start your application"),
        _("You can stop at any time. Your answers are saved as you type."),
        reverse("applications:start"),
        _("Start application"),
        _closes(window),
        post=True,
    )


def _returned(situation: Situation, application: Application, cycle: Cycle) -> Step:
    due: datetime = cycle.scoring_due_at
    if timezone.now() > due:
        body = _("Corrections were possible until %(when)s. What you wrote is kept to read.")
        return Step(_("The time for corrections is over"), body % {"when": long(due)})
    first = situation.notes[0]["href"] if situation.notes else reverse("applications:application")
    return Step(
        _("Correct your application and submit it again"),
        application.return_note,
        first,
        _("Correct application"),
        _("Submit again by %(when)s") % {"when": long(due)},
    )


def _writing(application: Application, dossier: Dossier | None, window: Window) -> Step:
    if window.has_closed():
        body = _("This cycle closed on %(when)s before you submitted. Your draft is kept to read.")
        return Step(_("This draft was not submitted"), body % {"when": long(window.closes_at)})
    missing = dossier.missing if dossier else []
    if not missing:
        return Step(
            _("Review and sign"),
            _("Everything is filled in. The owner of the practice reviews, signs and submits."),
            reverse("applications:review", args=[application.pk]),
            _("Review application"),
            _closes(window),
        )
    body = ngettext(
        "%(n)s thing is still to fill in. The list below takes you there.",
        "%(n)s things are still to fill in. The list below takes you to each.",
        len(missing),
    )
    return Step(
        _("Continue your application"),
        body % {"n": len(missing)},
        reverse("applications:application"),
        _("Continue application"),
        _closes(window),
    )


def _withdrawn(application: Application, window: Window) -> Step:
    title = _("You withdrew this application")
    if window.is_open():
        return Step(
            title,
            _("You can start a new one until %(when)s.") % {"when": long(window.closes_at)},
            reverse("applications:start"),
            _("Start again"),
            post=True,
        )
    body = _("What you submitted is kept to read. This cycle takes no new applications.")
    return _receipt(application, title, body)


def _waiting(application: Application) -> Step:
    titles: dict[str, str] = {
        Status.SELECTED: _("Your practice is selected"),
        Status.WAITLISTED: _("Your practice is on the waitlist"),
        Status.NOT_SELECTED: _("Your practice is not selected"),
        Status.PARTICIPATING: _("Your practice takes part"),
        Status.DECLINED: _("The place was not accepted"),
        Status.LEFT: _("Your practice left the program"),
    }
    if application.status == Status.SELECTED:
        body = _("An owner of your practice accepts or declines the place.")
        return _place(application, titles[Status.SELECTED], body, _("Answer the offer"), wait=False)
    if application.status == Status.PARTICIPATING:
        body = _("You have nothing to do for now. DHCS writes to you about your first milestones.")
        return _place(application, titles[Status.PARTICIPATING], body, _("See your place"))
    if application.status in titles:
        body = _("The decision letter says why, and until when you can ask DHCS to decide anew.")
        if application.status == Status.WAITLISTED:
            body = _("If a place becomes free, we write to you. The decision letter says more.")
        elif application.status in Status.ended:
            body = _("Nothing is asked of you any more.")
        return _letter(application, titles[application.status], body)
    body = _("Nothing is asked of you now. Your application is %(state)s.")
    state = application.public_status
    words = {"state": state[:1].lower() + state[1:]}
    return Step(
        _("We have your application"),
        body % words,
        reverse("applications:status"),
        _("See what happens next"),
        wait=True,
    )


def _place(application: Application, title: str, body: str, action: str, *, wait=True) -> Step:
    href = reverse("selection:place", args=[application.pk])
    return Step(title, body, href, action, wait=wait)


def _letter(application: Application, title: str, body: str) -> Step:
    href = reverse("selection:letter", args=[application.pk])
    return Step(title, body, href, _("Read the decision letter"), wait=True)


def _receipt(application: Application, title: str, body: str) -> Step:
    href = reverse("applications:receipt", args=[application.pk])
    return Step(title, body, href, _("See what you submitted"), wait=True)
