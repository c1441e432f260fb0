import pytest
from django.utils import timezone

from accounts.models import Membership
from core.exceptions import DomainError, WrongState
from scoring import tasks
from scoring.domain import automatic
from scoring.enums import RunState
from scoring.models import AssignmentRun
from scoring.queries import hats_in, runs_visible_to
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead
from tests.scoring.pools import many_applications
from tests.scoring.running import World, pairs_of, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_new_run_takes_the_place_of_a_ready_one_and_a_discarded_one_is_not_applied(world):
    first = world.prepare()
    second = world.prepare()
    first.refresh_from_db()
    assert (first.state, second.state) == (RunState.DISCARDED, RunState.READY)
    with pytest.raises(WrongState, match="“discarded”"):
        world.apply(first)
    automatic.discard(second)
    assert automatic.discard(second).state == RunState.DISCARDED
    assert standing() == set()
    third = world.apply(world.prepare())
    with pytest.raises(WrongState, match="applied already"):
        automatic.discard(third)


@pytest.mark.parametrize("each", [0, 6, -1, 10**9])
def test_number_of_reviewers_is_one_to_five(world, each):
    with pytest.raises(DomainError, match="Choose 1 to 5 reviewers"):
        world.prepare(each)
    assert AssignmentRun.objects.count() == 0


def test_nothing_to_assign_and_nobody_to_assign_to(world):
    world.apply(world.prepare())
    with pytest.raises(DomainError, match="nothing to assign"):
        world.prepare()
    with pytest.raises(DomainError, match="Invite a reviewer first"):
        World(1, 0).prepare()


def test_other_plans_and_cycles_are_left_alone(world):
    World(3, 2)
    many_applications(world.plan, CycleFactory(), 2)
    run = world.prepare()
    assert {application for application, _hat in run.pairs} == {a.pk for a in world.applications}
    assert set(run.loads) == {str(hat.pk) for hat in world.hats}
    assert list(runs_visible_to(world.lead)) == [run]
    for other in (a_lead(), world.hats[0], None):
        assert list(runs_visible_to(other)) == []
    assert list(hats_in(run).values()) == world.hats


def test_large_run_waits_for_a_worker_that_keeps_its_progress(world, monkeypatch):
    monkeypatch.setattr(automatic, "IN_A_REQUEST", 3)
    run = world.prepare()
    assert (run.state, run.pairs, run.progress) == (RunState.WAITING, [], 0)
    with pytest.raises(WrongState, match="is being prepared"):
        world.prepare()
    with pytest.raises(WrongState, match="“waiting”"):
        world.apply(run)
    assert tasks.prepare_run(run.pk) is True
    assert tasks.prepare_run(run.pk) is False
    run.refresh_from_db()
    assert (run.state, run.progress, len(run.pairs)) == (RunState.READY, 1.0, 4)
    world.apply(run)
    assert standing() == pairs_of(run)


def test_sweep_prepares_what_waits_and_what_a_dead_worker_left(world, monkeypatch):
    monkeypatch.setattr(automatic, "IN_A_REQUEST", 0)
    run = world.prepare()
    runs = AssignmentRun.objects.filter(pk=run.pk)
    runs.update(state=RunState.RUNNING, started_at=timezone.now())
    assert tasks.sweep_runs() == 0
    runs.update(started_at=timezone.now() - automatic.LOST_AFTER * 2)
    assert tasks.sweep_runs() == 1
    assert runs.get().state == RunState.READY


def test_run_that_waited_long_is_taken_up_by_one_worker(world, monkeypatch):
    monkeypatch.setattr(automatic, "IN_A_REQUEST", 0)
    run = world.prepare()
    runs = AssignmentRun.objects.filter(pk=run.pk)
    runs.update(created_at=timezone.now() - automatic.LOST_AFTER * 2)
    work_out, second = automatic._work_out, []

    def meanwhile(*given):
        monkeypatch.setattr(automatic, "_work_out", work_out)
        second.append(automatic.carry_out(run.pk))
        work_out(*given)

    monkeypatch.setattr(automatic, "_work_out", meanwhile)
    done = automatic.carry_out(run.pk)
    assert (second, done.state) == ([None], RunState.READY)
    assert runs.get().started_at > timezone.now() - automatic.LOST_AFTER


def test_run_with_nobody_left_fails_with_the_reason(world, monkeypatch):
    monkeypatch.setattr(automatic, "IN_A_REQUEST", 0)
    run = world.prepare()
    Membership.objects.filter(pk__in=[hat.pk for hat in world.hats]).update(is_active=False)
    tasks.prepare_run(run.pk)
    run.refresh_from_db()
    assert (run.state, run.pairs) == (RunState.FAILED, [])
    assert run.message == "Nobody reviews for this plan yet. Invite a reviewer first."


def test_run_discarded_while_it_was_prepared_stays_discarded(world, monkeypatch):
    monkeypatch.setattr(automatic, "IN_A_REQUEST", 0)
    run = world.prepare()
    automatic.discard(run)
    assert tasks.prepare_run(run.pk) is False
    assert AssignmentRun.objects.get().state == RunState.DISCARDED


@pytest.mark.parametrize("size", [3, 60])
def test_queries_do_not_grow_with_the_pool(size, django_assert_num_queries):
    world = World(size, 3)
    with django_assert_num_queries(19):
        run = world.prepare(2)
    loads = [after for _before, after in run.loads.values()]
    assert max(loads) - min(loads) <= 1
