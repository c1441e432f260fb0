"""Places offered to selected practices, and what a practice answers.

Who does several locks the application first, then its offer, then the cycle (by sealing).
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain.locking import lock
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import Application
from core.exceptions import DomainError, WrongState
from core.times import to_the_second
from selection.deadlines import answer_by
from selection.domain import freeing
from selection.emails import offers as emails
from selection.enums import OfferStatus, Outcome, Reason
from selection.models import Decision, Offer

LEAST_REASON = 10  # characters


def open_for(decisions: Iterable[Decision]) -> None:
    """Offer a place to each selected one of `decisions`; who has an offer on the decision keeps it.

    The decisions come with their applications and proposals, of one released proposal.
    """
    rows = [one for one in decisions if one.outcome == Outcome.SELECTED]
    have = set(Offer.objects.filter(decision__in=rows).values_list("decision", flat=True))
    Offer.objects.bulk_create(
        Offer(
            application_id=one.application_id,
            decision=one,
            status=OfferStatus.OPEN,
            answer_by=answer_by(one.proposal.cycle, _released(one)),
        )
        for one in rows
        if one.pk not in have
    )


def open_late(decision: Decision, *, at: datetime) -> Offer:
    """Offer a place to a practice that became selected at `at`, after the release.

    A suggestion that waits for staff becomes this offer. The caller has locked the application and then
    the cycle, so that nobody suggests the place meanwhile.
    """
    application = decision.application
    live = Offer.objects.select_for_update(of=("self",)).filter(
        application=application, status__in=OfferStatus.live
    )
    found = live.first() or Offer(application=application)
    found.decision, found.status, found.is_promotion = decision, OfferStatus.OPEN, False
    found.answer_by = answer_by(application.cycle, at)
    found.save()
    return found


@transaction.atomic
def accept(application: Application, *, by: Membership) -> Offer:
    """Take the place. A second call changes nothing.

    Raises WrongState when the offer is over or was answered otherwise.
    """
    locked = lock(application)
    if locked.status == Status.PARTICIPATING and (taken := _last(locked, OfferStatus.ACCEPTED)):
        return taken
    found, now = _open(locked)
    apply_transition(locked, "accept", by=by)
    _answer(found, OfferStatus.ACCEPTED, by=by, at=now)
    emails.accepted(found, locked, by=by)
    return found


@transaction.atomic
def decline(application: Application, *, reason: str, by: Membership) -> Offer:
    """Give the place away before it was taken. A second call changes nothing.

    Raises DomainError without a reason, WrongState when the offer is over or was answered otherwise.
    """
    reason = require_reason(reason)
    locked = lock(application)
    if locked.status == Status.DECLINED and (given := _last(locked, OfferStatus.DECLINED)):
        return given
    found, now = _open(locked)
    apply_transition(locked, "decline", by=by, reason=reason)
    _answer(found, OfferStatus.DECLINED, by=by, at=now, reason=reason)
    emails.declined(found, locked, by=by)
    freeing.free([locked], reason=Reason.DECLINED, by=by)
    return found


@transaction.atomic
def leave(application: Application, *, reason: str, by: Membership) -> Application:
    """Leave the program after the place was taken. A second call changes nothing.

    Raises DomainError without a reason, WrongState when the practice does not take part.
    """
    reason = require_reason(reason)
    locked = lock(application)
    if locked.status == Status.LEFT:
        return locked
    if locked.status != Status.PARTICIPATING:
        raise WrongState(_("Your practice does not take part, so there is nothing to leave."))
    moved = apply_transition(locked, "leave", by=by, reason=reason)
    emails.left(locked, reason=reason, by=by)
    freeing.free([locked], reason=Reason.LEFT, by=by)
    return moved


def require_reason(reason: str) -> str:
    """Return the reason without spaces around it. Raises DomainError when it says too little."""
    reason = reason.strip()
    if len(reason) < LEAST_REASON:
        raise DomainError(_("Write the reason in %(n)d characters or more.") % {"n": LEAST_REASON})
    return reason


def _open(application: Application) -> tuple[Offer, datetime]:
    """Return the offer to answer, locked, and the present moment; else say why there is none."""
    offers = Offer.objects.select_for_update(of=("self",)).filter(application=application)
    found, now = offers.filter(status=OfferStatus.OPEN).first(), timezone.now()
    if found is None:
        raise WrongState(_no_offer(application))
    if found.answer_by is None or now > found.answer_by:
        moment = to_the_second(found.answer_by) if found.answer_by else ""
        message = _("The time to answer ended on %(when)s. It is %(now)s.")
        raise WrongState(message % {"when": moment, "now": to_the_second(now)})
    return found, now


def _no_offer(application: Application) -> str:
    if application.status == Status.PARTICIPATING:
        return _("Your practice has accepted the place already. Nothing was changed.")
    if application.status == Status.DECLINED:
        return _("The place was declined, or not accepted in time. It can't be answered any more.")
    if application.status == Status.SELECTED:
        return _("Your place is being prepared. Try again in a few minutes.")
    return _("There is no place to answer.")


def _released(decision: Decision) -> datetime:
    if decision.proposal.released_at is None:
        raise WrongState(_("These decisions are not released yet."))
    return decision.proposal.released_at


def _last(application: Application, status: str) -> Offer | None:
    return Offer.objects.filter(application=application, status=status).order_by("pk").last()


def _answer(offer: Offer, status: str, *, by: Membership, at: datetime, reason: str = "") -> None:
    offer.status, offer.reason = status, reason
    offer.answered_by, offer.answered_at = by.user, at
    offer.save(update_fields=["status", "reason", "answered_by", "answered_at"])
