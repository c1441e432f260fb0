"""Applying a prepared run: at once when it is small, else by a worker in steps that may be cut off."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

from celery import current_app
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.locking import lock_hats
from accounts.models import Membership
from applications.models import Application
from core.exceptions import WrongState
from scoring.domain import telling
from scoring.domain.conflict_search import check_pairs
from scoring.domain.giving import GIVE, HELD, judge_locked
from scoring.domain.handing import hand_out, locked_applications
from scoring.domain.pooling import Situation, situation
from scoring.enums import Purpose, RunState
from scoring.models import Assignment, AssignmentRun

IN_A_REQUEST = 500  # reviews; more are given by a worker
STEP = 2000  # reviews that a worker gives in one transaction
APPLY_TASK = "scoring.apply_run"


class Broken(WrongState):
    """Something changed since the run was prepared, so that it can't be applied."""


def apply(run: AssignmentRun, *, by: Membership) -> AssignmentRun:
    """Assign as prepared, start the reviews, tell the reviewers. A second call changes nothing.

    Up to 500 reviews are given here, all or none; above that the run comes back as being applied, and a
    worker gives them. Raises WrongState when the run is not ready, or when something changed since in a
    way that breaks it (an application moved on, a conflict, a limit, an absence): nothing is assigned.
    What the portal found of conflicts stays stored.
    """
    try:
        with transaction.atomic():
            return _apply(run, by)
    except Broken:
        _check(run, by)
        raise


def _apply(run: AssignmentRun, by: Membership) -> AssignmentRun:
    locked = _locked(run.pk)
    if locked.state in (RunState.APPLIED, RunState.APPLYING):
        return locked
    if locked.state != RunState.READY:
        message = _("This assignment is “%(state)s”, so it can't be applied.")
        raise WrongState(message % {"state": locked.get_state_display().lower()})
    locked.actor, locked.message = by, ""
    if len(locked.pairs) > IN_A_REQUEST:
        locked.state, locked.progress = RunState.APPLYING, 0.0
        locked.save(update_fields=["actor", "message", "state", "progress"])
        transaction.on_commit(_bell(locked.pk), robust=True)
        return locked
    now = _require_unbroken(locked, by)
    people = {hat.pk: hat for hat in now.people}
    applications = locked_applications(pk for pk, _hat in locked.pairs)
    pairs = [(applications[pk], people[hat]) for pk, hat in locked.pairs]
    given, resumed = hand_out(pairs, by=by)
    telling.assigned(given, resumed, cycle=locked.cycle, key=f"run:{locked.pk}")
    locked.given = len(pairs)
    _close(locked)
    return locked


def carry_on(run_id: int) -> bool:
    """Give the reviews of a run that is being applied, step by step; tell whether there was work.

    Each step is one transaction that keeps how far it came, so that whoever is killed loses nothing and
    whoever comes next goes on. What changed before the first step stops the run with the reason; what
    changes later is left out, with the reason, and the rest is given.
    """
    worked = False
    while _step(run_id):
        worked = True
    return worked


def unfinished() -> QuerySet[AssignmentRun]:
    """Return the runs that are being applied, whether or not a worker is at it."""
    return AssignmentRun.objects.filter(state=RunState.APPLYING)


def _step(run_id: int) -> bool:
    """Give the next reviews, or finish; tell whether anything was done."""
    with transaction.atomic():
        run = _locked(run_id)
        if run.state != RunState.APPLYING or run.actor is None:
            return False
        if run.given == 0:
            try:
                _require_unbroken(run, run.actor)
            except Broken as error:
                _stop(run, str(error))
                return True
        if run.given < len(run.pairs):
            _give_next(run, run.actor)
        else:
            _tell(run)
            _close(run)
        return True


def _give_next(run: AssignmentRun, by: Membership) -> None:
    chunk = run.pairs[run.given : run.given + STEP]
    verdicts = judge_locked([(pk, hat) for pk, hat in chunk], by=by, named=False)
    have = _reviews_of({pk for pk, _hat in chunk})
    pairs = []
    for one in verdicts:
        reason = one.reason or _enough(have[one.application.pk], run)
        if one.kind == GIVE and not reason:
            have[one.application.pk] += 1
            pairs.append((one.application, one.reviewer))
        elif one.kind != HELD:
            run.left_out.append([one.application.pk, one.reviewer.pk, reason])
    _given, resumed = hand_out(pairs, by=by)
    run.resumed += [one.pk for one in resumed]
    run.given += len(chunk)
    run.progress = run.given / len(run.pairs)
    run.save(update_fields=["left_out", "resumed", "given", "progress"])


def _reviews_of(applications: Iterable[int]) -> Counter[int]:
    """Return how many people score each application (a third reader counts for nothing)."""
    rows = Assignment.objects.filter(
        application__in=applications, ended_at=None, purpose=Purpose.SCORE
    )
    return Counter(rows.values_list("application", flat=True))


def _enough(have: int, run: AssignmentRun) -> str:
    """Return what is wrong when an application got its reviewers otherwise meanwhile, or ""."""
    if have < run.reviewers_each:
        return ""
    return _("The application has its reviewers already.")


def _tell(run: AssignmentRun) -> None:
    """Tell each reviewer once of what stands now of the run; read only what the emails name."""
    pairs, resumed = {(pk, hat) for pk, hat in run.pairs}, set(run.resumed)
    rows = Assignment.objects.filter(application__in={pk for pk, _hat in pairs}, ended_at=None)
    standing = rows.order_by("pk").values_list("pk", "application", "reviewer", "reviewer__user")
    by_person = defaultdict(list)
    for pk, application, hat, user in standing:
        if pk in resumed or (application, hat) in pairs:
            by_person[user].append(pk)
    for each in by_person.values():
        each.sort(key=lambda pk: pk in resumed)
    named = Assignment.objects.select_related(
        "application__practice", "reviewer__user", "sheet"
    ).in_bulk({pk for each in by_person.values() for pk in each[: telling.NAMED]})
    for one in named.values():
        one.application.cycle = run.cycle
    telling.many(
        [
            ([named[pk] for pk in each[: telling.NAMED]], len(each), each[0] in resumed)
            for each in by_person.values()
        ],
        cycle=run.cycle,
        key=f"run:{run.pk}",
    )


def _close(run: AssignmentRun) -> None:
    run.state, run.applied_at, run.progress = RunState.APPLIED, timezone.now(), 1.0
    run.save(update_fields=["state", "applied_at", "progress", "given", "actor", "message"])


def _stop(run: AssignmentRun, message: str) -> None:
    run.state, run.message = RunState.FAILED, message
    run.save(update_fields=["state", "message"])


def _locked(pk: int) -> AssignmentRun:
    rows = AssignmentRun.objects.select_for_update(of=("self",))
    related = ("plan", "cycle", "actor__user", "actor__organisation")
    return rows.select_related(*related).get(pk=pk)


def _bell(pk: int) -> Callable[[], None]:
    """Return what asks a worker, by the task's name; the sweep finds the run when the broker is away."""

    def ring() -> None:
        current_app.send_task(APPLY_TASK, args=[pk])

    return ring


def _require_unbroken(run: AssignmentRun, by: Membership) -> Situation:
    """Lock hats and applications; raise Broken with the first reason why the run can't be applied.

    What the portal finds of conflicts is stored for the people and applications of the run.
    """
    pairs = [(int(application), int(hat)) for application, hat in run.pairs]
    _check(run, by)
    now = situation(run.plan, run.cycle, run.reviewers_each)
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
    return now


@transaction.atomic
def _check(run: AssignmentRun, by: Membership) -> None:
    """Lock the hats, then the applications; store what the portal finds of conflicts."""
    hats = lock_hats(hat for _pk, hat in run.pairs)
    applications = locked_applications((pk for pk, _hat in run.pairs), named=False)
    check_pairs(applications.values(), hats.values(), by=by)


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


def _broken(reason: str) -> Broken:
    return Broken(f"{reason} {_('Nothing was assigned. Prepare the assignment again.')}")
