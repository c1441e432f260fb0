"""Whether a cycle is ready to be decided: closed, every application handed over, nothing else under way."""

from collections.abc import Mapping

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.enums import Status
from core.exceptions import WrongState
from core.times import long
from programs.models import Cycle
from selection.models import Proposal
from selection.queries import open_proposal, status_counts

TO_DECIDE = (*Status.handed_over, *Status.outcomes, Status.PARTICIPATING)


def require_ready(cycle: Cycle) -> None:
    """Raise WrongState with the first reason why no decisions can be proposed for `cycle` now.

    A cycle that is decided can be decided anew, once everybody heard of the decisions before.
    """
    if open_proposal(cycle):
        raise WrongState(
            _("There is an open proposal for this cycle. Release, reject or withdraw it first.")
        )
    if Proposal.objects.filter(cycle=cycle, released_at__isnull=False, announced_at=None).exists():
        raise WrongState(
            _("The practices are still being told of the decisions before. Wait until all are.")
        )
    require_finished(cycle)
    counts = status_counts(cycle)
    if not any(counts.get(status) for status in TO_DECIDE):
        raise WrongState(
            _("No application has been handed over yet, so there is nothing to decide.")
        )


def require_finished(cycle: Cycle) -> None:
    """Raise WrongState while applications can come in or plans still have some."""
    if not cycle.has_closed():
        message = _("This cycle takes applications until %(closes)s. Decide after that.")
        raise WrongState(message % {"closes": long(cycle.closes_at)})
    if unfinished := unfinished_in(cycle, status_counts(cycle)):
        message = ngettext(
            "%(n)d application is still with its plan. Every application needs a recommendation first.",
            "%(n)d applications are still with their plans. Every application needs a recommendation "
            "first.",
            unfinished,
        )
        raise WrongState(message % {"n": unfinished})


def unfinished_in(cycle: Cycle, counts: Mapping[str, int]) -> int:
    """Return how many applications still wait for their plan, or for a correction in time.

    `counts` is the number of applications in each status.
    """
    return sum(counts.get(status, 0) for status in unfinished_statuses(cycle))


def unfinished_statuses(cycle: Cycle) -> tuple[str, ...]:
    """Return where an application stands that keeps the cycle from being decided."""
    in_time = timezone.now() <= cycle.scoring_due_at
    return (*Status.with_plan, Status.RETURNED) if in_time else Status.with_plan


def is_decided(counts: Mapping[str, int]) -> bool:
    """Tell whether decisions of the cycle were released before, from the number in each status."""
    return any(counts.get(status) for status in Status.decided)
