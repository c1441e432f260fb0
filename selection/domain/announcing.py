"""Telling every practice of a released decision, in batches that may be cut off at any moment.

Each batch is one transaction: offers opened, emails queued, and how far it came. The key of an email is
its decision, so that nobody gets it twice, whoever does a batch again.
"""

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from selection.domain import offers
from selection.domain.locked import lock
from selection.emails import decided as emails
from selection.enums import Outcome
from selection.models import Decision, Proposal


def carry_on(proposal_id: int) -> bool:
    """Tell everybody who has not been told; tell whether there was work."""
    worked = False
    while _step(proposal_id):
        worked = True
    return worked


def _step(pk: int) -> bool:
    """Tell the next ones, or finish; tell whether anything was done."""
    with transaction.atomic():
        found = lock(pk)
        if found.released_at is None or found.announced_at:
            return False
        rows = _next_of(found)
        told = [row for row in rows if is_new(row, found)]
        offers.open_for([row for row in told if row.outcome == Outcome.SELECTED])
        emails.decided(told, proposal=found)
        found.announced += len(rows)
        if found.announced >= found.total:
            found.announced_at = timezone.now()
        found.save(update_fields=["announced", "announced_at"])
        return True


def is_new(decision: Decision, proposal: Proposal) -> bool:
    """Tell whether the decision changed where its application is: only then there is news.

    A decision made anew that leaves a practice where it was is not told again.
    """
    moved, released = decision.application.decided_at, proposal.released_at
    return moved is not None and released is not None and moved >= released


def _next_of(proposal: Proposal) -> list[Decision]:
    start = proposal.announced
    rows = Decision.objects.filter(proposal=proposal).order_by("pk")
    found = list(rows.select_related("application")[start : start + settings.ANNOUNCE_BATCH])
    for one in found:
        one.proposal = proposal
        one.application.cycle = proposal.cycle
    return found
