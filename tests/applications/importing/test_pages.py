"""The lead's import pages: nothing without a preview, nothing but what the preview showed."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from applications.domain.importing import store
from applications.importing.checking import check_rows
from applications.importing.parsing import read
from applications.models import Application, ImportedApplication
from tests.applications.importing.building import counts, file_of, row_for

pytestmark = pytest.mark.django_db
IMPORT, PREVIEW = "applications:import", "applications:import_preview"


@pytest.fixture
def client(as_hat, lead):
    return as_hat(lead)


def upload(client, data, name="papers.csv"):
    return client.post(reverse(IMPORT), {"file": SimpleUploadedFile(name, data)})


def preview(client):
    response = client.get(reverse(PREVIEW))
    assert response.status_code == 200
    return response.content.decode()


def test_upload_shows_and_stores_nothing_until_it_is_confirmed(client, cycle, plan):
    before = counts()
    response = upload(client, file_of(cycle, [row_for(cycle, plan, n) for n in (1, 2)]))
    assert (response.status_code, response.url) == (302, reverse(PREVIEW))
    page = preview(client)
    assert "Import 2 applications as submitted" in page
    assert counts() == before
    response = client.post(reverse(PREVIEW))
    assert (response.status_code, response.url) == (302, reverse("scoring:applications"))
    assert Application.objects.count() == 2
    page = client.get(response.url).content.decode()
    assert "2 applications imported." in page
    assert all(row.reference in page for row in Application.objects.all())
    assert client.get(reverse(PREVIEW)).url == reverse(IMPORT)
    upload(client, file_of(cycle, [row_for(cycle, plan, n) for n in (1, 2)]))
    before = counts()
    assert "There is nothing new to import" in preview(client)
    client.post(reverse(PREVIEW))
    assert counts() == before


def test_bad_rows_are_left_out_only_when_asked(client, cycle, plan):
    rows = [row_for(cycle, plan, 1), row_for(cycle, plan, 2, npi="12")]
    upload(client, file_of(cycle, rows))
    page = preview(client)
    assert "Import 1 application and leave the rest out" in page
    assert "npi: An NPI has 10 digits" in page
    response = client.post(reverse(PREVIEW))
    assert response.status_code == 409
    assert Application.objects.count() == 0
    assert client.post(reverse(PREVIEW), {"partial": "1"}).status_code == 302
    assert [row.paper_id for row in ImportedApplication.objects.all()] == ["P-1"]


def test_what_was_not_shown_is_not_imported(client, cycle, plan, lead):
    data = file_of(cycle, [row_for(cycle, plan, n) for n in (1, 2)])
    upload(client, data)
    papers = check_rows(read(data, cycle.definition).rows[:1], cycle=cycle, plan=plan)
    store(papers, cycle=cycle, plan=plan, by=lead)
    response = client.post(reverse(PREVIEW))
    assert response.status_code == 409
    assert "Something changed since you opened this page." in response.content.decode()
    assert Application.objects.count() == 1
    client.post(reverse(PREVIEW))
    assert Application.objects.count() == 2


def test_the_file_is_kept_for_its_uploader_only_and_never_in_the_clear(
    as_hat, client, cycle, plan, hat_of
):
    upload(client, file_of(cycle, [row_for(cycle, plan, 1, tin="94-1234567")]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_data FROM django_session")
        assert not [text for (text,) in cursor.fetchall() if "1234567" in text]
    other = as_hat(hat_of(Role.MCP_LEAD, plan))
    assert other.get(reverse(PREVIEW)).url == reverse(IMPORT)
    assert other.post(reverse(PREVIEW)).url == reverse(IMPORT)
    session = other.session
    session["import_file"] = client.session["import_file"]
    session.save()
    assert other.get(reverse(PREVIEW)).status_code == 302
    assert Application.objects.count() == 0


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b"a\x00b", "bytes that are no text"),
        (b"PK\x03\x04", "This is a workbook."),
        (b"one,two\n", "lacks these columns"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
    ],
)
def test_a_file_that_cannot_be_read_gets_a_sentence(client, cycle, data, words):
    response = upload(client, data)
    assert response.status_code == 422
    assert words in response.content.decode()


def test_the_page_takes_fewer_rows_than_the_command(client, cycle):
    for rows, status in ((500, 302), (501, 422)):
        response = upload(client, file_of(cycle, [{"paper_id": "1"}] * rows))
        assert response.status_code == status
    assert "The file has 501 rows; the limit is 500. Split it" in response.content.decode()
    assert "Up to 5 MB and 500 rows." in client.get(reverse(IMPORT)).content.decode()


def test_without_a_file_or_a_cycle(client, cycle):
    assert client.post(reverse(IMPORT)).status_code == 422
    cycle.delete()
    assert "No cycle is planned" in client.get(reverse(IMPORT)).content.decode()
    for name in ("import_preview", "import_problems", "import_template"):
        assert client.get(reverse(f"applications:{name}")).status_code == 302


def test_hostile_text_is_shown_as_typed_and_harmless_in_the_download(client, cycle, plan):
    hostile = "=cmd|' /C calc'!A0 <script>x</script>"
    upload(client, file_of(cycle, [row_for(cycle, plan, 1, practice_name=hostile, npi="1")]))
    page = preview(client)
    assert escape(hostile) in page
    assert "<script>x" not in page
    response = client.get(reverse("applications:import_problems"))
    assert response["Content-Disposition"] == 'attachment; filename="problems.csv"'
    [_head, row] = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
    assert row[:3] == ["2", "P-1", f"'{hostile}"]


def test_the_template_can_be_uploaded(client, cycle):
    template = client.get(reverse("applications:import_template")).content
    upload(client, template)
    assert "This is the example of the template." in preview(client)
    upload(client, template.replace(b"PAPER-001", b"P-1"))
    assert "Import 1 application as submitted" in preview(client)


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.MCP_LEAD}))
def test_only_leads_import(as_hat, hat_of, cycle, plan, role):
    organisation = plan if role == Role.MCP_REVIEWER else None
    web = as_hat(hat_of(role, organisation))
    for name in ("import", "import_preview", "import_problems", "import_template"):
        assert web.get(reverse(f"applications:{name}")).status_code == 403
    assert upload(web, file_of(cycle, [row_for(cycle, plan)])).status_code == 403
    assert web.post(reverse(PREVIEW)).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_preview_costs_the_same_for_one_and_three_rows(client, cycle, plan, count):
    upload(client, file_of(cycle, [row_for(cycle, plan, n) for n in range(count)]))
    with CaptureQueriesContext(connection) as queries:
        preview(client)
    assert len(queries) == 9
