import pytest

from applications.models import Application
from selection.queries.pool import pool_of
from tests.factories.programs import CycleFactory
from tests.selection.building import handed_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


def test_a_pool_is_read_once_while_nothing_changes(cycle, django_assert_num_queries):
    handed_over(cycle, 80)
    first = pool_of(cycle)
    with django_assert_num_queries(1):
        assert pool_of(cycle) is first


def test_a_changed_score_is_there_at_once(cycle, django_assert_num_queries):
    one = handed_over(cycle, 80)
    assert pool_of(cycle).scores.tolist() == [80]
    Application.objects.filter(pk=one.pk).update(mcp_score=70, adjusted_score=70)
    with django_assert_num_queries(2):
        assert pool_of(cycle).scores.tolist() == [70]


def test_a_new_and_a_withdrawn_application_are_there_at_once(cycle):
    one = handed_over(cycle, 80)
    assert len(pool_of(cycle)) == 1
    two = handed_over(cycle, 70)
    assert [row.pk for row in pool_of(cycle).candidates] == sorted([one.pk, two.pk])
    Application.objects.filter(pk=one.pk).update(status="withdrawn", withdrawn_at=one.submitted_at)
    assert [row.pk for row in pool_of(cycle).candidates] == [two.pk]


def test_a_renamed_plan_is_there_at_once(cycle):
    plan = handed_over(cycle, 80).designated_mcp
    assert pool_of(cycle).values_of("mcp") == [plan.name]
    plan.name = "Another Plan"
    plan.save()
    assert pool_of(cycle).values_of("mcp") == ["Another Plan"]


def test_each_cycle_has_its_own_pool(cycle):
    other = CycleFactory(closed=True)
    handed_over(cycle, 80)
    assert [len(pool_of(one)) for one in (cycle, other, cycle)] == [1, 0, 1]
