"""What a file is, judged by its bytes: what is taken, what is refused, and that nothing is unpacked."""

import contextlib
import io
import struct
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.documents import size_text
from applications.filetypes import DOCX, JPEG, PDF, PNG, XLSX, FileRefused, sniff
from tests.applications import filing

NOT_TAKEN = "This is not a PDF, Word"
DAMAGED = "This file is damaged"
MACROS = "This file has macros"
TOO_MUCH = "This file unpacks to far more"


def refusal(data):
    with pytest.raises(FileRefused) as caught:
        sniff(io.BytesIO(data))
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (filing.PDF, PDF),
        (b"\xef\xbb\xbf\r\n" + filing.PDF, PDF),
        (filing.png(), PNG),
        (filing.JPEG, JPEG),
        (filing.office("docx"), DOCX),
        (filing.office("xlsx"), XLSX),
    ],
)
def test_what_is_taken(data, found):
    stream = io.BytesIO(data)
    assert sniff(stream) is found
    assert stream.tell() == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "This file is empty."),
        (filing.EXE, NOT_TAKEN),
        (filing.HTML, NOT_TAKEN),
        (b"x" * 2000 + filing.PDF, NOT_TAKEN),
        (b"\x00" * 100, NOT_TAKEN),
        (filing.OLD_OFFICE, "This is an older Word or Excel file, or one with a password."),
        (filing.HEIC, "This picture is in a format"),
        (filing.PDF[:-6], DAMAGED),
        (filing.png()[:-12], DAMAGED),
        (filing.zipped({"a.txt": "hello"}), NOT_TAKEN),
        (filing.zipped({"[Content_Types].xml": "<Types/>", "ppt/p.xml": "x"}), NOT_TAKEN),
        (filing.office("docx")[:-30], DAMAGED),
        (filing.office("docx") + b"more", DAMAGED),
        (filing.office("docx", **{"word/vbaProject.bin": "x"}), MACROS),
        (filing.office("docx", "application/vnd.ms-word.document.macroEnabled.main+xml"), MACROS),
        (filing.office("xlsx", **{"xl/macrosheets/sheet1.xml": "x"}), MACROS),
        (filing.office("docx", f"{filing.OFFICE}presentationml.main+xml"), NOT_TAKEN),
        (filing.PDF + filing.zipped({"a.exe": filing.EXE}), "This file has a second file hidden"),
        (filing.JPEG + filing.office("docx"), "This file has a second file hidden"),
    ],
)
def test_what_is_refused_and_why(data, sentence):
    assert refusal(data).startswith(sentence)


def with_flag(data, offset, value):
    """Set the general flags of every entry of the directory of a ZIP file."""
    changed, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<H", changed, at + offset, value)
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(changed)


def test_an_encrypted_file_and_an_unknown_packing_are_refused():
    assert refusal(with_flag(filing.office("docx"), 8, 1)).startswith("This file has a password.")
    assert refusal(with_flag(filing.office("docx"), 10, 14)).startswith(DAMAGED)


def test_a_bomb_is_refused_without_being_unpacked(monkeypatch):
    zeros = bytes(1024 * 1024)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("word/document.xml", "w") as part:
            for _ in range(301):
                part.write(zeros)
    assert len(made.getvalue()) < len(zeros)
    opened = []
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *a, **k: opened.append(a))
    assert refusal(made.getvalue()).startswith(TOO_MUCH)
    assert opened == []


@pytest.mark.parametrize(
    "parts",
    [
        {f"word/{n}.xml": "" for n in range(5001)},
        {"[Content_Types].xml": b" " * (600 * 1024), "word/document.xml": ""},
        {f"word/{n:0>250}.xml": "" for n in range(4500)},
    ],
    ids=["parts", "content types", "directory"],
)
def test_what_has_too_much_inside_is_refused(parts):
    assert refusal(filing.zipped(parts)).startswith(TOO_MUCH)


def test_parts_that_share_their_bytes_are_refused():
    data = bytearray(filing.office("docx", **{"word/big.bin": b"x"}))
    at = data.rfind(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 20, len(data))
    assert refusal(bytes(data)).startswith(TOO_MUCH)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused():
    made = io.BytesIO(filing.office("docx"))
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr("word/Document.xml", "other")
    assert refusal(made.getvalue()).startswith(DAMAGED)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([filing.office("docx"), filing.office("xlsx"), filing.PDF, filing.png()]),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=6),
    st.integers(0, 2000),
)
def test_broken_bytes_are_taken_or_refused_in_words(data, changes, cut):
    changed = bytearray(data)
    for at, value in changes:
        changed[at % len(changed)] = value
    with contextlib.suppress(FileRefused):
        sniff(io.BytesIO(bytes(changed[: len(changed) - cut % len(changed)])))


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1, "1 KB"),
        (48 * 1024, "48 KB"),
        (20 * 1024 * 1024, "20 MB"),
        (20 * 1024 * 1024 + 1, "20.1 MB"),
        (int(1.25 * 1024 * 1024), "1.3 MB"),
    ],
)
def test_sizes_are_never_told_too_small(size, text):
    assert size_text(size) == text
