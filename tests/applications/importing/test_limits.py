"""A lead can't find out by import files which TINs are here."""

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.domain.importing import judge, store_counted
from applications.identifiers import tin_digest
from applications.importing import limits
from applications.importing.checking import check_rows
from applications.importing.parsing import read
from applications.models import Application
from tests.applications.importing.building import file_of, row_for
from tests.factories.applications import ApplicationFactory, PracticeFactory

pytestmark = pytest.mark.django_db
IMPORT, PREVIEW = "applications:import", "applications:import_preview"
TAKEN = "tin: Another application in this cycle has this TIN."
OTHER = "tin: The practice with this NPI has another TIN here. Check both."
SPENT = "check no other file of yours today"


@pytest.fixture(autouse=True)
def fresh():
    cache.clear()


@pytest.fixture
def client(as_hat, lead):
    return as_hat(lead)


@pytest.fixture
def papers(cycle, plan):
    """Return a function that reads rows as papers."""
    return lambda *rows: check_rows(
        read(file_of(cycle, rows), cycle.definition).rows, cycle=cycle, plan=plan
    )


def taken(cycle, row):
    """Let another application of the cycle have the row's TIN."""
    ApplicationFactory(cycle=cycle, tin_digest=tin_digest(row["tin"].replace("-", "")))
    return row


def wrong(cycle, plan, number):
    """Return a row with the NPI of a practice that has another TIN."""
    practice = PracticeFactory(tin_digest=tin_digest("949999999"))
    return row_for(cycle, plan, number, npi=practice.npi)


def upload(client, cycle, *rows):
    file = SimpleUploadedFile("papers.csv", file_of(cycle, rows))
    return client.post(reverse(IMPORT), {"file": file})


def test_a_tin_under_an_unknown_npi_is_not_told_before_the_import(client, cycle, plan, papers):
    row = taken(cycle, row_for(cycle, plan))
    [judged] = judge(papers(row), cycle=cycle, plan=plan, all_tins=False).rows
    assert (judged.state, judged.reasons) == ("new", [])
    upload(client, cycle, row, row_for(cycle, plan, 2))
    assert TAKEN not in client.get(reverse(PREVIEW)).content.decode()
    refused = client.post(reverse(PREVIEW))
    assert refused.status_code == 409
    for page in (refused, client.get(reverse(PREVIEW))):
        assert page.content.decode().count(TAKEN) == 1
        assert "Import 1 application and leave the rest out" in page.content.decode()
    problems = client.get(reverse("applications:import_problems")).content.decode()
    assert problems.count(TAKEN) == 1
    assert Application.objects.count() == 1
    assert client.post(reverse(PREVIEW), {"partial": "1"}).status_code == 302
    assert Application.objects.count() == 2


def test_a_repeated_npi_says_nothing_about_what_is_stored(cycle, plan, papers):
    first = wrong(cycle, plan, 1)
    second = row_for(cycle, plan, 2, npi=first["npi"])
    outcome = judge(papers(first, second), cycle=cycle, plan=plan)
    assert [row.reasons for row in outcome.rows] == [
        [OTHER],
        ["npi: Line 2 has the same one."],
    ]


def test_five_refused_tins_a_day_are_told_and_then_no_file_is_looked_at(client, cycle, plan):
    rows = [wrong(cycle, plan, number) for number in range(limits.TINS_A_DAY)]
    for _again in range(2):
        assert upload(client, cycle, *rows).status_code == 302
        assert client.get(reverse(PREVIEW)).content.decode().count(OTHER) == limits.TINS_A_DAY
    response = upload(client, cycle, wrong(cycle, plan, 90), row_for(cycle, plan, 91))
    assert response.status_code == 422
    assert SPENT in response.content.decode()
    assert OTHER not in response.content.decode()
    harmless = upload(client, cycle, row_for(cycle, plan, 92))
    assert (harmless.status_code, SPENT in harmless.content.decode()) == (422, True)
    response = client.get(reverse(PREVIEW), follow=True)
    assert response.redirect_chain == [(reverse(IMPORT), 302)]
    assert SPENT in response.content.decode()


def test_the_import_itself_counts_too_and_tells_none_beyond(client, cycle, plan):
    rows = [taken(cycle, row_for(cycle, plan, number)) for number in range(limits.TINS_A_DAY + 1)]
    assert upload(client, cycle, *rows, row_for(cycle, plan, 90)).status_code == 302
    before = Application.objects.count()
    response = client.post(reverse(PREVIEW), {"partial": "1"}, follow=True)
    assert response.redirect_chain == [(reverse(IMPORT), 302)]
    assert SPENT in response.content.decode()
    assert TAKEN not in response.content.decode()
    assert Application.objects.count() == before


def test_each_lead_has_a_count_of_their_own(cycle, plan, lead, hat_of, papers):
    rows = [taken(cycle, row_for(cycle, plan, number)) for number in range(limits.TINS_A_DAY + 1)]
    with pytest.raises(limits.TooMany):
        store_counted(papers(*rows), cycle=cycle, plan=plan, by=lead)
    with pytest.raises(limits.TooMany):
        limits.require_room(lead)
    limits.require_room(hat_of("mcp_lead", plan))


def test_so_many_files_a_day(client, cycle, plan, monkeypatch):
    monkeypatch.setattr(limits, "FILES_A_DAY", 2)
    seen = [upload(client, cycle, row_for(cycle, plan)).status_code for _ in range(3)]
    assert seen == [302, 302, 422]
    page = upload(client, cycle, row_for(cycle, plan)).content.decode()
    assert "You have checked 2 files today. Go on tomorrow." in page
