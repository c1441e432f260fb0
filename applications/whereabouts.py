"""Where an application is, what happens next and by when, in the practice's words. No queries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.enums import OrganisationKind
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from applications.times import Window
from core.times import long
from programs.models import Cycle


@dataclass(frozen=True)
class Standing:
    """Where an application is, what happens next, and by when (a sentence, or empty)."""

    where: str
    tone: str
    what_next: str
    by_when: str


NEXT: dict[str, str | Promise] = {
    Status.SUBMITTED: _l("%(plan)s scores your application."),
    Status.RETURNED: _l("You correct it and submit it again. Then %(plan)s goes on with it."),
    Status.IN_REVIEW: _l("%(plan)s finishes its review and passes your application on to DHCS."),
    Status.SCORED: _l("%(plan)s finishes its review and passes your application on to DHCS."),
    Status.RECOMMENDED: _l("DHCS decides. Every applicant hears at the same time."),
    Status.NOT_RECOMMENDED: _l("DHCS decides. Every applicant hears at the same time."),
    Status.SELECTED: _l("An owner of your practice accepts or declines the place."),
    Status.WAITLISTED: _l("If a place becomes free, we write to you."),
    Status.NOT_SELECTED: _l(
        "The decision stands unless you ask DHCS to decide anew. The decision letter says why it was "
        "made, and until when you can ask."
    ),
    Status.PARTICIPATING: _l(
        "You have nothing to do for now. DHCS writes to you about your first milestones."
    ),
    Status.DECLINED: _l("Nothing more happens with this application."),
    Status.LEFT: _l("Nothing more happens with this application."),
    Status.WITHDRAWN: _l("Nobody works on this application any more."),
}
EVENTS: dict[str, str | Promise] = {
    "submit": _l("You submitted your application"),
    "withdraw": _l("You withdrew your application"),
    "start_review": _l("Your plan started its review"),
    "recommend": _l("Your plan passed your application on to DHCS"),
    "do_not_recommend": _l("Your plan passed your application on to DHCS"),
    "select": _l("DHCS selected your practice"),
    "waitlist": _l("DHCS put your practice on the waitlist"),
    "do_not_select": _l("DHCS did not select your practice"),
    "accept": _l("You accepted the place"),
    "promote": _l("A place became free for your practice"),
    "select_again": _l("DHCS selected your practice"),
    "waitlist_again": _l("DHCS put your practice on the waitlist"),
    "do_not_select_again": _l("DHCS did not select your practice"),
    "overturn_select": _l("DHCS decided anew and selected your practice"),
    "overturn_waitlist": _l("DHCS decided anew and put your practice on the waitlist"),
    "decline": _l("You declined the place"),
    "expire": _l("The time to accept the place ended"),
    "leave": _l("You left the program"),
}


_PASSED_ON = ("recommend", "do_not_recommend")


def standing(application: Application, cycle: Cycle, window: Window) -> Standing:
    """Return where `application` is in public words."""
    where, tone = application.public_status, application.public_tone
    if application.status == Status.DRAFT:
        if window.has_closed():
            return Standing(where, tone, _("This cycle is closed. Your draft is kept to read."), "")
        return Standing(where, tone, _("You fill it in and submit it."), _by(window.closes_at))
    plan = application.designated_mcp.name if application.designated_mcp else _("Your plan")
    sentence = str(NEXT[application.status]) % {"plan": plan}
    return Standing(where, tone, sentence, _due(application.status, cycle))


def timeline(cycle: Cycle, window: Window, application: Application | None) -> list[dict[str, Any]]:
    """Return the way of the application in order, each part done, current or upcoming."""
    rows, here = _way(cycle, window, application)
    done = here if here is not None else _past(window)
    return [
        {
            "title": title,
            "when": when,
            "note": note,
            "state": "current" if i == here else "done" if i < done else "upcoming",
        }
        for i, (title, when, note) in enumerate(rows)
    ]


def events(steps: Iterable[ApplicationTransition]) -> list[dict[str, Any]]:
    """Return what has happened in public words, oldest first; what only staff need is left out.

    An application that DHCS gave back to its plan and got again was passed on once for the practice.
    """
    rows: list[dict[str, Any]] = []
    for step in steps:
        title = _returned_by(step) if step.name == "return" else EVENTS.get(step.name)
        if title is None:
            continue
        if step.name in _PASSED_ON and rows and rows[-1]["title"] == str(title):
            continue
        own = step.name in ("return", "withdraw")
        reason = step.reason if own else ""
        rows.append({"title": str(title), "at": step.created_at, "reason": reason})
    return rows


def _returned_by(step: ApplicationTransition) -> str:
    if step.side == OrganisationKind.DHCS:
        return _("DHCS sent your application back to you for correction")
    return _("Your plan sent your application back to you for correction")


def _by(moment: datetime) -> str:
    return _("By %(when)s") % {"when": long(moment)}


def _due(status: str, cycle: Cycle) -> str:
    if status in (*Status.with_plan, Status.RETURNED):
        return _by(cycle.scoring_due_at)
    if status in Status.handed_over:
        expected = cycle.decision_expected_at
        return _by(expected) if expected else _("The date is to come.")
    return ""


Row = tuple[str, str, str]


def _way(
    cycle: Cycle, window: Window, application: Application | None
) -> tuple[list[Row], int | None]:
    """Return title, date and note of each part, and the number of the one where the practice is."""
    status = application.status if application else ""
    rows = [_opens(cycle), _apply(window)]
    if application and status == Status.WITHDRAWN:
        when = long(application.withdrawn_at) if application.withdrawn_at else ""
        return [*rows, (application.public_status, when, "")], 2
    if status == Status.RETURNED:
        rows.append(_correct(cycle))
    rows.append(_scores(cycle))
    if application and application.decided_at:
        rows.append((_("DHCS decides"), long(application.decided_at), ""))
        return [*rows, (application.public_status, "", "")], len(rows)
    rows.append(_decides(cycle))
    return rows, _here(status, window)


def _here(status: str, window: Window) -> int | None:
    if status in Status.handed_over:
        return 3
    if status in Status.with_plan or status == Status.RETURNED:
        return 2
    return 1 if window.is_open() else None


def _past(window: Window) -> int:
    """Return how many parts are over for a practice that has nothing under way."""
    return 2 if window.has_closed() else 0


def _opens(cycle: Cycle) -> Row:
    return _("Applications open"), long(cycle.opens_at), ""


def _apply(window: Window) -> Row:
    words = {"when": long(window.closes_at)}
    if window.late:
        note = _("Your practice has late access until this time.")
        return _("You apply"), _("until %(when)s") % words, note
    return _("You apply"), _("until %(when)s") % words, _("You submit before this time.")


def _correct(cycle: Cycle) -> Row:
    when = _("until %(when)s") % {"when": long(cycle.scoring_due_at)}
    return _("You correct it and submit again"), when, ""


def _scores(cycle: Cycle) -> Row:
    return (
        _("Your plan scores"),
        _("until %(when)s") % {"when": long(cycle.scoring_due_at)},
        _("Your Medi-Cal plan scores the application out of %(points)s points.")
        % {"points": cycle.definition.rubric.total},
    )


def _decides(cycle: Cycle) -> Row:
    expected = cycle.decision_expected_at
    return (
        _("DHCS decides"),
        long(expected) if expected else _("Date to come"),
        _("Every applicant hears at the same time, by email and here."),
    )
