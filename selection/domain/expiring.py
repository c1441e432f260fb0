"""What the clock does with offers: reminds of them, and ends those that were not answered in time."""

import copy
import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Membership
from applications.domain.transitions import Step, apply_transitions
from applications.enums import Status
from applications.models import Application
from core.exceptions import DomainError
from core.times import long
from programs.models import Cycle
from selection.domain.freeing import free, lock_cycle
from selection.domain.suggesting import suggest
from selection.emails import offers as emails
from selection.enums import OfferStatus, Reason
from selection.models import DecisionRecord, Offer, Proposal
from selection.queries.offers import due, to_remind

logger = logging.getLogger(__name__)
BATCH = 200
REMIND_BEFORE = timedelta(days=3)


def sweep() -> int:
    """Remind of offers, end those whose time is over, and look at the waitlists; return how many ended.

    It may run any number of times, by several at once.
    """
    now = timezone.now()
    remind(now)
    ended = 0
    for cycle in Cycle.objects.filter(pk__in=DecisionRecord.objects.values("cycle")):
        try:
            while done := expire(cycle, now):
                ended += done
            renew(cycle)
        except DomainError:
            logger.exception("The offers of %s can't be ended.", cycle.slug)
    return ended


@transaction.atomic
def remind(now: datetime) -> int:
    """Queue one reminder for each offer that ends within 3 days; return for how many."""
    offers = list(to_remind(now, REMIND_BEFORE)[:BATCH])
    for offer in offers:
        emails.reminder(offer, offer.application)
    return len(offers)


@transaction.atomic
def expire(cycle: Cycle, now: datetime) -> int:
    """End the next offers of a cycle whose time was over at `now` (UTC); return how many.

    They are sealed in one record. Who answers at the same moment is either before or after.
    """
    waiting = list(due(now).filter(application__cycle=cycle).order_by("pk")[:BATCH])
    locked = _locked([offer.application_id for offer in waiting])
    offers = Offer.objects.select_for_update(of=("self",)).filter(pk__in=[o.pk for o in waiting])
    found = [offer for offer in offers.order_by("pk") if _is_over(offer, locked, now)]
    if not found:
        return 0
    by = _portal(found[0].decision.proposal)
    rows = [locked[offer.application_id] for offer in found]
    steps: list[Step] = [(offer.application_id, "expire", _why(offer), {}) for offer in found]
    apply_transitions(steps, by=by, locked=locked)
    for offer in found:
        offer.status = OfferStatus.EXPIRED
        emails.expired(offer, locked[offer.application_id])
    Offer.objects.bulk_update(found, ["status"])
    free(rows, reason=Reason.DECLINED, by=by)
    return len(found)


@transaction.atomic
def renew(cycle: Cycle) -> int:
    """Suggest what can be suggested now: after a reconsideration, say, or a practice put back in line."""
    retire(cycle)
    return len(suggest(lock_cycle(cycle.pk)))


@transaction.atomic
def retire(cycle: Cycle) -> int:
    """Take back the suggestions on decisions that are not in force any more; return how many."""
    gone = Offer.objects.filter(application__cycle=cycle, status=OfferStatus.SUGGESTED)
    gone = gone.exclude(decision__in_force=True, application__status=Status.WAITLISTED)
    pks = list(gone.values_list("application", flat=True))
    _locked(pks)
    return gone.filter(application__in=pks).update(status=OfferStatus.CANCELLED)


def _locked(pks: list[int]) -> dict[int, Application]:
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    related = rows.select_related("cycle", "practice", "designated_mcp")
    return {row.pk: row for row in related.filter(pk__in=pks).order_by("pk")}


def _is_over(offer: Offer, locked: dict[int, Application], now: datetime) -> bool:
    is_open = offer.status == OfferStatus.OPEN
    is_late = offer.answer_by is not None and offer.answer_by < now
    return is_open and is_late and locked[offer.application_id].status == Status.SELECTED


def _why(offer: Offer) -> str:
    when = long(offer.answer_by) if offer.answer_by else ""
    return _("The place was not accepted by %(when)s.") % {"when": when}


def _portal(proposal: Proposal) -> Membership:
    """Return who acts when the clock does: the portal, in the name of who released the decisions.

    The person is a copy that is never stored: its name says that nobody pressed a button.
    """
    hats = Membership.objects.select_related("user", "organisation")
    hat = hats.filter(
        user=proposal.released_by_id, organisation__kind=OrganisationKind.DHCS
    ).earliest("pk")
    person = copy.copy(hat.user)
    person.full_name = _("The portal, for %(name)s") % {"name": person.full_name}
    hat.user = person
    return hat
