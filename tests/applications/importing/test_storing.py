"""Storing paper applications: once, completely, all or none."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Organisation
from applications.domain import practices, submission
from applications.domain.importing import Refused, store
from applications.dossier import Dossier
from applications.enums import Status
from applications.identifiers import decrypt, tin_digest
from applications.importing.checking import check_rows
from applications.importing.parsing import read
from applications.models import (
    Application,
    ApplicationTransition,
    ImportedApplication,
    MemberCount,
    Practice,
    Site,
    Submission,
)
from applications.queries import applications_visible_to
from applications.signals import submitted
from core.canonical import digest
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from tests.applications.importing.building import counts, file_of, row_for
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def bring(cycle, plan, lead):
    """Return a function that imports rows as the lead."""

    def run(*rows, **options):
        data = file_of(cycle, rows)
        papers = check_rows(read(data, cycle.definition).rows, cycle=cycle, plan=plan)
        return store(papers, cycle=cycle, plan=plan, by=options.pop("by", lead), **options)

    return run


@pytest.fixture
def paper(cycle, plan):
    """Return a function that gives a good row of a number."""
    return lambda number=1, **changes: row_for(cycle, plan, number, **changes)


def states(outcome):
    return [row.state for row in outcome.rows]


def test_a_paper_becomes_a_submitted_application_of_the_plan(bring, paper, cycle, plan, lead):
    row = paper(optional_areas="social_health", optional_social_health="We ask everybody.")
    outcome = bring(row)
    application = Application.objects.get()
    assert outcome.references == [application.reference]
    assert application.status == Status.SUBMITTED
    assert application.designated_mcp == plan
    assert (application.members, application.county) == (920, "Fresno")
    assert application.practice_types == [cycle.definition.practice_types[0].value]
    assert application.tin_digest == tin_digest(row["tin"].replace("-", ""))
    assert list(applications_visible_to(lead)) == [application]
    step = ApplicationTransition.objects.get()
    assert (step.name, step.from_status, step.to_status) == ("import", "draft", "submitted")
    assert (step.actor, step.side) == (lead.label, "mcp")
    assert step.reason == f"Reached the plan on paper on {row['received_on']}"
    origin = ImportedApplication.objects.get()
    assert (origin.paper_id, origin.imported_by) == ("P-1", lead.label)
    assert (origin.application, origin.plan, origin.cycle) == (application, plan, cycle)


def test_what_comes_on_paper_is_told_like_what_is_signed_here(bring, paper, lead):
    seen = []

    def listen(applications, by, **_signal):
        told = OutboxEmail.objects.count()
        seen.append(([one.reference for one in applications], by, told))

    submitted.connect(listen)
    try:
        outcome = bring(paper(1), paper(2))
    finally:
        submitted.disconnect(listen)
    assert seen == [(outcome.references, lead, 0)]


def test_a_lead_who_works_for_the_practice_on_paper_never_sees_it(bring, paper, plan, lead):
    practice = PracticeFactory(npi=paper()["npi"])
    near = MembershipFactory(organisation=plan, role=Role.MCP_LEAD)
    MembershipFactory(user=near.user, organisation=practice.organisation)
    bring(paper(1), paper(2))
    ours = Application.objects.get(practice=practice.organisation)
    assert ours not in applications_visible_to(near)
    assert applications_visible_to(near).count() == 1
    assert applications_visible_to(lead).count() == 2


def test_what_is_signed_is_what_is_stored_and_says_where_it_came_from(bring, paper, lead):
    bring(paper())
    application = Application.objects.get()
    signed = Submission.objects.get()
    content = json.loads(signed.content)
    origin, signature = content.pop("paper"), content.pop("signed")
    assert content == json.loads(json.dumps(Dossier.load(application).content))
    assert signed.sha256 == digest(signed.content)
    assert (signed.signed_name, signed.signed_title) == ("Ana Ruiz", "Owner")
    assert signed.signed_by == f"On paper, imported by {lead.label}"
    assert origin["imported_by"] == lead.label
    assert (origin["paper_id"], signature["name"]) == ("P-1", "Ana Ruiz")
    assert len(signature["attestations"]) == 4
    assert Dossier.load(application).missing == []


def test_the_tin_is_never_in_the_clear(bring, paper):
    bring(paper(tin="94-1234567"))
    practice = Practice.objects.get()
    assert (decrypt(practice.tin_encrypted), practice.tin_last4) == ("941234567", "4567")
    for text in (Submission.objects.get().content, str(ImportedApplication.objects.values())):
        assert "1234567" not in text


def test_the_same_file_twice_changes_nothing(bring, paper):
    rows = [paper(1), paper(2)]
    assert states(bring(*rows)) == ["new", "new"]
    before = counts()
    assert states(bring(*rows)) == ["unchanged", "unchanged"]
    assert counts() == before
    assert states(bring(*rows, paper(3))) == ["unchanged", "unchanged", "new"]


@pytest.mark.parametrize("partial", [False, True])
def test_a_bad_row_holds_up_all_unless_partial(bring, paper, partial):
    before = counts()
    rows = [paper(1), paper(2, npi="12"), paper(3)]
    if partial:
        outcome = bring(*rows, partial=True)
        assert states(outcome) == ["new", "bad", "new"]
        assert list(ImportedApplication.objects.values_list("paper_id", flat=True)) == [
            "P-1",
            "P-3",
        ]
        return
    with pytest.raises(Refused) as refused:
        bring(*rows)
    [row] = refused.value.outcome.refused
    assert (row.paper.line, row.paper.paper_id) == (3, "P-2")
    assert counts() == before


def test_other_content_under_the_same_paper_is_refused(bring, paper):
    bring(paper())
    before = counts()
    with pytest.raises(Refused) as refused:
        bring(paper(ehr="Other"))
    assert states(refused.value.outcome) == ["changed"]
    assert states(bring(paper(ehr="Other"), partial=True)) == ["changed"]
    assert counts() == before


@pytest.mark.parametrize("twice", ["paper_id", "npi", "tin"])
def test_a_file_names_each_paper_practice_and_tin_once(bring, paper, twice):
    first, second = paper(1), paper(2)
    second[twice] = first[twice]
    with pytest.raises(Refused) as refused:
        bring(first, second)
    [row] = refused.value.outcome.refused
    assert row.paper.line == 3
    assert row.reasons[0].startswith(f"{twice}: Line 2 has the same one.")


def test_a_practice_with_an_application_in_the_cycle_is_refused(bring, paper, cycle):
    practice = PracticeFactory()
    ApplicationFactory(cycle=cycle, practice=practice.organisation)
    with pytest.raises(Refused) as refused:
        bring(paper(npi=practice.npi))
    assert refused.value.outcome.rows[0].reasons == [
        "npi: This practice has an application in this cycle already."
    ]


def test_the_tin_of_another_application_in_the_cycle_is_refused(bring, paper, cycle):
    row = paper()
    ApplicationFactory(cycle=cycle, tin_digest=tin_digest(row["tin"].replace("-", "")))
    with pytest.raises(Refused):
        bring(row)


def test_an_npi_with_another_tin_is_refused(bring, paper):
    practice = PracticeFactory(tin_digest=tin_digest("949999999"))
    with pytest.raises(Refused):
        bring(paper(npi=practice.npi))


def test_a_known_practice_keeps_what_it_typed_and_hears_of_the_receipt(bring, paper, hat_of, plan):
    practice = PracticeFactory(ehr="Epic", specialties=[])
    Site.objects.create(practice=practice, name="Own site", zip_code="93701", county="Fresno")
    owner = hat_of(Role.PRACTICE_OWNER, practice.organisation)
    organisations = Organisation.objects.count()
    bring(paper(npi=practice.npi, ehr="OpenEMR"))
    name = practice.organisation.name
    practice = Practice.objects.get(pk=practice.pk)
    assert (practice.organisation.name, practice.ehr) == (name, "Epic")
    assert practice.specialties == ["family_medicine", "pediatrics"]
    assert [site.name for site in practice.sites.all()] == ["Own site"]
    assert MemberCount.objects.get().plan == plan
    assert Organisation.objects.count() == organisations
    signed = json.loads(Submission.objects.get().content)
    assert signed["practice"]["ehr"] == "OpenEMR"
    assert [site["name"] for site in signed["sites"]] == ["Main Street Clinic"]
    assert [mail.to for mail in OutboxEmail.objects.all()] == [owner.user.email]


def test_what_the_import_filled_in_is_not_written_over_unseen(bring, paper, hat_of, lead):
    practice = PracticeFactory(ehr="", website="https://own.example", specialties=[])
    owner = hat_of(Role.PRACTICE_OWNER, practice.organisation)
    bring(paper(npi=practice.npi, ehr="OpenEMR"))
    saved = practices.save_profile(
        practice,
        changes={"ehr": "Epic", "tin": "941111111", "website": "https://new.example"},
        bases={},
        by=owner,
    )
    assert saved.changed == ["website"]
    assert saved.conflicts["ehr"].by == lead.user.full_name
    assert sorted(saved.conflicts) == ["ehr", "tin"]
    practice = Practice.objects.get(pk=practice.pk)
    assert practice.ehr == "OpenEMR"
    assert {name: entry[0] for name, entry in practice.versions.items()} == {
        "ehr": 1,
        "specialties": 1,
        "tin": 1,
        "website": 1,
    }
    [site], [count] = practice.sites.all(), practice.member_counts.all()
    assert {entry[0] for entry in (site.versions | count.versions).values()} == {1}
    assert set(site.versions) == {"name", "street", "city", "zip_code"}
    assert set(count.versions) == {"plan", "members", "as_of"}


def test_a_new_practice_has_nobody_to_write_to(bring, paper):
    bring(paper())
    assert OutboxEmail.objects.count() == 0


@pytest.mark.parametrize(
    ("days", "allowed"), [(-11, False), (0, True), (25, True), (49, True), (51, False)]
)
def test_it_runs_from_the_opening_until_scoring_is_due(bring, paper, cycle, days, allowed):
    row = paper(received_on=cycle.opens_at.date().isoformat())
    row |= {"signed_on": row["received_on"], "members_as_of": "2020-01-01"}
    row |= dict.fromkeys(("survey_date", "phmcat_date"), "2020-01-01")
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        if allowed:
            assert states(bring(row)) == ["new"]
            return
        with pytest.raises((WrongState, Refused)):
            bring(row)
    assert Application.objects.count() == 0


def test_another_plans_lead_can_not_import(bring, paper, hat_of):
    with pytest.raises(DomainError):
        bring(paper(), by=hat_of(Role.MCP_LEAD))
    assert Application.objects.count() == 0


def test_an_imported_practice_can_not_start_a_second_application(bring, paper, cycle, hat_of):
    bring(paper())
    application = Application.objects.get()
    owner = hat_of(Role.PRACTICE_OWNER, application.practice)
    again = submission.start(cycle=cycle, practice=application.practice, by=owner)
    assert again == application


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_store_one(bring, paper, race):
    results = race(lambda _number: bring(paper()), 2)
    assert sorted(states(result) for result in results) == [["new"], ["unchanged"]]
    assert Application.objects.count() == ImportedApplication.objects.count() == 1


def test_the_numbers_are_taken_after_everything_that_needs_none(bring, paper):
    with CaptureQueriesContext(connection) as queries:
        bring(paper(1), paper(2))
    seen = [query["sql"] for query in queries]
    taken = next(i for i, sql in enumerate(seen) if 'UPDATE "programs_cycle"' in sql)
    made = [i for i, sql in enumerate(seen) if sql.startswith("INSERT")]
    first = next(i for i in made if 'INTO "applications_application"' in seen[i])
    assert [i for i in made if i < taken and 'INTO "applications_membercount"' in seen[i]]
    assert not [sql for sql in seen[taken + 1 : first] if "SAVEPOINT" not in sql]
    [step] = [sql for sql in seen if 'UPDATE "applications_application"' in sql]
    changed = step.partition(" WHERE ")[0]
    assert ('"status"' in changed, '"population"' in changed) == (True, False)


def test_storing_costs_the_same_for_one_and_three_papers(bring, paper):
    seen = []
    for numbers in ((1,), (2, 3, 4)):
        rows = [paper(number) for number in numbers]
        with CaptureQueriesContext(connection) as queries:
            bring(*rows)
        seen.append(len(queries))
    assert seen[0] == seen[1]
