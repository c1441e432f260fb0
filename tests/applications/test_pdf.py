"""Applications and receipts as PDF: tagged, whole, hostile text as typed, and for whom."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts.enums import Role
from applications.domain import submission
from applications.dossier import Dossier
from applications.enums import Status
from applications.models import Answer, Submission
from applications.pdf import rendering
from applications.pdf.documents import application_pdf, receipt_pdf
from applications.pdf.letters import BOX, BREAK, printable
from applications.reading import read_content, read_document
from core.times import long
from tests.factories.applications import ApplicationFactory, complete

pytestmark = pytest.mark.django_db
HOSTILE = '#eval("1") $x$ \\ *b* _i_ `c` <t> @r // no /* no */ -- "q" [b] {c} =cmd|'


def draft_pdf(application):
    dossier = Dossier.load(application)
    return application_pdf(application, read_content(dossier.content, dossier.definition, {}))


def signed_pdf(signed):
    blocks = read_document(signed.content, signed.application.cycle.definition)
    return application_pdf(signed.application, blocks, submission=signed)


def text_of(content):
    pages = PdfReader(BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace(BREAK, "").split())


def running_text(content, application):
    """Return the text of all pages as one, without what stands at the head and foot of each."""
    found = ""
    for page in PdfReader(BytesIO(content)).pages:
        text = squeezed(page.extract_text().replace(BREAK, ""))
        found += text.removeprefix(squeezed(application.practice.name + application.reference))
        found = re.sub(r"Page\d+of\d+$", "", found).removesuffix(squeezed(application.cycle.title))
    return found


def squeezed(text):
    """Return the text without white space, which a line end may add after a hyphen."""
    return "".join(text.split())


@pytest.fixture
def signed(ready, owner):
    for question in ready.cycle.definition.questions():
        answer = f"Answer to {question.key}: " + "we see our panels every month. " * 20
        if question.kind == "long_text":
            Answer.objects.filter(application=ready, key=question.key).update(value=answer)
    return submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)


def test_application_is_tagged_and_says_what_it_is(signed):
    reader = PdfReader(BytesIO(signed_pdf(signed)))
    root = reader.root_object
    assert bool(root["/MarkInfo"]["/Marked"])
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"].startswith("en")
    assert bool(root["/ViewerPreferences"]["/DisplayDocTitle"])
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data()
    assert reader.metadata.title == f"Application {signed.application.reference}"
    assert reader.metadata.creation_date == signed.created_at.replace(microsecond=0)


def test_table_of_sites_has_header_cells(signed):
    reader = PdfReader(BytesIO(signed_pdf(signed)))
    tags = [str(item.get_object().get("/S")) for item in every_tag(reader)]
    assert tags.count("/Table") == 2
    assert tags.count("/TH") == 4 + 3
    assert tags.count("/H1") == 1


def every_tag(reader):
    waiting = [reader.root_object["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop().get_object()
        if not isinstance(node, dict):
            continue
        yield node
        children = node.get("/K", [])
        waiting += children if isinstance(children, list) else [children]


def test_outline_leads_to_every_section_and_long_question(signed):
    reader = PdfReader(BytesIO(signed_pdf(signed)))
    titles = [item.title for item in flat(reader.outline)]
    definition = signed.application.cycle.definition
    wanted = [section.title for section in definition.sections if section.kind != "sign"]
    assert [title for title in titles if title in wanted] == wanted
    assert titles[0] == signed.application.practice.name
    assert titles[-1] == "Signature"


def flat(outline):
    for item in outline:
        if isinstance(item, list):
            yield from flat(item)
        else:
            yield item


def test_application_holds_every_answer_and_the_signature(signed):
    content = signed_pdf(signed)
    text, running = text_of(content), running_text(content, signed.application)
    for block in read_document(signed.content, signed.application.cycle.definition):
        shown = [block.title, *[cell for row in block.rows for cell in row]]
        shown += [text for entry in block.entries for text in (entry.label, entry.answer)]
        assert [one for one in shown if squeezed(one) not in running] == []
    for shown in (signed.sha256, "Ana Ruiz", "Owner", long(signed.created_at)):
        assert shown in text
    for item in signed.application.cycle.definition.attestations:
        assert item.text in text
    assert "Draft" not in text
    assert "••-•••4567" in text


def test_every_page_has_reference_practice_and_its_number(signed):
    pages = PdfReader(BytesIO(signed_pdf(signed))).pages
    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        text = page.extract_text()
        assert signed.application.reference in text
        assert signed.application.practice.name in text
        assert f"Page {number} of {len(pages)}" in text


def test_draft_says_so_on_every_page_and_has_no_signature(ready):
    content = draft_pdf(ready)
    pages = PdfReader(BytesIO(content)).pages
    assert len([page for page in pages if "Draft – not submitted" in page.extract_text()]) == len(
        pages
    )
    assert PdfReader(BytesIO(content)).metadata.title == f"Draft of application {ready.reference}"
    assert "SHA-256" not in text_of(content)


def test_empty_draft_is_a_document_too(draft):
    text = text_of(draft_pdf(draft))
    assert "No answer." in text
    assert "Nothing entered." in text


def test_receipt_holds_what_the_email_holds(signed):
    content = receipt_pdf(signed)
    text = text_of(content)
    assert len(PdfReader(BytesIO(content)).pages) == 1
    application = signed.application
    for shown in (
        application.reference,
        application.practice.name,
        application.designated_mcp.name,
        "Ana Ruiz",
        signed.sha256,
        long(signed.created_at),
    ):
        assert shown in text


def test_same_document_is_the_same_bytes(signed):
    assert signed_pdf(signed) == signed_pdf(signed)


def test_language_of_the_page_is_the_language_of_the_document(signed):
    with translation.override("es"):
        assert PdfReader(BytesIO(receipt_pdf(signed))).root_object["/Lang"] == "es"
    with translation.override("zh-hant"):
        assert PdfReader(BytesIO(receipt_pdf(signed))).root_object["/Lang"] == "zh"


def write(application, text):
    key = next(q.key for q in application.cycle.definition.questions() if q.kind == "long_text")
    Answer.objects.update_or_create(application=application, key=key, defaults={"value": text})


def test_markup_is_shown_as_typed(draft):
    write(draft, HOSTILE)
    draft.practice.name = HOSTILE
    text = text_of(draft_pdf(draft))
    assert text.count(HOSTILE) >= 3


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("José Peña – ½ día, ¿sí? Nguyễn Ελένη Борис שלום €5 → ✓", None),
        ("nul\x00here", "nul□here"),
        ("診所 clinic 😀", "□□ clinic □"),
        ("e\u0301 a\u200bb \u202eabc", "é ab abc"),
        ("tab\there\u2028next", "tab here next"),
        ("مرحبا", "□□□□□"),
    ],
)
def test_letters_without_a_glyph_are_boxes_and_a_note_says_so(draft, typed, shown):
    draft.practice.name = f"A {typed} Z"
    text = text_of(draft_pdf(draft))
    if "ש" not in typed:
        assert f"A {shown or typed} Z" in text
    assert ("stands for a character" in text) is (BOX in text)


@pytest.mark.parametrize(
    "typed", ["w" * 1_000_000, "word " * 200_000, "\n" * 500_000, "😀" * 9_999]
)
def test_endless_text_is_a_document_too(draft, typed):
    write(draft, typed)
    assert len(PdfReader(BytesIO(draft_pdf(draft))).pages) > 2


def test_long_words_break_and_stay_on_the_page(draft):
    write(draft, "w" * 500)
    text = text_of(draft_pdf(draft))
    assert text.replace(" ", "").count("w" * 500) == 1
    assert BREAK in printable("w" * 41)
    assert BREAK not in printable("w" * 40)


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_text_stops_a_document(text):
    moment = datetime(2026, 1, 15, tzinfo=UTC)
    assert rendering.render("receipt", receipt_data(text), at=moment).startswith(b"%PDF")


def receipt_data(text):
    plain = dict.fromkeys(
        ("title", "heading", "lede", "next_title", "about_hash_title", "about_hash", "program",
         "page", "of", "box_note", "reference"), "x",
    )  # fmt: skip
    lists = {"facts": [["a", text]], "hash": ["b", "c"], "next": [text]}
    return plain | lists | {"draft": False, "language": "en", "region": "", "practice": text}


def test_text_that_typst_stumbles_over_is_set_in_latin_letters(monkeypatch):
    monkeypatch.setattr("applications.pdf.letters._FOREIGN", printable_everything())
    content = rendering.render("receipt", receipt_data("診所 Ana"), at=datetime.now(UTC))
    assert "□□ Ana" in text_of(content)


def printable_everything():
    """Return a pattern that lets every letter through, as if the fonts had them all."""
    return re.compile("(?!)")


def test_fault_of_ours_is_not_hidden():
    with pytest.raises(RuntimeError):
        rendering.render("no-such-template", {"box_note": ""}, at=datetime.now(UTC))


# Who gets which file


def get(client, name, application, query=""):
    return client.get(reverse(f"applications:{name}", args=[application.pk]) + query)


def test_practice_downloads_its_draft_then_what_it_signed(as_hat, owner, contributor, ready):
    for hat in (owner, contributor):
        response = get(as_hat(hat), "application_pdf", ready)
        assert response.headers["Content-Type"] == "application/pdf"
        assert response.headers["Cache-Control"] == "private, no-store"
        disposition = f'attachment; filename="{ready.reference}-draft.pdf"'
        assert response.headers["Content-Disposition"] == disposition
        assert "Draft – not submitted" in text_of(response.content)
        assert get(as_hat(hat), "receipt_pdf", ready).status_code == 404
        assert "Draft" in text_of(get(as_hat(hat), "application_pdf", ready, "?signed").content)
    signed = submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
    response = get(as_hat(owner), "application_pdf", ready)
    assert (
        response.headers["Content-Disposition"] == f'attachment; filename="{ready.reference}.pdf"'
    )
    assert signed.sha256 in text_of(response.content)
    receipt = get(as_hat(owner), "receipt_pdf", ready)
    disposition = f'attachment; filename="{ready.reference}-receipt.pdf"'
    assert receipt.headers["Content-Disposition"] == disposition
    assert signed.sha256 in text_of(receipt.content)


def test_returned_application_is_a_draft_for_the_practice_and_signed_for_the_others(as_hat, hat_of):
    application = complete(ApplicationFactory(status=Status.RETURNED))
    write(application, "A newer text that nobody signed")
    owner = hat_of(Role.PRACTICE_OWNER, application.practice)
    lead = hat_of(Role.MCP_LEAD, application.designated_mcp)
    assert "nobody signed" in text_of(get(as_hat(owner), "application_pdf", application).content)
    for hat, query in ((owner, "?signed"), (lead, "")):
        text = text_of(get(as_hat(hat), "application_pdf", application, query).content)
        assert "nobody signed" not in text
        assert Submission.objects.get().sha256 in text


@pytest.mark.parametrize("role", [role for role in Role if role not in Role.of_practice])
@pytest.mark.parametrize("status", [Status.DRAFT, Status.SUBMITTED])
def test_others_get_what_they_may_see(as_hat, hat_of, role, status):
    application = ApplicationFactory(status=status)
    plan = application.designated_mcp if role in Role.of_mcp else None
    client = as_hat(hat_of(role, plan))
    sees = status == Status.SUBMITTED and (role == Role.MCP_LEAD or role in Role.see_all)
    for name in ("application_pdf", "receipt_pdf"):
        assert get(client, name, application).status_code == (200 if sees else 404)


def test_another_practice_and_another_plan_get_nothing(as_hat, hat_of, stranger):
    application = ApplicationFactory(status=Status.SUBMITTED)
    for hat in (stranger, hat_of(Role.MCP_LEAD), hat_of(Role.PRACTICE_CONTRIBUTOR)):
        for name in ("application_pdf", "receipt_pdf"):
            assert get(as_hat(hat), name, application).status_code == 404
