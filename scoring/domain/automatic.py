"""The automatic assignment: prepared as a dry run. `scoring.domain.applying` carries it out."""

import logging
from collections.abc import Callable
from datetime import timedelta

import numpy as np
from celery import current_app
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from core.exceptions import DomainError, WrongState
from programs.models import Cycle
from scoring.balancing import balance
from scoring.domain.pooling import Situation, situation
from scoring.domain.unplaced import unplaced
from scoring.enums import RunState
from scoring.models import AssignmentRun
from scoring.queries import lacking_reviewers

IN_A_REQUEST = 2000  # applications; more are prepared by a worker
MOST_EACH = 5
STEP = 0.02  # of the work, between two marks of progress
LOST_AFTER = timedelta(minutes=10)  # longer than a task may run
PREPARE_TASK = "scoring.prepare_run"
OPEN = (RunState.WAITING, RunState.RUNNING, RunState.READY)
UNDER_WAY = (RunState.WAITING, RunState.RUNNING, RunState.APPLYING)
logger = logging.getLogger(__name__)


@transaction.atomic
def prepare(
    plan: Organisation, *, cycle: Cycle, reviewers_each: int, by: Membership
) -> AssignmentRun:
    """Make a dry run that gives every application `reviewers_each` reviewers; assign nothing.

    Standing reviews stay as they are. A prepared run that was not applied is discarded. Up to 2,000
    applications the run comes back ready, above that waiting for a worker. Raises DomainError when there
    is nothing to assign or nobody to assign to, WrongState while another run is being prepared.
    """
    if not 1 <= reviewers_each <= MOST_EACH:
        message = _("Choose 1 to %(most)d reviewers for each application.")
        raise DomainError(message % {"most": MOST_EACH})
    Organisation.objects.select_for_update(no_key=True).get(pk=plan.pk)
    _clear_the_way(plan, cycle)
    count = lacking_reviewers(plan, cycle, reviewers_each).count()
    run = AssignmentRun(
        cycle=cycle, plan=plan, reviewers_each=reviewers_each, made_by=by.label, actor=by
    )
    if count <= IN_A_REQUEST:
        _work_out(run, _unheard)
        run.state, run.finished_at, run.progress = RunState.READY, timezone.now(), 1.0
    run.save()
    if run.state == RunState.WAITING:
        transaction.on_commit(_bell(run.pk), robust=True)
    return run


def carry_out(run_id: int) -> AssignmentRun | None:
    """Prepare a run that waits, with its progress kept; return it, or None when it waits no more.

    It may be called any number of times; a run that a dead worker left is taken up after 10 minutes.
    """
    claim = {"state": RunState.RUNNING, "started_at": timezone.now()}
    if not waiting_runs().filter(pk=run_id).update(**claim):
        return None
    run = AssignmentRun.objects.select_related("cycle", "plan").get(pk=run_id)
    try:
        _work_out(run, _keeper(run_id))
    except DomainError as error:
        _finish(run, RunState.FAILED, str(error))
    except Exception:
        logger.exception("Run %s of the automatic assignment stopped", run_id)
        _finish(run, RunState.FAILED, _("Nothing was assigned. Prepare the assignment again."))
    else:
        _finish(run, RunState.READY, "")
    return run


def waiting_runs() -> QuerySet[AssignmentRun]:
    """Return the runs that nobody prepares: they wait, or their worker died."""
    lost = Q(state=RunState.RUNNING, started_at__lt=timezone.now() - LOST_AFTER)
    return AssignmentRun.objects.filter(Q(state=RunState.WAITING) | lost)


@transaction.atomic
def discard(run: AssignmentRun) -> AssignmentRun:
    """Drop a run that was not applied. A second call changes nothing; WrongState when it was applied."""
    locked = AssignmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.state == RunState.APPLIED:
        raise WrongState(_("This assignment was applied already. Take reviews back one by one."))
    if locked.state == RunState.APPLYING:
        raise WrongState(_("This assignment is being applied. It can't be stopped any more."))
    if locked.state in OPEN:
        locked.state = RunState.DISCARDED
        locked.save(update_fields=["state"])
    return locked


def _clear_the_way(plan: Organisation, cycle: Cycle) -> None:
    mine = AssignmentRun.objects.select_for_update(of=("self",)).filter(plan=plan, cycle=cycle)
    states = set(mine.filter(state__in=UNDER_WAY).values_list("state", flat=True))
    if RunState.APPLYING in states:
        raise WrongState(_("An assignment is being applied. Wait until it is done."))
    if states:
        message = _("An assignment is being prepared. Wait for it, or discard it first.")
        raise WrongState(message)
    mine.filter(state=RunState.READY).update(state=RunState.DISCARDED)


def _work_out(run: AssignmentRun, progress: Callable[[float], None]) -> None:
    """Fill in pairs, loads and what could not be placed; store nothing."""
    found = situation(run.plan, run.cycle, run.reviewers_each)
    if not found.applications:
        raise DomainError(_("Every application has its reviewers. There is nothing to assign."))
    if not found.people:
        raise DomainError(_("Nobody reviews for this plan yet. Invite a reviewer first."))
    plan = balance(found.pool, progress)
    hats = [hat.pk for hat in found.people]
    rows, columns = plan.chosen.nonzero()
    run.pairs = [
        [found.applications[row], hats[column]]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
    ]
    after = (found.load + plan.chosen.sum(axis=0)).tolist()
    before = found.load.tolist()
    run.loads = {str(hat): [old, new] for hat, old, new in zip(hats, before, after, strict=True)}
    run.unplaced = unplaced(found, plan)
    run.preferred = _preferred(found, plan.chosen)


def _preferred(found: Situation, chosen: np.ndarray) -> dict[str, int]:
    """Return how many new reviews could match a county or specialty, and how many do.

    An application counts as often as it gets a reviewer, at most as often as somebody fits it.
    """
    fits = found.preference > 0
    each = np.minimum((fits & found.pool.allowed).sum(axis=1), chosen.sum(axis=1))
    return {"possible": int(each.sum()), "met": int((fits & chosen).sum())}


def _unheard(share: float) -> None:
    """Keep no progress: the run is stored when it is ready."""


def _keeper(run_id: int) -> Callable[[float], None]:
    """Return what stores the progress of a run, in steps that a person notices."""
    kept = 0.0

    def keep(share: float) -> None:
        nonlocal kept
        if share >= kept + STEP:
            kept = share
            running = AssignmentRun.objects.filter(pk=run_id, state=RunState.RUNNING)
            running.update(progress=share)

    return keep


def _finish(run: AssignmentRun, state: str, message: str) -> None:
    """Store the end of a run, unless it was discarded meanwhile."""
    run.state, run.message, run.finished_at, run.progress = state, message, timezone.now(), 1.0
    AssignmentRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
        state=state,
        message=message,
        finished_at=run.finished_at,
        progress=1.0,
        pairs=run.pairs,
        loads=run.loads,
        unplaced=run.unplaced,
        preferred=run.preferred,
    )


def _bell(pk: int) -> Callable[[], None]:
    """Return what asks a worker, by the task's name; the sweep finds the run when the broker is away."""

    def ring() -> None:
        current_app.send_task(PREPARE_TASK, args=[pk])

    return ring
