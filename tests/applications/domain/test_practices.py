"""The practice's own facts: saved under a version, the TIN never readable, numbers never shared."""

from datetime import date

import pytest
from django.db import connection

from accounts.models import Membership, Organisation
from applications.domain import practices
from applications.enums import Status
from applications.identifiers import decrypt, tin_digest
from applications.models import Application, MemberCount, Practice, Site
from core.exceptions import DomainError, WrongState
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory

pytestmark = pytest.mark.django_db
PROFILE = {
    "name": "Fresno Family Medicine",
    "dba": "FFM",
    "npi": "1234567893",
    "tin": "941234567",
    "specialties": ["family_medicine"],
    "practice_types": ["small_independent"],
    "ehr": "OpenEMR",
    "website": "https://ffm.example",
}
SITE = {
    "id": None,
    "name": "Main",
    "street": "1 Main",
    "city": "Fresno",
    "zip_code": "93701",
    "npi": "",
}


@pytest.fixture
def practice(draft):
    return draft.practice.practice


def save_profile(practice, owner, base=1, **changes):
    return practices.save_profile(practice, values=PROFILE | changes, base=base, by=owner)


def save_sites(practice, owner, rows, base=1):
    return practices.save_sites(practice, rows=rows, base=base, by=owner)


def save_members(practice, owner, rows, application=None, designated=None, base=1):
    return practices.save_members(
        practice, rows=rows, base=base, application=application, designated=designated, by=owner
    )


def count_of(plan, members=920):
    return {"plan": plan, "members": members, "as_of": date(2026, 1, 31)}


def columns_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = {column.name for column in cursor.description}
        return names, repr(
            [[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in cursor]
        )


def test_the_profile_is_stored_and_its_version_rises(practice, owner):
    save_profile(practice, owner)
    practice = Practice.objects.select_related("organisation").get(pk=practice.pk)
    kept = {key: getattr(practice, key) for key in PROFILE if key not in ("name", "tin")}
    assert kept == {key: PROFILE[key] for key in kept}
    assert practice.organisation.name == "Fresno Family Medicine"
    assert (practice.version, practice.updated_by) == (2, "Ana Ruiz")


def test_the_tin_is_encrypted_masked_and_absent_from_history(practice, owner):
    save_profile(practice, owner)
    practice.refresh_from_db()
    assert practice.masked_tin == "••-•••4567"
    assert decrypt(practice.tin_encrypted) == "941234567"
    assert practice.tin_digest == tin_digest("941234567")
    names, kept = columns_of("applications_practiceevent")
    assert names & {"tin_encrypted", "tin_digest", "tin"} == set()
    assert "tin_last4" in names
    assert practice.tin_digest not in kept
    for table in ("applications_practice", "applications_practiceevent"):
        assert "941234567" not in columns_of(table)[1]


def test_an_empty_tin_keeps_the_stored_one(practice, owner):
    save_profile(practice, owner)
    save_profile(practice, owner, base=2, tin="")
    practice.refresh_from_db()
    assert (decrypt(practice.tin_encrypted), practice.version) == ("941234567", 3)


def test_a_practice_without_a_tin_shows_none():
    assert PracticeFactory(tin_last4="").masked_tin == ""


def test_an_npi_of_another_practice_is_refused_and_nothing_is_stored(practice, owner):
    PracticeFactory(npi="1234567893")
    before = Practice.objects.values().get(pk=practice.pk)
    with pytest.raises(DomainError) as refusal:
        save_profile(practice, owner)
    assert str(refusal.value) == (
        "Another practice here has this NPI. Check the number, or ask for help."
    )
    assert Practice.objects.values().get(pk=practice.pk) == before
    assert Organisation.objects.get(pk=practice.pk).name != PROFILE["name"]


@pytest.mark.django_db(transaction=True)
def test_two_practices_saving_one_npi_at_once_store_it_once(hat_of, race):
    rows = [PracticeFactory(npi="") for _ in range(4)]
    hats = [hat_of("practice_owner", row.organisation) for row in rows]
    results = race(lambda n: save_profile(rows[n], hats[n]), 4)
    assert Practice.objects.filter(npi="1234567893").count() == 1
    assert sorted(type(result).__name__ for result in results) == ["DomainError"] * 3 + ["Practice"]


@pytest.mark.parametrize("save", ["profile", "sites", "members"])
def test_a_save_over_an_older_version_writes_nothing(practice, owner, contributor, save):
    save_profile(practice, contributor, ehr="Epic")
    acts = {
        "profile": lambda: save_profile(practice, owner, ehr="Mine"),
        "sites": lambda: save_sites(practice, owner, [SITE]),
        "members": lambda: save_members(
            practice, owner, [count_of(OrganisationFactory(kind="mcp"))]
        ),
    }
    with pytest.raises(practices.StalePractice) as refusal:
        acts[save]()
    assert str(refusal.value).startswith("Bo Li saved this page after you opened it. ")
    practice.refresh_from_db()
    assert (practice.ehr, practice.version) == ("Epic", 2)
    assert (Site.objects.count(), MemberCount.objects.count()) == (0, 0)


def test_sites_become_the_rows_and_their_county_follows_the_zip(practice, owner):
    save_sites(practice, owner, [SITE, SITE | {"name": "Second", "zip_code": "90012"}])
    first, second = Site.objects.order_by("pk")
    assert [(s.name, s.county) for s in (first, second)] == [
        ("Main", "Fresno"),
        ("Second", "Los Angeles"),
    ]
    save_sites(practice, owner, [SITE | {"id": second.pk, "name": "Renamed"}, SITE], base=2)
    kept, new = Site.objects.order_by("pk")
    assert (kept.pk, kept.name, kept.county) == (second.pk, "Renamed", "Fresno")
    assert new.pk not in (first.pk, second.pk)


@pytest.mark.parametrize("foreign", ["of another practice", "too long"])
def test_the_id_of_a_foreign_site_makes_a_new_site(practice, owner, foreign):
    other = Site.objects.create(
        practice=PracticeFactory(), name="Theirs", street="2", city="B", zip_code="93702"
    )
    number = other.pk if foreign == "of another practice" else 10**30
    save_sites(practice, owner, [SITE | {"id": number}])
    mine = Site.objects.get(practice=practice)
    assert (mine.name, mine.pk == number) == ("Main", False)
    other.refresh_from_db()
    assert (other.name, other.practice_id == practice.pk) == ("Theirs", False)


def test_members_and_the_designated_plan_are_stored_together(draft, practice, owner):
    plan, other = (OrganisationFactory(kind="mcp") for _ in range(2))
    save_members(practice, owner, [count_of(plan), count_of(other, 5)], draft, plan)
    draft.refresh_from_db()
    assert draft.designated_mcp == plan
    save_members(practice, owner, [count_of(plan, 7)], draft, plan, base=2)
    rows = MemberCount.objects.values_list("plan", "members", "as_of")
    assert list(rows) == [(plan.pk, 7, date(2026, 1, 31))]


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.RETURNED])
def test_the_plan_cannot_change_after_submission(hat_of, status):
    application = ApplicationFactory(status=status)
    hat = hat_of("practice_owner", application.practice)
    plan, before = OrganisationFactory(kind="mcp"), application.designated_mcp_id
    expected = WrongState if status == Status.SUBMITTED else DomainError
    with pytest.raises(expected):
        save_members(application.practice.practice, hat, [count_of(plan)], application, plan)
    assert Application.objects.get(pk=application.pk).designated_mcp_id == before
    assert MemberCount.objects.count() == 0


def test_a_new_practice_belongs_to_who_made_it():
    user = UserFactory()
    hat = practices.create(user=user, name="Clínica São José")
    assert (hat.user, hat.role, hat.organisation.kind) == (user, "practice_owner", "practice")
    assert (hat.organisation.name, hat.organisation.slug.rpartition("-")[0]) == (
        "Clínica São José",
        "clinica-sao-jose",
    )
    assert hat.organisation.practice.version == 1


@pytest.mark.parametrize("name", ["Same Name", "診療所", "x" * 200])
def test_practices_of_one_name_are_kept_apart(name):
    users = [UserFactory() for _ in range(2)]
    for user in (*users, users[0]):
        practices.create(user=user, name=name)
    assert len(set(Organisation.objects.values_list("slug", flat=True))) == 3


@pytest.mark.django_db(transaction=True)
def test_people_who_set_up_one_name_at_once_all_succeed(race):
    users = [UserFactory() for _ in range(4)]
    results = race(lambda n: practices.create(user=users[n], name="Same Name"), 4)
    assert [type(result) for result in results] == [Membership] * 4
