"""The practice's profile: saved field by field, the TIN never readable, numbers never shared."""

import pytest
from django.db import connection

from accounts.models import Membership, Organisation
from applications.domain import practices, submission
from applications.enums import Status
from applications.identifiers import decrypt, tin_digest
from applications.models import Application, CorrectionNote, Practice
from core.exceptions import DomainError, WrongState
from tests.factories.accounts import UserFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory

pytestmark = pytest.mark.django_db
TIN = "941234567"
PROFILE = {
    "name": "Fresno Family Medicine",
    "dba": "FFM",
    "npi": "1234567893",
    "tin": TIN,
    "specialties": ["pediatrics"],
    "practice_types": ["fqhc"],
    "ehr": "Epic",
    "website": "https://ffm.example",
}


@pytest.fixture
def practice(draft):
    return draft.practice.practice


def save(practice, by, bases=None, **changes):
    return practices.save_profile(practice, changes=changes, bases=bases or {}, by=by)


def stored(practice):
    return Practice.objects.select_related("organisation").get(pk=practice.pk)


def columns_of(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table}")
        names = {column.name for column in cursor.description}
        return names, repr(
            [[bytes(v) if isinstance(v, memoryview) else v for v in r] for r in cursor]
        )


def test_every_field_is_stored_under_a_version_of_its_own(practice, owner):
    saved = save(practice, owner, **PROFILE)
    assert saved.versions == dict.fromkeys(PROFILE, 1)
    now = stored(practice)
    kept = {key: getattr(now, key) for key in PROFILE if key not in ("name", "tin")}
    assert kept == {key: PROFILE[key] for key in kept}
    assert now.organisation.name == "Fresno Family Medicine"
    assert {name: entry[:2] for name, entry in now.versions.items()} == {
        name: [1, "Ana Ruiz"] for name in PROFILE
    }
    assert (now.version, now.updated_by) == (2, "Ana Ruiz")


def test_two_people_in_different_fields_do_not_disturb_each_other(practice, owner, contributor):
    save(practice, owner, ehr="Epic", name="Ana's name")
    saved = save(practice, contributor, dba="Bo's name")
    assert saved.conflicts == {}
    now = stored(practice)
    assert (now.ehr, now.dba, now.organisation.name) == ("Epic", "Bo's name", "Ana's name")


@pytest.mark.parametrize(
    ("field", "theirs", "mine"),
    [("ehr", "Epic", "Athena"), ("name", "New", "Newer"), ("specialties", ["pediatrics"], [])],
)
def test_a_save_over_a_newer_version_is_handed_back_and_the_rest_is_stored(
    practice, owner, contributor, field, theirs, mine
):
    save(practice, contributor, **{field: theirs})
    saved = save(practice, owner, **{field: mine, "dba": "FFM"})
    conflict = saved.conflicts[field]
    assert (conflict.mine, conflict.theirs, conflict.version) == (mine, theirs, 1)
    assert conflict.by == "Bo Li"
    assert stored(practice).dba == "FFM"
    again = save(practice, owner, {field: 1}, **{field: mine})
    assert (again.versions, again.conflicts) == ({field: 2}, {})


def test_the_tin_is_encrypted_masked_and_absent_from_history(practice, owner):
    save(practice, owner, tin=TIN)
    practice.refresh_from_db()
    assert practice.masked_tin == "••-•••4567"
    assert decrypt(practice.tin_encrypted) == TIN
    assert practice.tin_digest == tin_digest(TIN)
    names, kept = columns_of("applications_practiceevent")
    assert names & {"tin_encrypted", "tin_digest", "tin", "versions"} == set()
    assert practice.tin_digest not in kept
    for table in ("applications_practice", "applications_practiceevent"):
        assert TIN not in columns_of(table)[1]


def test_a_conflict_over_the_tin_shows_neither_number(practice, owner, contributor):
    save(practice, contributor, tin=TIN)
    saved = save(practice, owner, tin="942345678")
    conflict = saved.conflicts["tin"]
    assert (conflict.mine, conflict.theirs) == ("••-•••4567", "••-•••4567")
    assert "942345678" not in repr(saved)
    assert decrypt(stored(practice).tin_encrypted) == TIN


def test_an_empty_tin_keeps_the_stored_one(practice, owner):
    save(practice, owner, tin=TIN)
    saved = save(practice, owner, tin="", ehr="Epic")
    assert saved.changed == ["ehr"]
    assert decrypt(stored(practice).tin_encrypted) == TIN


def test_the_tin_goes_to_the_application_that_is_being_written_only(practice, draft, owner):
    cycle = draft.cycle
    save(practice, owner, tin=TIN)
    draft.refresh_from_db()
    assert draft.tin_digest == tin_digest(TIN)
    signed = ApplicationFactory(cycle=cycle, status=Status.SUBMITTED)
    save(signed.practice.practice, owner, tin="942345678")
    signed.refresh_from_db()
    assert signed.tin_digest == ""


def test_a_tin_of_another_open_application_is_refused_by_the_field(practice, draft, owner):
    ApplicationFactory(cycle=draft.cycle, tin_digest=tin_digest(TIN))
    with pytest.raises(practices.FieldRefused) as refusal:
        save(practice, owner, tin=TIN, ehr="Epic")
    assert (refusal.value.field, refusal.value.row) == ("tin", None)
    assert str(refusal.value).startswith("Another application in this cycle has this TIN.")
    assert (stored(practice).tin_last4, stored(practice).ehr) == ("4567", "OpenEMR")
    assert stored(practice).tin_digest == ""


@pytest.mark.parametrize("other", ["withdrawn", "another cycle"])
def test_a_tin_is_free_again_after_withdrawal_and_in_another_cycle(draft, practice, owner, other):
    traits = {"cycle": draft.cycle, "status": Status.WITHDRAWN} if other == "withdrawn" else {}
    ApplicationFactory(**traits, tin_digest=tin_digest(TIN))
    assert save(practice, owner, tin=TIN).changed == ["tin"]


def test_starting_takes_the_tin_along_and_is_refused_when_it_is_taken(draft, hat_of):
    Application.objects.filter(pk=draft.pk).update(tin_digest=tin_digest(TIN))
    other = PracticeFactory(tin_digest=tin_digest(TIN)).organisation
    hat = hat_of("practice_owner", other)
    with pytest.raises(DomainError) as refusal:
        submission.start(cycle=draft.cycle, practice=other, by=hat)
    assert str(refusal.value).startswith("Another application in this cycle has the TIN of your")
    assert Application.objects.filter(practice=other).count() == 0
    Practice.objects.filter(pk=other.pk).update(tin_digest=tin_digest("942345678"))
    started = submission.start(cycle=draft.cycle, practice=other, by=hat)
    assert started.tin_digest == tin_digest("942345678")


def test_an_npi_of_another_practice_is_refused_and_nothing_is_stored(practice, owner):
    PracticeFactory(npi="1234567893")
    before = Practice.objects.values().get(pk=practice.pk)
    with pytest.raises(practices.FieldRefused) as refusal:
        save(practice, owner, **PROFILE)
    assert str(refusal.value) == (
        "Another practice here has this NPI. Check the number, or ask for help."
    )
    assert refusal.value.field == "npi"
    assert Practice.objects.values().get(pk=practice.pk) == before
    assert Organisation.objects.get(pk=practice.pk).name != PROFILE["name"]


@pytest.mark.django_db(transaction=True)
def test_two_practices_saving_one_npi_at_once_store_it_once(hat_of, race):
    rows = [PracticeFactory(npi="") for _ in range(4)]
    hats = [hat_of("practice_owner", row.organisation) for row in rows]
    results = race(lambda n: save(rows[n], hats[n], npi="1234567893"), 4)
    assert Practice.objects.filter(npi="1234567893").count() == 1
    assert sorted(type(result).__name__ for result in results) == ["FieldRefused"] * 3 + ["Saved"]


@pytest.mark.django_db(transaction=True)
def test_of_racing_saves_of_one_field_one_is_stored(draft, owner, race):
    practice = draft.practice.practice
    saves = race(lambda n: save(practice, owner, ehr=f"EHR {n}"), 5)
    assert sorted(len(saved.conflicts) for saved in saves) == [0, 1, 1, 1, 1]
    winner = next(saved for saved in saves if saved.changed)
    assert winner.versions == {"ehr": 1}


def returned(application, **notes):
    step = application.transitions.create(
        name="return",
        from_status="submitted",
        to_status="returned",
        actor="Lee",
        created_at=application.created_at,
    )
    for section, text in notes.items():
        CorrectionNote.objects.create(transition=step, section=section, text=text)
    return application.practice.practice


def test_a_returned_application_locks_the_profile_unless_a_note_names_it(hat_of):
    application = ApplicationFactory(status=Status.RETURNED)
    hat = hat_of("practice_owner", application.practice)
    practice = returned(application, contacts="Who leads?")
    with pytest.raises(WrongState) as refusal:
        save(practice, hat, ehr="Epic")
    assert str(refusal.value) == (
        "Only the sections with a note can change now. This one was not stored."
    )
    assert stored(practice).ehr == "OpenEMR"
    returned(application, practice="Check the EHR.")
    assert save(practice, hat, ehr="Epic").changed == ["ehr"]


def test_a_practice_without_a_tin_shows_none():
    assert PracticeFactory(tin_last4="").masked_tin == ""


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
