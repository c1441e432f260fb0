from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from programs import models
from programs.models import Cycle, HpiQuartile
from programs.packaged import packaged_definition
from tests.factories.programs import CycleFactory, ProgramVersionFactory

pytestmark = pytest.mark.django_db
OPENS = datetime(2023, 9, 1, 16, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_cycle_is_open_from_opening_up_to_closing_time():
    cycle = CycleFactory(opens_at=OPENS)
    assert not cycle.is_open(OPENS - SECOND)
    assert cycle.is_open(OPENS)
    assert cycle.is_open(cycle.closes_at)
    assert not cycle.has_closed(cycle.closes_at)
    assert not cycle.is_open(cycle.closes_at + SECOND)
    assert cycle.has_closed(cycle.closes_at + SECOND)


def test_cycle_traits_are_what_they_say():
    assert CycleFactory().is_open()
    upcoming = CycleFactory(upcoming=True)
    assert not upcoming.is_open()
    assert not upcoming.has_closed()
    assert CycleFactory(closed=True).has_closed()


def test_definition_of_a_cycle_costs_no_query_once_read(django_assert_num_queries):
    CycleFactory()
    assert Cycle.objects.get().definition == packaged_definition()
    cycle = Cycle.objects.get()
    with django_assert_num_queries(0):
        assert cycle.definition.selection.threshold == 77
        assert cycle.definition is Cycle(version_id=cycle.version_id).definition


def test_definition_is_read_from_the_database(django_assert_num_queries):
    version = ProgramVersionFactory()
    models._definition.cache_clear()
    with django_assert_num_queries(1):
        assert version.program == packaged_definition()


@pytest.mark.parametrize(
    "values",
    [
        {"closes_at": OPENS},
        {"closes_at": OPENS - SECOND},
        {"scoring_due_at": OPENS + SECOND},
        {"budget": -1},
    ],
)
def test_database_refuses_a_cycle_that_makes_no_sense(values):
    with pytest.raises(IntegrityError), transaction.atomic():
        CycleFactory(opens_at=OPENS, **values)


@pytest.mark.parametrize(("zip_code", "quartile"), [("90001", 0), ("90001", 5), ("9000", 1)])
def test_database_refuses_a_quartile_that_makes_no_sense(zip_code, quartile):
    with pytest.raises(IntegrityError), transaction.atomic():
        HpiQuartile.objects.create(
            zip_code=zip_code, quartile=quartile, source="test", as_of=OPENS.date()
        )


def test_history_of_a_cycle_leaves_out_the_counter():
    cycle = CycleFactory()
    cycle.next_number = 2
    cycle.save()
    assert cycle.events.count() == 1
    cycle.budget = 5
    cycle.save()
    assert [event.pgh_label for event in cycle.events.order_by("pgh_id")] == ["insert", "update"]
