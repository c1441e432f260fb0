import threading
from collections import Counter

import pytest
from django.db import connection

from accounts.enums import Role
from accounts.models import Membership
from applications.enums import ConflictOutcome, Status
from applications.models import Application, ConflictCheck
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring import tasks
from scoring.domain import applying, assignments, automatic, conflicts
from scoring.domain.applying import carry_on
from scoring.enums import RunState
from scoring.models import Assignment, AssignmentRun, ScoreSheet
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_reviewer
from tests.scoring.running import World, conflict, pairs_of, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def large(monkeypatch):
    """A run of 6 reviews that a worker applies 2 at a time, and that was asked to be applied."""
    monkeypatch.setattr(applying, "IN_A_REQUEST", 3)
    monkeypatch.setattr(applying, "STEP", 2)
    world = World(6, 2)
    run = world.apply(world.prepare())
    assert (run.state, standing()) == (RunState.APPLYING, set())
    return world, run


def stored(run):
    return AssignmentRun.objects.get(pk=run.pk)


def told():
    return Counter(OutboxEmail.objects.values_list("to", flat=True))


def test_large_run_is_given_by_a_worker_and_told_once(large):
    world, run = large
    assert tasks.apply_run(run.pk) is True
    done = stored(run)
    assert (done.state, done.progress, done.given, done.left_out) == (RunState.APPLIED, 1.0, 6, [])
    assert standing() == pairs_of(run)
    assert ScoreSheet.objects.count() == 6
    assert set(Application.objects.values_list("status", flat=True)) == {Status.IN_REVIEW}
    assert told() == {hat.user.email: 1 for hat in world.hats}
    assert set(Assignment.objects.values_list("assigned_by", flat=True)) == {world.lead.label}
    assert tasks.apply_run(run.pk) is False
    assert (standing(), told().total()) == (pairs_of(run), 2)


def test_a_killed_worker_loses_nothing_and_the_sweep_goes_on(large):
    world, run = large
    applying._step(run.pk)
    half = stored(run)
    assert (half.state, half.given, round(half.progress, 2)) == (RunState.APPLYING, 2, 0.33)
    assert (len(standing()), told()) == (2, Counter())
    with pytest.raises(WrongState, match="being applied"):
        world.prepare()
    with pytest.raises(WrongState, match="can't be stopped"):
        automatic.discard(run)
    assert world.apply(run).state == RunState.APPLYING
    assert tasks.sweep_runs() == 1
    assert (standing(), stored(run).state) == (pairs_of(run), RunState.APPLIED)
    assert told() == {hat.user.email: 1 for hat in world.hats}


@pytest.mark.parametrize("change", ["conflict", "gone", "given", "away", "full"])
def test_what_changes_on_the_way_is_left_out_with_the_reason(large, change):
    world, run = large
    applying._step(run.pk)
    [application, hat] = next(pair for pair in run.pairs[2:] if pair[1] == world.hats[0].pk)
    person = world.hats[0]
    if change == "conflict":
        conflict(Application.objects.get(pk=application), person)
    elif change == "gone":
        Membership.objects.filter(pk=hat).update(is_active=False)
    elif change == "given":
        other = Application.objects.get(pk=application)
        assignments.assign(other, reviewer=a_reviewer(world.lead), by=world.lead)
    elif change == "away":
        world.away(person)
    else:
        world.limit(person, 1)
    before = standing()
    carry_on(run.pk)
    out = stored(run).left_out
    assert [application, hat] in [pair[:2] for pair in out]
    reason = {
        "conflict": "Has a conflict of interest.",
        "gone": "Does not review for the plan any more.",
        "given": "The application has its reviewers already.",
        "away": "Is away today.",
        "full": "Has reached the limit of open reviews (1).",
    }[change]
    assert {pair[2] for pair in out} == {reason}
    left = {tuple(pair[:2]) for pair in out}
    assert standing() == before | (pairs_of(run) - left)
    assert max(told().values()) == 1


def test_what_changed_before_the_first_step_stops_the_run(large):
    world, run = large
    conflict(world.applications[0], world.hats[0])
    conflict(world.applications[0], world.hats[1])
    assert tasks.apply_run(run.pk) is True
    stopped = stored(run)
    assert (stopped.state, standing(), told()) == (RunState.FAILED, set(), Counter())
    assert stopped.message.endswith("Nothing was assigned. Prepare the assignment again.")
    assert world.prepare().state == RunState.READY


@pytest.mark.parametrize("most", [3, 500])
def test_run_that_a_conflict_stops_keeps_what_the_portal_found(monkeypatch, most):
    monkeypatch.setattr(applying, "IN_A_REQUEST", most)
    world = World(6, 2)
    run = world.prepare()
    works_for(world.hats[0], Application.objects.get(pk=run.pairs[0][0]).practice)
    works_for(world.hats[1], Application.objects.get(pk=run.pairs[0][0]).practice)
    if most < len(run.pairs):
        world.apply(run)
        carry_on(run.pk)
        assert stored(run).state == RunState.FAILED
    else:
        with pytest.raises(WrongState, match="can't get .* any more"):
            world.apply(run)
        assert stored(run).state == RunState.READY
    found = ConflictCheck.objects.filter(rule="same_tin", outcome=ConflictOutcome.FAILED)
    people = {hat.user_id for hat in world.hats}
    assert set(found.values_list("application", "person")) == {
        (run.pairs[0][0], person) for person in people
    }
    assert standing() == set()


def works_for(hat, practice):
    MembershipFactory(user=hat.user, organisation=practice, role=Role.PRACTICE_CONTRIBUTOR)


def test_pair_that_was_given_by_hand_meanwhile_is_there_once(large):
    world, run = large
    applying._step(run.pk)
    pk, hat = run.pairs[4]
    reviewer = next(one for one in world.hats if one.pk == hat)
    assignments.assign(Application.objects.get(pk=pk), reviewer=reviewer, by=world.lead)
    carry_on(run.pk)
    assert (standing(), stored(run).left_out) == (pairs_of(run), [])


def race(*acts):
    """Do all at once; return what each came to."""
    outcomes, start = [], threading.Barrier(len(acts))

    def run(act):
        try:
            start.wait()
            act()
            outcomes.append("done")
        except DomainError as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_leads_applying_one_run_at_once_give_and_tell_once(bell):
    world = World(6, 2)
    run = world.prepare()
    assert race(lambda: world.apply(run), lambda: world.apply(run)) == ["done", "done"]
    assert standing() == pairs_of(run)
    assert Assignment.objects.count() == ScoreSheet.objects.count() == 6
    assert told() == {hat.user.email: 1 for hat in world.hats}


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_one_run_give_and_tell_once(bell, monkeypatch):
    monkeypatch.setattr(applying, "IN_A_REQUEST", 3)
    monkeypatch.setattr(applying, "STEP", 1)
    world = World(6, 2)
    run = world.apply(world.prepare())
    race(*[lambda: carry_on(run.pk)] * 3)
    assert (stored(run).state, standing()) == (RunState.APPLIED, pairs_of(run))
    assert Assignment.objects.count() == 6
    assert told() == {hat.user.email: 1 for hat in world.hats}


@pytest.mark.django_db(transaction=True)
def test_conflict_declared_while_the_run_is_applied_leaves_no_review_in_conflict(bell):
    world = World(1, 1)
    [application], [hat] = world.applications, world.hats
    run = world.prepare()

    def declare():
        conflicts.declare(
            application,
            answers={rule.key: rule.key == "family" for rule in declared_rules(application)},
            notes={},
            by=hat,
        )

    race(lambda: world.apply(run), declare)
    assert standing() == set()
    assert application.conflict_checks.filter(rule="family", outcome="failed").exists()


def declared_rules(application):
    rules = application.cycle.definition.scoring.conflict_rules
    return [rule for rule in rules if rule.kind == "declared"]
