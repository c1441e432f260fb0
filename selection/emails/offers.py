"""Emails to the owners of a practice about its place: offered, answered, nearly over, over, given back."""

from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.languages import in_language
from accounts.models import Membership, User
from applications.emails import absolute, owners_of
from applications.models import Application
from core.times import long
from notifications.outbox import Email, enqueue
from selection.emails.decided import dollars_of
from selection.models import Offer
from selection.queries.offers import REMINDER

Facts = dict[str, str]
Text = tuple[str, str]


def promoted(offer: Offer, application: Application) -> None:
    """Tell the owners that a place became free for them, and until when they accept it."""

    def text(facts: Facts) -> Text:
        return (
            _("%(reference)s: a place for %(practice)s") % facts,
            _(
                "A place became free in %(cycle)s, and %(practice)s moves up from the waitlist.\n\n"
                "You can earn up to %(payment)s over the whole program, paid milestone by milestone.\n\n"
                "An owner of your practice accepts or declines the place by %(answer_by)s:\n%(url)s\n"
            )
            % facts,
        )

    _send("promoted", f"offer:{offer.pk}", application, text, offer=offer)


def reminder(offer: Offer, application: Application) -> None:
    """Remind the owners, a few days before the offer ends. The key says that it was done."""

    def text(facts: Facts) -> Text:
        return (
            _("%(reference)s: accept or decline your place by %(answer_by)s") % facts,
            _(
                "%(practice)s is selected for %(cycle)s and has not answered yet.\n\n"
                "An owner of your practice accepts or declines the place by %(answer_by)s. A place that is "
                "not accepted by then is offered to the next practice on the waitlist.\n\n%(url)s\n"
            )
            % facts,
        )

    _send(REMINDER, f"offer:{offer.pk}", application, text, offer=offer)


def accepted(offer: Offer, application: Application, *, by: Membership) -> None:
    """Confirm to the owners that the place is theirs."""

    def text(facts: Facts) -> Text:
        return (
            _("%(reference)s: %(practice)s takes part") % facts,
            _(
                "%(person)s accepted the place of %(practice)s in %(cycle)s on %(when)s.\n\n"
                "You have nothing more to do for now. DHCS writes to you about your first milestones.\n\n"
                "See your place:\n%(url)s\n"
            )
            % facts,
        )

    _send("offer_accepted", f"offer:{offer.pk}", application, text, offer=offer, by=by)


def declined(offer: Offer, application: Application, *, by: Membership) -> None:
    """Confirm to the owners that the place is given away, with the reason."""

    def text(facts: Facts) -> Text:
        return (
            _("%(reference)s: you declined the place") % facts,
            _(
                "%(person)s declined the place of %(practice)s in %(cycle)s on %(when)s.\n\n"
                "The reason given: %(reason)s\n\n"
                "This can't be undone. The place is offered to the next practice on the waitlist.\n\n"
                "See your application:\n%(url)s\n"
            )
            % facts,
        )

    _send("offer_declined", f"offer:{offer.pk}", application, text, offer=offer, by=by)


def expired(offer: Offer, application: Application) -> None:
    """Tell the owners that the time to answer is over and the place is gone."""

    def text(facts: Facts) -> Text:
        return (
            _("%(reference)s: the time to accept your place is over") % facts,
            _(
                "Nobody accepted the place of %(practice)s in %(cycle)s by %(answer_by)s. It is offered to "
                "the next practice on the waitlist.\n\n"
                "See your application:\n%(url)s\n"
            )
            % facts,
        )

    _send("offer_expired", f"offer:{offer.pk}", application, text, offer=offer)


def left(application: Application, *, reason: str, by: Membership) -> None:
    """Confirm to the owners that the practice left the program, with the reason."""

    def text(facts: Facts) -> Text:
        return (
            _("%(reference)s: %(practice)s left the program") % facts,
            _(
                "%(person)s took %(practice)s out of %(cycle)s.\n\n"
                "The reason given: %(reason)s\n\n"
                "This can't be undone. The place is offered to the next practice on the waitlist.\n\n"
                "See your application:\n%(url)s\n"
            )
            % facts,
        )

    _send("left_program", f"left:{application.pk}", application, text, reason=reason, by=by)


def _send(
    kind: str,
    key: str,
    application: Application,
    text: Callable[[Facts], Text],
    *,
    offer: Offer | None = None,
    reason: str = "",
    by: Membership | None = None,
) -> None:
    """Queue one email to each owner, in the owner's language."""
    emails = []
    for owner in owners_of(application.practice):
        with in_language(owner):
            subject, body = text(_facts(application, offer, reason, by))
        emails.append(_email(kind, key, owner, subject, body))
    enqueue(emails)


def _email(kind: str, key: str, owner: User, subject: str, body: str) -> Email:
    return Email(kind, key, owner.email, subject, body)


def _facts(
    application: Application, offer: Offer | None, reason: str, by: Membership | None
) -> Facts:
    answered = offer.answered_at if offer else None
    return {
        "practice": application.practice.name,
        "reference": application.reference,
        "cycle": application.cycle.shown_title,
        "payment": dollars_of(application),
        "person": by.user.full_name if by else "",
        "reason": offer.reason if offer else reason,
        "answer_by": long(offer.answer_by) if offer and offer.answer_by else "",
        "when": long(answered) if answered else "",
        "url": absolute(reverse("selection:place", args=[application.pk])),
    }
