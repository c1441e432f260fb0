"""Places that become free: sealed at once, and what is free then suggested to the next in line."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Application
from core.exceptions import WrongState
from programs.models import Cycle
from selection.domain import records
from selection.domain.suggesting import suggest
from selection.models import DecisionRecord
from selection.queries.records import latest
from selection.record.amending import Act

OUT = "left"  # the outcome in a record of who gave a place back


@transaction.atomic
def free(applications: Sequence[Application], *, reason: str, by: Membership) -> DecisionRecord:
    """Seal that these applications of one cycle, locked by the caller, gave their places back.

    Then suggest the next ones on the waitlist that the freed dollars reach. Raises WrongState when no
    record of the cycle is sealed yet.
    """
    cycle = lock_cycle(applications[0].cycle_id)
    found, at = _last_record(cycle), timezone.now()
    acts = [(one, Act(one.reference, OUT, str(reason), at)) for one in applications]
    sealed = records.seal_acts(proposal=found.proposal, acts=acts, by=by)
    suggest(cycle)
    return sealed


def lock_cycle(pk: int) -> Cycle:
    """Return the cycle, locked until the transaction ends, so that its records and money stand still."""
    cycles = Cycle.objects.select_related("version")
    return cycles.select_for_update(of=("self",), no_key=True).get(pk=pk)


def _last_record(cycle: Cycle) -> DecisionRecord:
    found = latest(cycle)
    if found is None:
        raise WrongState(_("The record of the decisions is not sealed yet. Try again later."))
    return found
