"""Names, labels and what the files of an application lack."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.documents import clean_name, kinds_of, label_of, missing_documents
from applications.enums import Scan
from applications.filetypes import DOCX, JPEG, PDF
from applications.models import Attachment
from programs.packaged import packaged_definition
from programs.schema import DocumentKind

HIDDEN = "\x00\x07\x1b\x7f\u202e\u2066\u200f\ud800"


@pytest.mark.parametrize(
    ("name", "kind", "shown"),
    [
        ("report.pdf", PDF, "report.pdf"),
        ("Report.PDF", PDF, "Report.PDF"),
        ("scan.jpeg", JPEG, "scan.jpeg"),
        ("invoice.exe", PDF, "invoice.exe.pdf"),
        ("report", DOCX, "report.docx"),
        ("../../etc/passwd", PDF, "passwd.pdf"),
        ("C:\\files\\plan.docx", DOCX, "plan.docx"),
        ("תקציב 🏥.pdf", PDF, "תקציב 🏥.pdf"),
        ("gpj\u202efdp.pdf", PDF, "gpjfdp.pdf"),
        ("a\r\nSet-Cookie: x.pdf", PDF, "a Set-Cookie: x.pdf"),
        ("  a \t b .pdf ", PDF, "a b.pdf"),
        ("", PDF, "file.pdf"),
        (".pdf", PDF, "file.pdf"),
        ("....", PDF, "file.pdf"),
        ("x" * 400 + ".pdf", PDF, "x" * 200 + ".pdf"),
        ("<b>=cmd|.pdf", PDF, "<b>=cmd|.pdf"),
    ],
)
def test_names_are_shown_as_typed_without_what_harms(name, kind, shown):
    assert clean_name(name, kind) == shown


@given(st.text(st.characters(), max_size=300) | st.text(HIDDEN + "/\\. ab", max_size=30))
def test_any_name_becomes_one_that_can_be_kept(name):
    shown = clean_name(name, PDF)
    assert shown.lower().endswith(".pdf")
    assert len(shown) <= 255
    assert not set(shown) & {*HIDDEN, "/", "\\"}
    assert {unicodedata.category(char) for char in shown} & {"Cc", "Cs"} == set()
    assert clean_name(shown, PDF) == shown


def test_a_program_that_names_no_kinds_has_one_for_all():
    older = packaged_definition().model_copy(update={"documents": ()})
    assert [kind.label for kind in kinds_of(older)] == ["Document"]
    assert label_of("other", older) == "Document"
    assert label_of("gone", packaged_definition()) == "gone"
    assert label_of("sponsor_letter", packaged_definition()) == "Letter from the executive sponsor"


def test_what_is_required_unchecked_or_infected_keeps_from_signing():
    needed = DocumentKind(key="budget", label="Budget", required=True, source="X")
    definition = packaged_definition().model_copy(update={"documents": (needed,)})
    files = [
        Attachment(kind="other", name="a.pdf", scan=Scan.PENDING),
        Attachment(kind="other", name="b.pdf", scan=Scan.INFECTED),
        Attachment(kind="other", name="c.pdf", scan=Scan.CLEAN),
        Attachment(kind="other", name="d.pdf", scan=Scan.SKIPPED),
    ]
    found = missing_documents(files, definition)
    assert [item.sentence for item in found] == [
        "Add “Budget” under Documents.",
        "Wait until “a.pdf” is checked for viruses, or remove it.",
        "Remove or replace “b.pdf”: it contains a virus.",
    ]
    sign = next(section.key for section in definition.sections if section.kind == "sign")
    assert {(item.section, item.anchor) for item in found} == {(sign, "block-documents")}
    files.append(Attachment(kind="budget", name="e.pdf", scan=Scan.CLEAN))
    assert len(missing_documents(files, definition)) == 2
