"""Saving a row field by field: what is written, what is refused, what the refusal carries."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.db import transaction

from applications.models import Site
from core.fields import last_change, save_fields, version_of
from tests.factories.applications import PracticeFactory


@pytest.fixture
def site(db):
    return Site.objects.create(practice=PracticeFactory(), name="Main", city="Fresno")


def save(site, changes, bases, by="Ana Ruiz", **more):
    with transaction.atomic():
        return save_fields(Site.objects.get(pk=site.pk), changes, bases, by=by, **more)


def stored(site):
    row = Site.objects.get(pk=site.pk)
    versions = {name: entry[:2] for name, entry in row.versions.items()}
    return (row.name, row.city, versions)


@pytest.mark.parametrize("bases", [{}, {"name": 0}])
def test_the_first_save_of_a_field_makes_version_1(site, bases):
    saved = save(site, {"name": "North"}, bases)
    assert (saved.versions, saved.changed, saved.conflicts) == ({"name": 1}, ["name"], {})
    assert saved.before == {"name": ("Main",)}
    assert stored(site) == ("North", "Fresno", {"name": [1, "Ana Ruiz"]})


@pytest.mark.parametrize("base", [{}, {"name": 0}, {"name": 2}])
def test_a_change_based_on_another_version_is_handed_back_with_both(site, base):
    with time_machine.travel(datetime(2026, 2, 3, 18, 42, tzinfo=UTC), tick=False):
        save(site, {"name": "North"}, {}, by="Dee")
    saved = save(site, {"name": "Mine", "city": "Clovis"}, base)
    assert (saved.versions, saved.changed) == ({"city": 1}, ["city"])
    [conflict] = saved.conflicts.values()
    assert (conflict.key, conflict.mine, conflict.theirs) == ("name", "Mine", "North")
    assert (conflict.version, conflict.by, conflict.at) == (1, "Dee", "10:42 am")
    assert stored(site) == ("North", "Clovis", {"name": [1, "Dee"], "city": [1, "Ana Ruiz"]})


@pytest.mark.parametrize("base", [{}, {"name": 1}, {"name": 9}])
def test_the_same_value_again_is_neither_change_nor_conflict(site, base):
    save(site, {"name": "North"}, {}, by="Dee")
    saved = save(site, {"name": "North"}, base)
    assert (saved.versions, saved.changed, saved.conflicts) == ({"name": 1}, [], {})
    assert stored(site) == ("North", "Fresno", {"name": [1, "Dee"]})


def test_what_follows_from_a_change_is_stored_with_it_and_only_then(site):
    def also(row, changed):
        row.county = f"after {changed}"
        return ["county"]

    save(site, {"name": "Main"}, {}, also=also)
    assert Site.objects.get().county == ""
    save(site, {"name": "North"}, {}, also=also)
    assert Site.objects.get().county == "after ['name']"


def test_other_columns_changed_meanwhile_are_not_overwritten(site):
    row = Site.objects.get(pk=site.pk)
    Site.objects.update(city="Clovis")
    with transaction.atomic():
        save_fields(row, {"name": "North"}, {}, by="Ana Ruiz")
    assert stored(site)[:2] == ("North", "Clovis")


@pytest.mark.django_db(transaction=True)
def test_saving_outside_a_transaction_raises_and_writes_nothing():
    site = Site.objects.create(practice=PracticeFactory(), name="Main")
    with pytest.raises(RuntimeError, match="belongs in the transaction"):
        save_fields(site, {"name": "North"}, {}, by="Ana")
    assert Site.objects.get().name == "Main"


def test_the_last_change_is_the_latest_of_all_fields():
    versions = {
        "name": [4, "Ana", "2026-02-03T18:42:00+00:00"],
        "city": [1, "Bo", "2026-02-04T18:42:00+00:00"],
    }
    assert last_change(versions) == ("Bo", datetime(2026, 2, 4, 18, 42, tzinfo=UTC))
    assert last_change({}) is None
    assert (version_of(versions, "name"), version_of(versions, "zip_code")) == (4, 0)
