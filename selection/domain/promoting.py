"""What staff do with a suggestion: confirm it, or pass the practice over with a reason."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain.locking import lock
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import Application
from core.exceptions import WrongState
from programs.models import Cycle
from selection.deadlines import answer_by
from selection.domain import records
from selection.domain.freeing import lock_cycle
from selection.domain.offers import require_reason
from selection.domain.suggesting import suggest
from selection.emails import offers as emails
from selection.enums import OfferStatus, Outcome, Reason
from selection.models import Offer
from selection.queries.waitlist import money_of


@transaction.atomic
def confirm(offer: Offer, *, by: Membership) -> Offer:
    """Offer the suggested place: the practice moves up, a record is sealed, the owners are told.

    When two confirm at once the first counts and the second changes nothing. Raises WrongState when the
    suggestion does not hold any more.
    """
    application, found = _locked(offer)
    if found.status == OfferStatus.OPEN:
        return found
    _require_suggested(found, application)
    cycle = lock_cycle(application.cycle_id)
    _require_money(cycle, found, application)
    now = timezone.now()
    apply_transition(application, "promote", by=by, reason=str(Reason.PROMOTED.label))
    found.status, found.answer_by = OfferStatus.OPEN, answer_by(cycle, now)
    found.confirmed_by, found.confirmed_at = by.user, now
    found.save(update_fields=["status", "answer_by", "confirmed_by", "confirmed_at"])
    records.seal_act(
        proposal=found.decision.proposal,
        application=application,
        outcome=str(Outcome.SELECTED),
        reason=str(Reason.PROMOTED),
        by=by,
        at=now,
    )
    emails.promoted(found, application)
    return found


@transaction.atomic
def pass_over(offer: Offer, *, reason: str, by: Membership) -> Offer:
    """Leave the suggested practice on the waitlist and suggest the one after it.

    It is not suggested again until it is put back in line. A second call changes nothing. Raises
    DomainError without a reason, WrongState when the suggestion does not hold any more.
    """
    reason = require_reason(reason)
    application, found = _locked(offer)
    if found.status == OfferStatus.CANCELLED and found.reason:
        return found
    _require_suggested(found, application)
    found.status, found.reason = OfferStatus.CANCELLED, reason
    found.answered_by, found.answered_at = by.user, timezone.now()
    found.save(update_fields=["status", "reason", "answered_by", "answered_at"])
    suggest(lock_cycle(application.cycle_id))
    return found


@transaction.atomic
def put_back(offer: Offer, *, by: Membership) -> Offer:
    """Put a practice that was passed over back in its place in line. A second call changes nothing."""
    application, found = _locked(offer)
    if found.status != OfferStatus.CANCELLED or not found.is_promotion:
        raise WrongState(_("This practice was not passed over. Nothing was changed."))
    if found.reason:
        found.reason, found.answered_by, found.answered_at = "", by.user, timezone.now()
        found.save(update_fields=["reason", "answered_by", "answered_at"])
        suggest(lock_cycle(application.cycle_id))
    return found


def _locked(offer: Offer) -> tuple[Application, Offer]:
    application = lock(offer.application)
    offers = Offer.objects.select_for_update(of=("self",)).select_related("decision__proposal")
    return application, offers.get(pk=offer.pk)


def _require_suggested(offer: Offer, application: Application) -> None:
    if offer.status != OfferStatus.SUGGESTED:
        state = str(offer.get_status_display()).lower()
        message = _("This suggestion is already “%(state)s”. Nothing was changed.")
        raise WrongState(message % {"state": state})
    if application.status != Status.WAITLISTED or not offer.decision.in_force:
        raise WrongState(
            _("Decisions were made since this was suggested. Open the waitlist again.")
        )


def _require_money(cycle: Cycle, offer: Offer, application: Application) -> None:
    """Look whether the money is still there, after what is kept for suggestions with a better rank."""
    money = money_of(cycle, before=offer.decision)
    free, cost = money.free if money else 0, application.potential_payment or 0
    if cost > free:
        message = _("The place costs $%(cost)s and $%(free)s is free now. Nothing was changed.")
        raise WrongState(message % {"cost": f"{cost:,.0f}", "free": f"{max(free, 0):,.0f}"})
