"""Until when one practice may write, and which cycle its pages are about."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from applications.enums import Status
from applications.models import LateAccess
from applications.times import cycle_for, window_for, window_to_show
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    return PracticeFactory().organisation


def late(practice, cycle, until):
    return LateAccess.objects.create(
        practice=practice, cycle=cycle, until=until, reason="Fire", created_at=timezone.now()
    )


def test_without_late_access_the_cycle_decides(practice):
    cycle = CycleFactory()
    late(PracticeFactory().organisation, cycle, cycle.closes_at + timedelta(days=5))
    late(practice, CycleFactory(), cycle.closes_at + timedelta(days=5))
    window = window_for(practice, cycle)
    assert (window.opens_at, window.closes_at, window.late) == (
        cycle.opens_at,
        cycle.closes_at,
        False,
    )


def test_the_last_late_access_counts_and_never_shortens_the_cycle(practice):
    cycle = CycleFactory()
    for days in (9, 5):
        late(practice, cycle, cycle.closes_at + timedelta(days=days))
    assert window_for(practice, cycle).closes_at == cycle.closes_at + timedelta(days=5)
    assert window_for(practice, cycle).late is True
    late(practice, cycle, cycle.closes_at - timedelta(days=1))
    assert window_for(practice, cycle).closes_at == cycle.closes_at
    assert window_for(practice, cycle).late is False


def test_both_ends_of_the_window_belong_to_it(practice):
    cycle = CycleFactory()
    until = cycle.closes_at + timedelta(days=2)
    late(practice, cycle, until)
    window, second = window_for(practice, cycle), timedelta(seconds=1)
    assert [window.is_open(at) for at in (cycle.opens_at - second, cycle.opens_at)] == [False, True]
    assert [window.is_open(at) for at in (until, until + second)] == [True, False]
    assert [window.has_closed(at) for at in (until, until + second)] == [False, True]


@pytest.mark.parametrize(("days", "queries"), [(8, 0), (6, 1), (-1, 1)])
def test_a_page_looks_late_access_up_near_the_end_only(
    practice, django_assert_num_queries, days, queries
):
    cycle = CycleFactory()
    with (
        time_machine.travel(cycle.closes_at - timedelta(days=days)),
        django_assert_num_queries(queries),
    ):
        window_to_show(practice, cycle)


def test_the_pages_are_about_the_open_cycle_first(practice):
    ApplicationFactory(practice=practice, cycle=CycleFactory(closed=True))
    current = CycleFactory()
    assert cycle_for(practice) == current


@pytest.mark.parametrize(("status", "waits"), [("returned", True), ("submitted", False)])
def test_what_was_returned_comes_before_the_open_cycle_while_corrections_are_possible(
    practice, status, waits
):
    past, current = CycleFactory(closed=True), CycleFactory()
    ApplicationFactory(practice=practice, cycle=past, status=status)
    ApplicationFactory(practice=practice, cycle=current)
    assert cycle_for(practice) == (past if waits else current)
    assert cycle_for(PracticeFactory().organisation) == current
    assert cycle_for(practice, past.scoring_due_at + timedelta(seconds=1)) == current


@pytest.mark.parametrize(
    ("status", "waits"), [(None, True), ("draft", True), ("withdrawn", True), ("submitted", False)]
)
def test_late_access_comes_before_the_open_cycle_until_it_is_used_or_ends(practice, status, waits):
    past, current = CycleFactory(closed=True), CycleFactory()
    if status:
        ApplicationFactory(practice=practice, cycle=past, status=status)
    until = timezone.now() + timedelta(hours=2)
    late(practice, past, until + timedelta(days=1))
    late(practice, past, until)
    assert cycle_for(practice, until) == (past if waits else current)
    assert cycle_for(practice, until + timedelta(seconds=1)) == current


@pytest.mark.parametrize("closed", [0, 3])
def test_the_cycle_is_found_with_one_query(practice, django_assert_num_queries, closed):
    for _number in range(closed):
        ApplicationFactory(practice=practice, cycle=CycleFactory(closed=True))
    CycleFactory(upcoming=True)
    with django_assert_num_queries(1):
        assert cycle_for(practice) is not None


def test_between_cycles_the_pages_stay_with_the_own_application(practice):
    past, coming = CycleFactory(closed=True), CycleFactory(upcoming=True)
    assert cycle_for(practice) == coming
    application = ApplicationFactory(practice=practice, cycle=past, status=Status.WITHDRAWN)
    assert cycle_for(practice) == coming
    ApplicationFactory(practice=practice, cycle=application.cycle, status=Status.SUBMITTED)
    assert cycle_for(practice) == past


def test_between_cycles_late_access_leads_to_its_cycle_until_it_ends(practice):
    past, coming = CycleFactory(closed=True), CycleFactory(upcoming=True)
    until = timezone.now() + timedelta(hours=2)
    late(practice, past, until)
    assert cycle_for(practice) == past
    assert cycle_for(practice, until + timedelta(seconds=1)) == coming


def test_without_cycles_there_is_nothing_to_show(practice):
    assert cycle_for(practice) is None


@pytest.mark.parametrize(
    ("status", "done"), [("draft", False), ("withdrawn", False), ("submitted", True)]
)
def test_who_has_submitted_is_done(status, done):
    application = ApplicationFactory(status=status)
    assert window_for(application.practice, application.cycle).done is done
    assert window_for(application.practice, CycleFactory()).done is False
