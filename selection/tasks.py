"""Celery tasks of DHCS's side. They hold no rules and may run any number of times."""

from celery import shared_task
from django.utils import timezone

from selection.domain import bulk, cohort_search, expiring, releasing


@shared_task(name=releasing.RELEASE_TASK)
def release(proposal_id: int) -> bool:
    """Release what was asked for and tell everybody; tell whether there was work."""
    return releasing.carry_on(proposal_id)


@shared_task(name="selection.sweep_releases")
def sweep_releases() -> int:
    """Go on with every release that is not finished: when a worker was killed or the broker away."""
    waiting = list(releasing.unfinished().order_by("pk").values_list("pk", flat=True))
    return sum(map(release, waiting))


@shared_task(name=cohort_search.SEARCH_TASK)
def search_cohort(search_id: int) -> bool:
    """Make one search that waits; tell whether there was work."""
    return cohort_search.carry_out(search_id) is not None


@shared_task(name="selection.sweep_searches")
def sweep_searches() -> int:
    """Make every search that waits or whose worker died: when the broker or a worker was away."""
    return sum(map(search_cohort, cohort_search.waiting()))


@shared_task(name=bulk.CARRY_OUT_TASK)
def carry_out_bulk_act(act_id: int) -> bool:
    """Carry out one act on many applications that has waited; tell whether there was work."""
    return bulk.carry_out(act_id)


@shared_task(name="selection.sweep_bulk_acts")
def sweep_bulk_acts() -> int:
    """Carry out every act whose time has come: when the broker or a worker was away."""
    waiting = list(bulk.due(timezone.now()).values_list("pk", flat=True))
    return sum(map(carry_out_bulk_act, waiting))


@shared_task(name="selection.sweep_offers")
def sweep_offers() -> int:
    """Remind of offers, end those that were not answered in time, and look at the waitlists."""
    return expiring.sweep()
