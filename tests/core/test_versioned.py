"""Saving versioned values: what is written, what is refused, what the refusal carries."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction

from applications.domain.answers import SHAPE
from applications.models import Answer
from core.versioned import save_values
from tests.factories.applications import ApplicationFactory


@pytest.fixture
def application(db):
    return ApplicationFactory()


def save(application, changes, bases, by="Ana Ruiz"):
    with transaction.atomic():
        return save_values(
            Answer,
            {key: (value,) for key, value in changes.items()},
            bases,
            shape=SHAPE,
            by=by,
            defaults={"application": application},
        )


def rows(application):
    found = Answer.objects.filter(application=application).order_by("key")
    return list(found.values_list("key", "value", "version", "updated_by"))


@pytest.mark.parametrize("bases", [{}, {"lead_name": 0}])
def test_a_first_value_becomes_version_1(application, bases):
    saved = save(application, {"lead_name": "Bo"}, bases)
    assert (saved.versions, saved.changed, saved.conflicts) == ({"lead_name": 1}, ["lead_name"], {})
    assert rows(application) == [("lead_name", "Bo", 1, "Ana Ruiz")]


def test_a_change_based_on_the_stored_version_is_written(application):
    save(application, {"lead_name": "Bo"}, {})
    saved = save(application, {"lead_name": "Cy"}, {"lead_name": 1}, by="Dee")
    assert (saved.versions, saved.changed, saved.conflicts) == ({"lead_name": 2}, ["lead_name"], {})
    assert rows(application) == [("lead_name", "Cy", 2, "Dee")]


@pytest.mark.parametrize("base", [{}, {"lead_name": 0}, {"lead_name": 1}, {"lead_name": 7}])
def test_the_same_value_again_is_neither_change_nor_conflict(application, base):
    save(application, {"lead_name": "Bo"}, {})
    saved = save(application, {"lead_name": "Bo"}, base, by="Dee")
    assert (saved.versions, saved.changed, saved.conflicts) == ({"lead_name": 1}, [], {})
    assert rows(application) == [("lead_name", "Bo", 1, "Ana Ruiz")]


@pytest.mark.parametrize("base", [{}, {"lead_name": 0}, {"lead_name": 1}, {"lead_name": 3}])
def test_a_change_based_on_another_version_is_handed_back_with_both(application, base):
    save(application, {"lead_name": "Bo"}, {})
    with time_machine.travel(datetime(2026, 2, 3, 18, 42, tzinfo=UTC), tick=False):
        save(application, {"lead_name": "Cy"}, {"lead_name": 1}, by="Dee")
    saved = save(application, {"lead_name": "Mine"}, base)
    assert (saved.versions, saved.changed) == ({}, [])
    [conflict] = saved.conflicts.values()
    assert (conflict.key, conflict.mine, conflict.theirs) == ("lead_name", "Mine", "Cy")
    assert (conflict.version, conflict.by, conflict.at) == (2, "Dee", "10:42 am")
    assert rows(application) == [("lead_name", "Cy", 2, "Dee")]


def test_a_conflict_in_one_key_does_not_hold_up_another(application):
    save(application, {"lead_name": "Bo", "sponsor_name": "Sue"}, {})
    save(application, {"lead_name": "Cy"}, {"lead_name": 1}, by="Dee")
    changes = {"lead_name": "Mine", "sponsor_name": "Sam", "clinical_lead_name": "Kim"}
    saved = save(application, changes, {"lead_name": 1, "sponsor_name": 1})
    assert list(saved.conflicts) == ["lead_name"]
    assert saved.versions == {"sponsor_name": 2, "clinical_lead_name": 1}
    assert rows(application) == [
        ("clinical_lead_name", "Kim", 1, "Ana Ruiz"),
        ("lead_name", "Cy", 2, "Dee"),
        ("sponsor_name", "Sam", 2, "Ana Ruiz"),
    ]


@pytest.mark.parametrize("count", [1, 3])
def test_changes_cost_one_statement_and_new_values_one_more(
    application, count, django_assert_num_queries
):
    first = {f"question_{n}": "Bo" for n in range(count)}
    with transaction.atomic():
        with django_assert_num_queries(4):  # two of them the savepoint of `save`
            save(application, first, {})
        with django_assert_num_queries(3):
            saved = save(application, dict.fromkeys(first, "Cy"), dict.fromkeys(first, 1))
    assert saved.versions == dict.fromkeys(first, 2)
    assert saved.before == dict.fromkeys(first, ("Bo",))
    assert rows(application) == [(key, "Cy", 2, "Ana Ruiz") for key in first]


@pytest.mark.parametrize(
    "value",
    [
        ["b", "a"],
        [],
        "",
        'a "quoted", {braced} \\ text, with NULL and\nlines',
        "null",
        "שלום 🌍 %s %(a)s",
        None,
    ],
)
def test_values_come_back_as_they_were_given(application, value):
    save(application, {"types": "Bo"}, {})
    saved = save(application, {"types": value}, {"types": 1})
    assert (saved.changed, saved.before) == (["types"], {"types": ("Bo",)})
    assert rows(application) == [("types", value, 2, "Ana Ruiz")]
    again = save(application, {"types": value}, {"types": 0})
    assert (again.versions, again.changed, again.conflicts) == ({"types": 2}, [], {})
    [conflict] = save(application, {"types": "Mine"}, {"types": 1}).conflicts.values()
    assert (conflict.theirs, conflict.version) == (value, 2)


def test_every_write_is_in_the_history(application):
    save(application, {"lead_name": "Bo"}, {})
    save(application, {"lead_name": "Cy"}, {"lead_name": 1}, by="Dee")
    save(application, {"lead_name": "Cy"}, {"lead_name": 2})
    events = Answer.objects.get().events.order_by("pgh_id")
    assert list(events.values_list("pgh_label", "value", "version", "updated_by")) == [
        ("insert", "Bo", 1, "Ana Ruiz"),
        ("update", "Cy", 2, "Dee"),
    ]


def test_values_of_another_owner_are_not_touched(application):
    other = ApplicationFactory(cycle=application.cycle)
    save(other, {"lead_name": "Theirs"}, {})
    saved = save(application, {"lead_name": "Ours"}, {})
    assert saved.versions == {"lead_name": 1}
    assert rows(other) == [("lead_name", "Theirs", 1, "Ana Ruiz")]


@pytest.mark.django_db(transaction=True)
def test_saving_outside_a_transaction_raises_and_writes_nothing():
    application = ApplicationFactory()
    with pytest.raises(RuntimeError, match="belongs in the transaction"):
        save_values(
            Answer,
            {"lead_name": ("Bo",)},
            {},
            shape=SHAPE,
            by="Ana",
            defaults={"application": application},
        )
    assert rows(application) == []
