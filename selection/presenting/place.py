"""The place of a practice in words for the practice. No queries."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.enums import Status
from applications.models import Application
from core.times import long
from selection.emails.decided import dollars_of
from selection.enums import OfferStatus
from selection.models import Offer


@dataclass(frozen=True)
class Place:
    """Where the practice's place is: a title, what it means, and facts as rows of the component."""

    title: str
    body: str
    tone: str
    facts: list[dict[str, str]]
    can_answer: bool = False
    can_leave: bool = False
    due: str = ""


def place_of(application: Application, offer: Offer | None, now: datetime) -> Place:
    """Return what the practice is told about its place at `now` (UTC); `offer` is its last one."""
    if application.status == Status.SELECTED:
        return _offered(application, offer, now)
    if application.status == Status.PARTICIPATING:
        body = _("You have nothing to do for now. DHCS writes to you about your first milestones.")
        facts = [_money(application), *_answered(offer, _("Accepted"))]
        return Place(_("Your practice takes part"), body, "success", facts, can_leave=True)
    if application.status == Status.DECLINED:
        return _gone(offer)
    words = {
        Status.LEFT: (
            _("Your practice left the program"),
            _("Nothing is asked of you any more. What you submitted is kept and you can read it."),
        ),
        Status.WAITLISTED: (
            _("Your practice is on the waitlist"),
            _("If a place becomes free, the practices are asked in the order of their rank, and we "
              "write to you."),
        ),
    }  # fmt: skip
    nothing = (
        _("Your practice is not selected"),
        _("There is no place to answer. The decision letter says why."),
    )
    title, body = words.get(Status(application.status), nothing)
    return Place(title, body, "info", [])


def time_left(until: datetime, now: datetime) -> str:
    """Return how long it is until then: whole days, else hours, rounded down; "" when it is over."""
    left = until - now
    if left.total_seconds() < 0:
        return ""
    if left.days:
        return ngettext("%(n)d day left", "%(n)d days left", left.days) % {"n": left.days}
    hours = left.seconds // 3600
    if hours:
        return ngettext("%(n)d hour left", "%(n)d hours left", hours) % {"n": hours}
    return _("less than an hour left")


def accept_effects(application: Application) -> list[str]:
    """Return what accepting does."""
    return [
        _("Your practice takes part in %(cycle)s.") % {"cycle": application.cycle.shown_title},
        _("You can earn up to %(payment)s, paid milestone by milestone.")
        % {"payment": dollars_of(application)},
        _("Every owner of the practice gets an email."),
    ]


def give_up_effects() -> list[str]:
    """Return what declining or leaving does."""
    return [
        _("The place is offered to the next practice on the waitlist."),
        _("This can't be undone in this cycle."),
        _("What you submitted is kept and you can read it."),
        _("Every owner of the practice gets an email with the reason, and DHCS reads it."),
    ]


def _offered(application: Application, offer: Offer | None, now: datetime) -> Place:
    if offer is None or offer.status != OfferStatus.OPEN or offer.answer_by is None:
        body = _("Your place is being prepared. Look here again in a few minutes.")
        return Place(_("Your practice is selected"), body, "info", [_money(application)])
    when = long(offer.answer_by)
    if now > offer.answer_by:
        body = _("The place was to be accepted by %(when)s.") % {"when": when}
        return Place(_("The time to answer is over"), body, "warning", [])
    due = _("Answer by %(when)s (%(left)s)") % {
        "when": when,
        "left": time_left(offer.answer_by, now),
    }
    body = _(
        "A place that is not accepted in time is offered to the next practice on the waitlist."
    )
    facts = [_money(application), {"label": _("Answer by"), "value": when}]
    return Place(_("A place for your practice"), body, "turn", facts, can_answer=True, due=due)


def _gone(offer: Offer | None) -> Place:
    if offer is not None and offer.status == OfferStatus.EXPIRED and offer.answer_by:
        body = _("Nobody accepted it by %(when)s.") % {"when": long(offer.answer_by)}
        return Place(_("The time to answer is over"), body, "info", [])
    facts = _answered(offer, _("Declined"))
    if offer is not None and offer.reason:
        facts.append({"label": _("Reason given"), "value": offer.reason})
    body = _("The place is offered to the next practice on the waitlist.")
    return Place(_("You declined the place"), body, "info", facts)


def _money(application: Application) -> dict[str, str]:
    return {"label": _("You can earn up to"), "value": dollars_of(application)}


def _answered(offer: Offer | None, label: str) -> list[dict[str, str]]:
    if offer is None or offer.answered_at is None or offer.answered_by is None:
        return []
    words = {"when": long(offer.answered_at), "person": offer.answered_by.full_name}
    return [{"label": label, "value": _("%(when)s, by %(person)s") % words}]
