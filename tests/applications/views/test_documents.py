"""The page of documents and uploads through it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.enums import Role
from applications.documents import FILE_BYTES, MB
from applications.domain import attachments, submission
from applications.models import Attachment
from tests.applications import filing
from tests.applications.views.document_pages import DOCUMENTS, fetched, link, page, post, sent_to
from tests.factories.applications import ApplicationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_folder")]


def errors_of(response):
    text = response.content.decode()
    found = re.search(r'error-summary__list">(.*?)</ul>', text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s+", " ", found[1]).strip() if found else ""


def test_a_file_is_added_shown_and_downloaded(as_hat, contributor, draft):
    client = as_hat(contributor)
    response = post(client, draft, filing.upload(name="Plan <b>é.pdf"), "sponsor_letter")
    assert (response.status_code, response.url) == (302, reverse(DOCUMENTS))
    file = Attachment.objects.get()
    text = page(client)
    assert f'<a class="file-row__name" href="{link(file)}">{escape("Plan <b>é.pdf")}</a>' in text
    assert "“Plan &lt;b&gt;é.pdf” is added." in text
    assert "1 KB of 100 MB used." in text
    assert "Leave out patient information" in text
    download = client.get(link(file))
    assert b"".join(download) == filing.PDF
    assert {name: download[name] for name in (
        "Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options",
    )} == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(filing.PDF)),
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    assert download["Content-Disposition"] == (
        "attachment; filename*=utf-8''Plan%20%3Cb%3E%C3%A9.pdf"
    )


def test_the_form_is_sent_as_files_are_and_says_what_is_taken(as_hat, owner, draft):
    text = page(as_hat(owner))
    assert f'<form method="post" action="{sent_to(draft)}" enctype="multipart/form-data"' in text
    assert f'data-max-bytes="{FILE_BYTES}"' in text
    assert 'accept=".pdf,.docx,.xlsx,.png,.jpg,.jpeg"' in text
    assert "PDF, Word (docx), Excel (xlsx), PNG or JPEG, up to 20 MB." in text
    assert [kind in text for kind in ("PhmCAT results report", "Other document")] == [True, True]


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (filing.EXE, "plan.pdf", "This is not a PDF"),
        (filing.HTML, "plan.pdf", "This is not a PDF"),
        (filing.office("docx", **{"word/vbaProject.bin": "x"}), "plan.docx", "has macros"),
        (b"", "plan.pdf", "This file is empty."),
    ],
)
def test_what_is_not_taken_is_refused_by_the_field(as_hat, owner, draft, data, name, sentence):
    response = post(as_hat(owner), draft, filing.upload(data, name), "phmcat_report")
    assert response.status_code == 422
    assert errors_of(response).startswith("File – ")
    assert sentence in errors_of(response)
    text = response.content.decode()
    assert re.search(r'value="phmcat_report"[^>]* checked', text)
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("left_out", ["kind", "file"])
def test_kind_and_file_are_needed(as_hat, owner, draft, left_out):
    data = {"kind": "other", "file": filing.upload()}
    del data[left_out]
    response = as_hat(owner).post(sent_to(draft), data)
    sentence = {"kind": "What is it? – Say what the file is.", "file": "File – Choose a file."}
    assert (response.status_code, errors_of(response)) == (422, sentence[left_out])
    response = as_hat(owner).post(sent_to(draft), {**data, left_out: "nonsense"})
    assert (response.status_code, errors_of(response)) == (422, sentence[left_out])


@pytest.mark.parametrize("over", [1, 5 * MB])
def test_a_file_over_the_limit_is_counted_but_not_kept(as_hat, owner, draft, over, monkeypatch):
    kept = []
    real = TemporaryUploadedFile.close
    monkeypatch.setattr(
        TemporaryUploadedFile,
        "close",
        lambda file: (kept.append(file.seek(0, 2)) if not file.closed else None, real(file))[1],
    )
    response = post(as_hat(owner), draft, filing.sized(FILE_BYTES + over))
    shown = "20.1 MB" if over == 1 else "25 MB"
    assert response.status_code == 422
    assert f"This file has {shown}; the limit is 20 MB." in errors_of(response)
    assert kept
    assert max(kept) == 0


def test_a_file_of_exactly_the_limit_arrives_whole(as_hat, owner, draft):
    assert post(as_hat(owner), draft, filing.sized(FILE_BYTES)).status_code == 302
    assert Attachment.objects.get().size == FILE_BYTES


def test_a_total_that_is_passed_is_told_above_the_form(as_hat, owner, draft):
    row = filing.add(draft, owner)
    Attachment.objects.filter(pk=row.pk).update(size=100 * MB)
    response = post(as_hat(owner), draft, filing.upload())
    assert response.status_code == 409
    assert "together they can have 100 MB" in errors_of(response)


def test_too_many_files_at_once_are_refused_and_not_an_error_page(as_hat, owner, draft):
    files = [filing.upload(name=f"{n}.pdf") for n in range(6)]
    assert post(as_hat(owner), draft, files).status_code == 400
    assert not Attachment.objects.exists()


def test_a_replaced_file_is_listed_among_the_earlier_ones(as_hat, owner, contributor, draft):
    old = filing.add(draft, contributor, name="old.pdf")
    client = as_hat(owner)
    url = reverse("applications:replace_file", args=[old.pk])
    assert "old.pdf" in page(client, url)
    bad = client.post(url, {"file": filing.upload(filing.EXE)})
    assert (bad.status_code, "This is not a PDF" in errors_of(bad)) == (422, True)
    response = client.post(url, {"file": filing.upload(filing.JPEG, "new.jpg")})
    assert (response.status_code, response.url) == (302, reverse(DOCUMENTS))
    text = page(client)
    earlier = text[text.index("Earlier files") :]
    assert "Replaced by “new.jpg” (Ana Ruiz, " in earlier
    assert f'href="{link(old)}"' in earlier
    assert "new.jpg</a>" in text[: text.index("Earlier files")]
    again = client.post(url, {"file": filing.upload()})
    assert (again.status_code, "already. Nothing was changed." in errors_of(again)) == (409, True)


def test_removing_asks_first_and_keeps_the_file(as_hat, owner, draft):
    row = filing.add(draft, owner)
    client, url = as_hat(owner), reverse("applications:remove_file", args=[row.pk])
    assert "It stays in the list of earlier files" in page(client, url)
    assert Attachment.objects.filter(ended_at=None).exists()
    response = client.post(url)
    assert (response.status_code, response.url) == (302, reverse(DOCUMENTS))
    text = page(client)
    assert "“report.pdf” is removed." in text
    assert "Removed by Ana Ruiz on " in text
    assert client.post(url).status_code == 409
    assert client.get(url).status_code == 302
    assert fetched(client, row) == (200, filing.PDF)


def test_without_an_application_the_page_says_how_to_begin(as_hat, stranger):
    assert "Files belong to an application. Start one" in page(as_hat(stranger))


def test_after_closing_the_files_are_only_read(as_hat, owner, draft):
    row = filing.add(draft, owner)
    with time_machine.travel(draft.cycle.closes_at + timedelta(seconds=1), tick=False):
        client = as_hat(owner)
        text = page(client, sent_to(draft))
        response = post(client, draft, filing.upload())
        moved = client.get(reverse("applications:remove_file", args=[row.pk]))
    assert "Files can't change now" in text
    assert [part in text for part in ("<form method=\"post\" action=\"" + sent_to(draft), "Remove")] == [
        False, False,
    ]  # fmt: skip
    assert (response.status_code, "was not stored" in errors_of(response)) == (409, True)
    assert moved.status_code == 302


def test_the_files_are_read_where_the_application_is_read(as_hat, owner, hat_of, ready):
    row = filing.add(ready, owner, name="Letter & more.pdf", kind="sponsor_letter")
    review = page(as_hat(owner), reverse("applications:review", args=[ready.pk]))
    block = review[review.index('id="block-documents"') :]
    shown = f'<td><a href="{link(row)}">Letter &amp; more.pdf</a></td>'
    assert shown in block
    assert f'href="{reverse(DOCUMENTS)}">Change' in block
    submission.submit(ready, signed_name="A", signed_title="B", by=owner)
    lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
    analyst = hat_of(Role.DHCS_ANALYST)
    for hat, url in (
        (owner, reverse("applications:receipt", args=[ready.pk])),
        (lead, reverse("scoring:application", args=[ready.pk])),
        (analyst, reverse("selection:application", args=[ready.pk])),
    ):
        text = page(as_hat(hat), url)
        block = text[text.index('id="block-documents"') :]
        row_of_file = re.sub(r'<td data-label="[^"]+">', "<td>", block)
        assert f"{shown}<td>Letter from the executive sponsor</td><td>1 KB</td>" in row_of_file
        assert f'href="{reverse(DOCUMENTS)}">Change' not in block


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_file_and_three(as_hat, owner, draft, count):
    for number in range(count):
        old = filing.add(draft, owner, name=f"{number}.pdf")
        attachments.replace(old, file=filing.upload(), name=f"new {number}.pdf", by=owner)
    client = as_hat(owner)
    page(client)
    with CaptureQueriesContext(connection) as queries:
        page(client)
    assert len(queries) == 5, [q["sql"][:90] for q in queries]
    with CaptureQueriesContext(connection) as queries:
        client.get(link(old)).close()
    assert len(queries) == 3, [q["sql"][:90] for q in queries]


def test_a_file_of_another_cycle_is_listed_on_its_own_page(as_hat, owner, draft, hat_of):
    other = ApplicationFactory(practice=draft.practice)
    row = filing.add(other, owner)
    client = as_hat(owner)
    pages = {url: link(row) in page(client, url) for url in (sent_to(draft), sent_to(other))}
    assert pages == {sent_to(draft): False, sent_to(other): True}
    gone = client.post(reverse("applications:remove_file", args=[row.pk]))
    assert gone.url in (reverse(DOCUMENTS), sent_to(other))
    assert not Attachment.objects.filter(ended_at=None).exists()


def raw_post(client, application, name):
    """Send a form as bytes, as a browser or a hostile program may write it."""
    head = (
        '--edge\r\nContent-Disposition: form-data; name="kind"\r\n\r\nother\r\n--edge\r\n'
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: text/html\r\n\r\n"
    )
    body = head.encode() + filing.PDF + b"\r\n--edge--\r\n"
    return client.post(sent_to(application), body, "multipart/form-data; boundary=edge")


@hypothesis_settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
@example("\u202egpj.exe")
@example("=cmd|' /C calc'!A0.pdf")
@example("x" * 500 + ".pdf")
@example("a\x00b.pdf")
@example('"; filename="evil.exe')
@example("a\r\nX-Header: 1\r\n\r\n.pdf")
@example("../../../etc/passwd")
@example("שלום 🏥.pdf")
@example("&lt;b&gt;.pdf")
def test_any_name_is_kept_and_shown_or_refused_in_words(as_hat, owner, draft, name):
    Attachment.objects.all().update(ended_at=timezone.now())
    client = as_hat(owner)
    response = raw_post(client, draft, name)
    if response.status_code != 302:
        assert response.status_code in (400, 422)
        assert not Attachment.objects.filter(ended_at=None).exists()
        return
    row = Attachment.objects.get(ended_at=None)
    assert escape(row.name) in page(client)
    download = client.get(link(row))
    assert b"".join(download) == filing.PDF
    assert download["Content-Type"] == "application/pdf"
    assert download["Content-Disposition"].startswith("attachment;")


def test_the_page_to_sign_names_a_file_that_waits(as_hat, owner, ready):
    assert post(as_hat(owner), ready, filing.upload()).status_code == 302
    with override_settings(CLAMD_URL="tcp://127.0.0.1:1"):
        assert post(as_hat(owner), ready, filing.upload(filing.JPEG, "b.jpg")).status_code == 302
    review = page(as_hat(owner), reverse("applications:review", args=[ready.pk]))
    assert "Wait until “b.jpg” is checked for viruses, or remove it." in review
    assert '#block-documents"' in review
