"""What a file is, judged by its bytes and never by its name. Nothing is unpacked without a bound.

Signatures: PDF ISO 32000-1 §7.5; PNG ISO 15948 §5.2; JPEG ITU T.81 B.1.1.3; ZIP PKWARE APPNOTE §4.3.16
and §4.4; docx and xlsx ISO/IEC 29500-2 (content types) and 29500-1 (parts).
"""

import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext as _

from core.exceptions import DomainError

HEAD, TAIL = 1024, 65_557  # bytes looked at; the end record of a ZIP lies in the last 65,557
END_RECORD = struct.Struct("<4s4H2LH")
MOST_PARTS, DIRECTORY_BYTES = 5_000, 1024 * 1024
CONTENT_TYPES, CONTENT_TYPES_BYTES = "[Content_Types].xml", 512 * 1024
UNPACKED_BYTES = 300 * 1024 * 1024
STORED, DEFLATED, ENCRYPTED = 0, 8, 0x1
OFFICE = "application/vnd.openxmlformats-officedocument."
MACROS = ("vbaproject.bin", "vbadata.xml")
MACRO_SHEETS = "xl/macrosheets/"


class FileRefused(DomainError):
    """The file can't be taken; the message says why and what helps."""


@dataclass(frozen=True)
class FileType:
    """A kind of file that is taken: media type, and the extensions it goes by (the usual one first)."""

    name: str
    media: str
    extensions: tuple[str, ...]


PDF = FileType("PDF", "application/pdf", (".pdf",))
PNG = FileType("PNG", "image/png", (".png",))
JPEG = FileType("JPEG", "image/jpeg", (".jpg", ".jpeg"))
DOCX = FileType("Word", f"{OFFICE}wordprocessingml.document", (".docx",))
XLSX = FileType("Excel", f"{OFFICE}spreadsheetml.sheet", (".xlsx",))
TYPES = (PDF, DOCX, XLSX, PNG, JPEG)
ACCEPT = ",".join(extension for one in TYPES for extension in one.extensions)
OFFICE_PARTS = (
    (DOCX, "word/", f"{OFFICE}wordprocessingml.document.main+xml"),
    (XLSX, "xl/", f"{OFFICE}spreadsheetml.sheet.main+xml"),
)


def sniff(file: IO[bytes]) -> FileType:
    """Return what the seekable `file` is. Raises FileRefused for anything that is not taken.

    Leaves the file at its start.
    """
    try:
        return _sniff(file)
    finally:
        file.seek(0)


def _sniff(file: IO[bytes]) -> FileType:
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(HEAD)
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    if not size:
        raise FileRefused(_("This file is empty. Choose another one."))
    if head.startswith(b"PK"):
        return _office(file, size, tail)
    found = _simple(head, tail)
    if found is None:
        raise FileRefused(_reason(head))
    if _end_of_zip(tail) is not None:
        raise FileRefused(
            _("This file has a second file hidden in it. Save a new copy and add that one.")
        )
    return found


def _simple(head: bytes, tail: bytes) -> FileType | None:
    """Return the type of a PDF or picture. Raises FileRefused for one that is cut off."""
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n\t \x0c").startswith(b"%PDF-"):
        return _whole(PDF, b"%%EOF" in tail)
    if head.startswith(b"\x89PNG\r\n\x1a\n") and head[12:16] == b"IHDR":
        return _whole(PNG, b"IEND\xaeB`\x82" in tail)
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    return None


def _whole(found: FileType, is_whole: bool) -> FileType:
    if not is_whole:
        raise FileRefused(_damaged())
    return found


def _reason(head: bytes) -> str:
    """Say what is known about a file that is not taken, and what helps."""
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _(
            "This is an older Word or Excel file, or one with a password. "
            "Save it as docx or xlsx without a password and add that one."
        )
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"avif"):
        return _("This picture is in a format that many people can't open. Save it as JPEG or PNG.")
    return _(
        "This is not a PDF, Word (docx), Excel (xlsx), PNG or JPEG file, whatever its name says. "
        "Save it as one of these and add that one."
    )


def _damaged() -> str:
    return _("This file is damaged or not complete. Open it, save a new copy and add that one.")


def _end_of_zip(tail: bytes) -> tuple[int, int, int] | None:
    """Return (entries, bytes of the directory, its offset) when `tail` ends as a ZIP file does."""
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if len(tail) - at >= END_RECORD.size:
            _sign, _disk, _first, _here, entries, size, offset, comment = END_RECORD.unpack_from(
                tail, at
            )
            if at + END_RECORD.size + comment == len(tail):
                return entries, size, offset
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return None


def _office(file: IO[bytes], size: int, tail: bytes) -> FileType:
    """Return docx or xlsx. The directory is measured before it is read, and parts are not unpacked."""
    end = _end_of_zip(tail)
    if end is None:
        raise FileRefused(_damaged())
    entries, directory, offset = end
    if entries > MOST_PARTS or directory > DIRECTORY_BYTES:
        raise FileRefused(_too_large_inside())
    if offset + directory + END_RECORD.size != size:
        raise FileRefused(_damaged())  # something before, between or after what the directory lists
    try:
        with zipfile.ZipFile(file) as archive:
            _check_parts(archive.infolist(), size)
            return _office_type(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError) as error:
        raise FileRefused(_damaged()) from error


def _check_parts(parts: list[zipfile.ZipInfo], size: int) -> None:
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise FileRefused(_("This file has a password. Save it without one and add that copy."))
    names = [part.filename.lower() for part in parts]
    if any(name.endswith(MACROS) or name.startswith(MACRO_SHEETS) for name in names):
        raise FileRefused(_macros())
    packed = sum(part.compress_size for part in parts)
    if sum(part.file_size for part in parts) > UNPACKED_BYTES or packed > size:
        raise FileRefused(_too_large_inside())
    if len(set(names)) < len(names) or any(
        part.compress_type not in (STORED, DEFLATED) for part in parts
    ):
        raise FileRefused(_damaged())


def _office_type(archive: zipfile.ZipFile) -> FileType:
    if CONTENT_TYPES not in archive.namelist():
        raise FileRefused(_reason(b"PK"))
    with archive.open(CONTENT_TYPES) as stream:
        listed = stream.read(CONTENT_TYPES_BYTES + 1)
    if len(listed) > CONTENT_TYPES_BYTES:
        raise FileRefused(_too_large_inside())
    if b"macroenabled" in listed.lower():
        raise FileRefused(_macros())
    for found, folder, main in OFFICE_PARTS:
        has_folder = any(name.startswith(folder) for name in archive.namelist())
        if has_folder and main.encode() in listed:
            return found
    raise FileRefused(_reason(b"PK"))


def _macros() -> str:
    return _("This file has macros (small programs). Save it as docx or xlsx without them.")


def _too_large_inside() -> str:
    return _("This file unpacks to far more than a document does. Save a new, smaller copy.")
