"""Emails about requests to decide anew: the receipt and the answer to owners, the task to its reader."""

from datetime import datetime

from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext as _

from accounts.languages import in_language
from accounts.models import Membership
from applications.emails import Facts, absolute, compose, owners_of
from core.times import long
from notifications.outbox import Email, enqueue
from programs.schema.rules import EmailKind
from selection.enums import Outcome
from selection.models import Reconsideration


def received(row: Reconsideration, *, by: Membership) -> None:
    """Tell every owner of the practice that the request is with DHCS."""
    facts: Facts = {"asked_at": row.requested_at, "person": by.user.full_name}
    _to_owners(row, "reconsideration_received", "received", facts)


def decided(row: Reconsideration, *, answer_by: datetime | None) -> None:
    """Tell every owner what was decided anew and why; `answer_by` (UTC) is until when to take a place."""
    words = lazy(_outcome, str)(row, answer_by)
    facts: Facts = {"outcome": words, "reasons": row.reasons}
    _to_owners(row, "reconsideration_decided", "decided", facts)


def assigned(row: Reconsideration, *, to: Membership, by: Membership) -> None:
    """Tell the reader that a request waits for an answer; what it says stays in the portal."""
    application = row.application
    with in_language(to.user):
        facts = {
            "by": by.user.full_name,
            "practice": application.practice.name,
            "reference": application.reference,
            "cycle": application.cycle.shown_title,
            "url": absolute(reverse("selection:reconsideration_desk", args=[row.pk])),
        }
        subject = _("%(reference)s: a request for a reconsideration waits for you") % facts
        body = _(
            "%(by)s gave you the request for a reconsideration of %(practice)s (%(reference)s, "
            "%(cycle)s).\n\n"
            "Read it and answer in the portal:\n%(url)s\n"
        )
    key = f"reconsideration:{row.pk}"
    enqueue([Email("reconsideration_assigned", key, to.user.email, subject, body % facts)])


def outcome_sentence(row: Reconsideration) -> str:
    """Return the answer to a request in one sentence for the practice, in the language that is active."""
    stays = row.outcome == row.decision.outcome
    if row.outcome == Outcome.SELECTED:
        return _("Your practice is selected.")
    if row.outcome == Outcome.WAITLISTED:
        if stays:
            return _("The decision stays: your practice is on the waitlist.")
        return _("Your practice is on the waitlist now.")
    return _("The decision stays: your practice is not selected.")


def _outcome(row: Reconsideration, answer_by: datetime | None) -> str:
    sentence = outcome_sentence(row)
    if answer_by is None:
        return sentence
    more = _("An owner accepts or declines the place in the portal by %(when)s.")
    return f"{sentence} {more % {'when': long(answer_by)}}"


def _to_owners(row: Reconsideration, kind: EmailKind, part: str, facts: Facts) -> None:
    application = row.application
    url = absolute(reverse("selection:reconsideration", args=[application.pk]))
    enqueue(
        compose(
            application,
            kind,
            to=owner.email,
            person=owner.full_name,
            key=f"reconsideration:{row.pk}:{part}",
            facts={"url": url, **facts},
            language=owner.language,
        )
        for owner in owners_of(application.practice)
    )
