"""Sites, members and the plan that scores: added, saved field by field, removed as they were seen."""

from datetime import date

import pytest

from applications.domain import designation, rows
from applications.domain.practices import ROWS_AT_MOST, FieldRefused
from applications.enums import Status
from applications.models import Application, MemberCount, Practice, Site
from core.exceptions import DomainError, WrongState
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice(draft):
    return draft.practice.practice


@pytest.fixture
def plan(db):
    return OrganisationFactory(kind="mcp", name="Valley Health Plan")


def test_an_added_entry_is_empty_and_one_empty_entry_is_enough(practice, owner):
    first = rows.add(Site, practice, by=owner)
    assert rows.add(Site, practice, by=owner) == first
    Site.objects.update(name="Main")
    second = rows.add(Site, practice, by=owner)
    assert list(Site.objects.values_list("pk", "name")) == [(first.pk, "Main"), (second.pk, "")]
    practice.refresh_from_db()
    assert (practice.version, practice.updated_by) == (3, "Ana Ruiz")


def test_there_is_room_for_so_many_entries(practice, owner):
    Site.objects.bulk_create(Site(practice=practice, name="S") for _ in range(ROWS_AT_MOST))
    with pytest.raises(DomainError) as refusal:
        rows.add(Site, practice, by=owner)
    assert str(refusal.value) == ("This list has room for 200 entries. Remove one to add another.")
    assert Site.objects.count() == ROWS_AT_MOST


def test_the_county_follows_the_zip_code(practice, owner):
    site = rows.add(Site, practice, by=owner)
    for zip_code, county, base in (
        ("93701", "Fresno", 0),
        ("90012", "Los Angeles", 1),
        ("", "", 2),
    ):
        changes = {site.pk: {"zip_code": zip_code}}
        rows.save(Site, practice, changes=changes, bases={site.pk: {"zip_code": base}}, by=owner)
        site.refresh_from_db()
        assert (site.zip_code, site.county) == (zip_code, county)


def test_fields_of_one_entry_have_versions_of_their_own(practice, owner, contributor):
    site = rows.add(Site, practice, by=owner)
    rows.save(Site, practice, changes={site.pk: {"name": "Main"}}, bases={}, by=contributor)
    mine = {site.pk: {"name": "Mine", "city": "Fresno"}}
    saved = rows.save(Site, practice, changes=mine, bases={site.pk: {"name": 0}}, by=owner)[site.pk]
    assert (saved.versions, saved.conflicts["name"].theirs) == ({"city": 1}, "Main")
    site.refresh_from_db()
    assert (site.name, site.city) == ("Main", "Fresno")


@pytest.mark.parametrize("whose", ["another practice's", "removed"])
def test_an_entry_that_is_not_there_any_more_is_refused_and_nothing_is_stored(
    practice, owner, whose
):
    mine = Site.objects.create(practice=practice, name="Mine")
    other = Site.objects.create(practice=PracticeFactory(), name="Theirs")
    number = other.pk if whose != "removed" else other.pk + 1000
    changes = {mine.pk: {"name": "Changed"}, number: {"name": "Stolen"}}
    with pytest.raises(rows.RowGone) as refusal:
        rows.save(Site, practice, changes=changes, bases={}, by=owner)
    assert refusal.value.row == number
    assert sorted(Site.objects.values_list("name", flat=True)) == ["Mine", "Theirs"]


def test_a_plan_is_in_one_entry_only(practice, owner, plan):
    MemberCount.objects.create(practice=practice, plan=plan, members=5)
    second = MemberCount.objects.create(practice=practice)
    with pytest.raises(FieldRefused) as refusal:
        rows.save(MemberCount, practice, changes={second.pk: {"plan": plan}}, bases={}, by=owner)
    assert (refusal.value.field, refusal.value.row) == ("plan", second.pk)
    assert str(refusal.value) == (
        "Valley Health Plan is in your table already. Add the counts up in one entry."
    )


def test_two_entries_can_change_places_of_their_plans(practice, owner, plan):
    other = OrganisationFactory(kind="mcp")
    first = MemberCount.objects.create(practice=practice, plan=plan)
    changes = {first.pk: {"plan": other}}
    rows.save(MemberCount, practice, changes=changes, bases={}, by=owner)
    second = MemberCount.objects.create(practice=practice)
    rows.save(MemberCount, practice, changes={second.pk: {"plan": plan}}, bases={}, by=owner)
    found = MemberCount.objects.order_by("pk").values_list("plan", flat=True)
    assert list(found) == [other.pk, plan.pk]


def test_an_entry_is_removed_as_it_was_seen(practice, owner):
    site = Site.objects.create(practice=practice, name="Main")
    seen = rows.fingerprint(site)
    Site.objects.update(name="Changed since")
    with pytest.raises(WrongState):
        rows.remove(site, seen=seen, by=owner)
    assert Site.objects.count() == 1
    site.refresh_from_db()
    rows.remove(site, seen=rows.fingerprint(site), by=owner)
    assert Site.objects.count() == 0


def test_removing_twice_is_harmless(practice, owner):
    site = Site.objects.create(practice=practice, name="Main")
    again = Site.objects.get()
    for row in (site, again):
        rows.remove(row, seen=rows.fingerprint(row), by=owner)
    assert Site.objects.count() == 0


def test_many_rows_are_added_whole_or_not_at_all(practice, owner, plan):
    other = OrganisationFactory(kind="mcp")
    new = [{"plan": one, "members": 9, "as_of": date(2026, 1, 31)} for one in (plan, other)]
    assert rows.add_many(MemberCount, practice, rows=new, by=owner) == 2
    with pytest.raises(DomainError):
        rows.add_many(MemberCount, practice, rows=[{"plan": plan, "members": 1}], by=owner)
    third = OrganisationFactory(kind="mcp")
    with pytest.raises(DomainError):
        rows.add_many(MemberCount, practice, rows=[{"plan": third}, {"plan": third}], by=owner)
    assert MemberCount.objects.count() == 2


def test_pasted_sites_get_their_county(practice, owner):
    rows.add_many(Site, practice, rows=[{"name": "A", "zip_code": "93701"}], by=owner)
    assert Site.objects.get().county == "Fresno"


def test_the_plan_that_scores_has_a_version_in_each_application(draft, owner, contributor, plan):
    before = draft.designated_mcp
    saved = designation.name_plan(
        practice=draft.practice, cycle=draft.cycle, plan=plan, base=0, by=contributor
    )
    assert saved.versions == {"designated_mcp": 1}
    stale = designation.name_plan(
        practice=draft.practice, cycle=draft.cycle, plan=before, base=0, by=owner
    )
    assert stale.conflicts["designated_mcp"].theirs == plan
    assert stale.conflicts["designated_mcp"].by == "Bo Li"
    assert Application.objects.get(pk=draft.pk).designated_mcp == plan
    designation.name_plan(practice=draft.practice, cycle=draft.cycle, plan=before, base=1, by=owner)
    assert Application.objects.get(pk=draft.pk).designated_mcp == before
    versions = Practice.objects.get(pk=draft.practice_id).versions
    assert versions[f"designated_mcp:{draft.pk}"][:2] == [2, "Ana Ruiz"]


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.RETURNED])
def test_the_plan_cannot_change_after_submission(hat_of, plan, status):
    application = ApplicationFactory(status=status)
    hat = hat_of("practice_owner", application.practice)
    before = application.designated_mcp_id
    expected = WrongState if status == Status.SUBMITTED else FieldRefused
    with pytest.raises(expected):
        designation.name_plan(
            practice=application.practice, cycle=application.cycle, plan=plan, base=0, by=hat
        )
    assert Application.objects.get(pk=application.pk).designated_mcp_id == before


@pytest.mark.django_db(transaction=True)
def test_entries_added_at_once_are_one_empty_entry(draft, owner, race):
    practice = draft.practice.practice
    found = race(lambda _n: rows.add(Site, practice, by=owner), 4)
    assert len({site.pk for site in found}) == Site.objects.count() == 1
