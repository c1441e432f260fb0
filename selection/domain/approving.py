"""A second person approves a proposal, or rejects it with a reason."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from core.exceptions import DomainError, WrongState
from selection.domain import staleness
from selection.domain.locked import lock
from selection.domain.staff_conflicts import refuse_own_pins
from selection.domain.staleness import Stale
from selection.models import Proposal

LEAST_REASON = 10  # characters


def approve(proposal: Proposal, *, by: Membership, publish_at: datetime | None = None) -> Proposal:
    """Approve what another person proposed, and set when the public page appears (None: as proposed).

    When two approve at once, the first counts and the second changes nothing. Raises DomainError for who
    proposed it or has a conflict with a pinned application, Stale when an input changed, WrongState when
    it has ended.
    """
    try:
        with transaction.atomic():
            return _approve(proposal.pk, by, publish_at)
    except Stale as error:
        staleness.mark(proposal.pk, error.references)
        raise


@transaction.atomic
def reject(proposal: Proposal, *, reason: str, by: Membership) -> Proposal:
    """Reject what another person proposed, before it is released. A second call changes nothing.

    Raises DomainError for who proposed it and without a reason, WrongState when it has ended otherwise.
    """
    reason = reason.strip()
    if len(reason) < LEAST_REASON:
        message = _("Say in %(n)d characters or more why you reject this.")
        raise DomainError(message % {"n": LEAST_REASON})
    found = lock(proposal.pk)
    if found.rejected_at:
        return found
    if found.proposed_by_id == by.user_id:
        raise DomainError(_("You proposed this. Withdraw it, if it is wrong."))
    require_open(found)
    found.rejected_at, found.rejected_by = timezone.now(), by.user
    found.rejection_reason = reason
    found.save(update_fields=["rejected_at", "rejected_by", "rejection_reason"])
    return found


def require_open(proposal: Proposal) -> None:
    """Raise WrongState or Stale with the reason why nobody can act on the proposal any more."""
    if proposal.released_at:
        raise WrongState(_("These decisions are released."))
    if proposal.rejected_at:
        raise WrongState(_("This proposal was rejected. Propose again."))
    if proposal.withdrawn_at:
        raise WrongState(_("This proposal was withdrawn. Propose again."))
    if proposal.stale_at:
        raise Stale(proposal.stale_because)
    if proposal.release_asked_at:
        raise WrongState(_("These decisions are being released."))


def _approve(pk: int, by: Membership, publish_at: datetime | None) -> Proposal:
    found = lock(pk)
    require_open(found)
    if found.approved_at:
        return found
    if found.proposed_by_id == by.user_id:
        raise DomainError(_("A second person approves what you proposed. Ask an approver."))
    refuse_own_pins(found, by=by)
    staleness.require_fresh(found)
    found.approved_at, found.approved_by = timezone.now(), by.user
    found.publish_at = publish_at or found.publish_at
    found.save(update_fields=["approved_at", "approved_by", "publish_at"])
    return found
