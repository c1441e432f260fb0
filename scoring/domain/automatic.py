"""The automatic assignment: prepared as a dry run, then applied or discarded by the lead."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from celery import current_app
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, Organisation
from applications.domain.transitions import apply_transitions
from applications.enums import Status
from applications.models import Application
from core.exceptions import DomainError, WrongState
from programs.models import Cycle
from scoring.balancing import balance
from scoring.domain import telling
from scoring.domain.pooling import Situation, situation
from scoring.domain.unplaced import unplaced
from scoring.enums import RunState
from scoring.models import Assignment, AssignmentRun, ScoreSheet
from scoring.queries import lacking_reviewers

IN_A_REQUEST = 2000  # applications; more are prepared by a worker
MOST_EACH = 5
BATCH = 2000
STEP = 0.02  # of the work, between two marks of progress
LOST_AFTER = timedelta(minutes=10)  # longer than a task may run
PREPARE_TASK = "scoring.prepare_run"
OPEN = (RunState.WAITING, RunState.RUNNING, RunState.READY)
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
    run = AssignmentRun(cycle=cycle, plan=plan, reviewers_each=reviewers_each, made_by=by.label)
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
    if not waiting_runs().filter(pk=run_id).update(state=RunState.RUNNING):
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
    lost = Q(state=RunState.RUNNING, created_at__lt=timezone.now() - LOST_AFTER)
    return AssignmentRun.objects.filter(Q(state=RunState.WAITING) | lost)


@transaction.atomic
def apply(run: AssignmentRun, *, by: Membership) -> AssignmentRun:
    """Assign as prepared, start the reviews, tell the reviewers. A second call changes nothing.

    Raises WrongState when the run is not ready, or when something changed since in a way that breaks
    it (an application moved on, a conflict, a limit, an absence): nothing is assigned then.
    """
    locked = AssignmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.state == RunState.APPLIED:
        return locked
    if locked.state != RunState.READY:
        message = _("This assignment is “%(state)s”, so it can't be applied.")
        raise WrongState(message % {"state": locked.get_state_display().lower()})
    pairs = [(int(application), int(hat)) for application, hat in locked.pairs]
    dealt = {application for application, _hat in pairs}
    applications = _locked_applications(dealt)
    now = situation(locked.plan, locked.cycle, locked.reviewers_each)
    _require_unbroken(pairs, now)
    standing = _resumed(applications)
    people = {hat.pk: hat for hat in now.people}
    given = _give(pairs, applications, people, by)
    starts = [row.pk for row in applications.values() if row.status == Status.SUBMITTED]
    apply_transitions([(pk, "start_review", "", {}) for pk in starts], by=by)
    telling.assigned(given, standing, run=locked)
    locked.state, locked.applied_at = RunState.APPLIED, timezone.now()
    locked.save(update_fields=["state", "applied_at"])
    return locked


@transaction.atomic
def discard(run: AssignmentRun) -> AssignmentRun:
    """Drop a run that was not applied. A second call changes nothing; WrongState when it was applied."""
    locked = AssignmentRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    if locked.state == RunState.APPLIED:
        raise WrongState(_("This assignment was applied already. Take reviews back one by one."))
    if locked.state in OPEN:
        locked.state = RunState.DISCARDED
        locked.save(update_fields=["state"])
    return locked


def _clear_the_way(plan: Organisation, cycle: Cycle) -> None:
    mine = AssignmentRun.objects.select_for_update(of=("self",)).filter(plan=plan, cycle=cycle)
    if mine.filter(state__in=(RunState.WAITING, RunState.RUNNING)).exists():
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
    )


def _bell(pk: int) -> Callable[[], None]:
    """Return what asks a worker, by the task's name; the sweep finds the run when the broker is away."""

    def ring() -> None:
        current_app.send_task(PREPARE_TASK, args=[pk])

    return ring


def _locked_applications(pks: set[int]) -> dict[int, Application]:
    """Lock the applications in the order of their ids; return them with what an email says of them."""
    rows = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=pks)
        .select_related("practice", "designated_mcp", "cycle")
        .order_by("pk")
    )
    return {row.pk: row for row in rows}


def _require_unbroken(pairs: list[tuple[int, int]], now: Situation) -> None:
    """Raise WrongState with the first reason why the pairs can't be assigned as prepared."""
    row = {pk: number for number, pk in enumerate(now.applications)}
    column = {hat.pk: number for number, hat in enumerate(now.people)}
    _require_needed(Counter(application for application, _hat in pairs), row, now)
    _require_room(Counter(hat for _application, hat in pairs), column, now)
    allowed = now.pool.allowed
    for application, hat in pairs:
        if not allowed[row[application], column[hat]]:
            message = _("%(person)s can't get %(reference)s any more.")
            person = now.people[column[hat]].user.full_name
            reference = now.references[row[application]]
            raise _broken(message % {"person": person, "reference": reference})


def _require_needed(wanted: Counter[int], row: dict[int, int], now: Situation) -> None:
    for application, number in wanted.items():
        if application not in row or number > now.need[row[application]]:
            reference = Application.objects.values_list("reference", flat=True).get(pk=application)
            raise _broken(_("%(reference)s has changed.") % {"reference": reference})


def _require_room(taken: Counter[int], column: dict[int, int], now: Situation) -> None:
    room = now.pool.room
    for hat, number in taken.items():
        if hat not in column:
            message = _("%(person)s no longer takes part in the assignment.")
        elif number > room[column[hat]]:
            message = _("%(person)s can't take that many now.")
        else:
            continue
        person = Membership.objects.select_related("user").get(pk=hat).user.full_name
        raise _broken(message % {"person": person})


def _broken(reason: str) -> WrongState:
    return WrongState(f"{reason} {_('Nothing was assigned. Prepare the assignment again.')}")


def _resumed(applications: dict[int, Application]) -> list[Assignment]:
    """Return the standing reviews of resubmitted applications, which go on with the new ones."""
    waiting = [pk for pk, row in applications.items() if row.status == Status.SUBMITTED]
    rows = Assignment.objects.filter(application__in=waiting, ended_at=None)
    found = list(rows.select_related("sheet", "reviewer__user").order_by("pk"))
    for assignment in found:
        assignment.application = applications[assignment.application_id]
    return found


def _give(
    pairs: list[tuple[int, int]],
    applications: dict[int, Application],
    people: dict[int, Membership],
    by: Membership,
) -> list[Assignment]:
    """Store the reviews and their sheets."""
    label = by.label
    given = [
        Assignment(application=applications[pk], reviewer=people[hat], assigned_by=label)
        for pk, hat in pairs
    ]
    Assignment.objects.bulk_create(given, batch_size=BATCH)
    sheets = [ScoreSheet(assignment=assignment) for assignment in given]
    ScoreSheet.objects.bulk_create(sheets, batch_size=BATCH)
    return given
