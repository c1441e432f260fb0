from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError

from core.exceptions import DomainError
from programs.domain.programs import store_cycle, store_version
from programs.models import Cycle, ProgramVersion
from programs.packaged import packaged_definition, packaged_text
from programs.schema import ProgramFileError, canonical_json, sha256
from tests.factories.programs import CycleFactory, ProgramVersionFactory

pytestmark = pytest.mark.django_db
TEXT = packaged_text()
TIMES = {
    "opens_at": datetime(2023, 9, 1, 16, tzinfo=UTC),
    "closes_at": datetime(2023, 10, 24, tzinfo=UTC),
    "scoring_due_at": datetime(2023, 12, 9, 1, tzinfo=UTC),
}


def test_store_version_keeps_what_the_digest_names():
    version = store_version(TEXT)
    stored = ProgramVersion.objects.get()
    assert (stored.slug, stored.number, stored.title) == (
        "ept-cohort-1",
        1,
        packaged_definition().title,
    )
    assert stored.sha256 == version.sha256 == sha256(packaged_definition())
    assert stored.program == packaged_definition()
    assert sha256(stored.program) == stored.sha256
    assert canonical_json(stored.program) == canonical_json(packaged_definition())


def test_store_version_twice_is_one_row():
    first = store_version(TEXT)
    again = store_version(TEXT + "\n# A comment changes nothing.\n")
    assert again == first
    assert ProgramVersion.objects.count() == 1


def test_changed_content_is_the_next_version_and_the_first_stays():
    first = store_version(TEXT)
    second = store_version(TEXT.replace("threshold: 77", "threshold: 78"))
    assert (first.number, second.number) == (1, 2)
    assert ProgramVersion.objects.get(number=1).program.selection.threshold == 77
    assert second.program.selection.threshold == 78
    assert store_version(TEXT) == first


def test_broken_text_stores_nothing():
    with pytest.raises(ProgramFileError):
        store_version(TEXT.replace("total: 90", "total: 91"))
    assert not ProgramVersion.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE programs_programversion SET title = 'Changed'",
        "UPDATE programs_programversion SET definition = '{}'",
        "DELETE FROM programs_programversion",
    ],
)
def test_database_refuses_to_change_a_version(statement):
    version = ProgramVersionFactory()
    with (
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    version.refresh_from_db()
    assert version.title == packaged_definition().title


def test_version_of_a_cycle_is_protected():
    cycle = CycleFactory()
    with pytest.raises(ProtectedError):
        cycle.version.delete()


def test_store_cycle_creates_then_updates():
    version = ProgramVersionFactory()
    cycle = store_cycle("cohort-1", version=version, budget=Decimal(97000000), **TIMES)
    cycle.refresh_from_db()
    assert (cycle.title, cycle.budget) == (version.title, Decimal("97000000.00"))
    again = store_cycle(
        "cohort-1", version=version, budget=Decimal(5), title="First round", **TIMES
    )
    assert again.pk == cycle.pk
    stored = Cycle.objects.get()
    assert (stored.title, stored.budget) == ("First round", Decimal("5.00"))
    assert stored.events.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"closes_at": TIMES["opens_at"]},
        {"scoring_due_at": TIMES["opens_at"]},
    ],
)
def test_store_cycle_refuses_times_out_of_order(change):
    version = ProgramVersionFactory()
    with pytest.raises(DomainError, match="opens before it closes"):
        store_cycle("cohort-1", version=version, budget=Decimal(1), **{**TIMES, **change})
    assert not Cycle.objects.exists()


def test_store_cycle_refuses_a_slug_or_budget_that_cannot_be_stored():
    version = ProgramVersionFactory()
    for slug, budget in (("not a slug", Decimal(1)), ("ok", Decimal("1e14")), ("ok", Decimal(-1))):
        with pytest.raises(DomainError):
            store_cycle(slug, version=version, budget=budget, **TIMES)
    assert not Cycle.objects.exists()


@pytest.mark.django_db
def test_cycle_with_an_application_keeps_its_version():
    cycle = CycleFactory(next_number=2)
    other = ProgramVersionFactory(sha256="0" * 64, number=2)
    with pytest.raises(DomainError, match="keeps the program version"):
        store_cycle(
            cycle.slug,
            version=other,
            opens_at=cycle.opens_at,
            closes_at=cycle.closes_at,
            scoring_due_at=cycle.scoring_due_at,
            budget=cycle.budget,
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Cycle.objects.filter(pk=cycle.pk).update(version=other)
    cycle.refresh_from_db()
    assert cycle.version_id != other.sha256


def test_store_version_refuses_the_prefix_of_another_program():
    store_version(TEXT)
    other = TEXT.replace("slug: ept-cohort-1", "slug: ept-cohort-2", 1)
    with pytest.raises(ProgramFileError) as refused:
        store_version(other)
    assert refused.value.errors == ["reference_prefix: EPT1 belongs to another program."]
    assert ProgramVersion.objects.count() == 1
