"""Limits of the files of an application, how they are named and shown, and what stands in their way.

Pure functions over rows that the caller has loaded; no queries.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from applications.completeness import Missing
from applications.enums import Scan
from applications.filetypes import FileType
from applications.models import Attachment
from programs.schema import DocumentKind, ProgramDefinition

SECTION = "documents"  # what a return for correction names to open them again
KB, MB = 1024, 1024 * 1024
FILE_BYTES = 20 * MB
TOTAL_BYTES = 100 * MB  # of the files in force of one application
MOST_FILES = 40  # in force
MOST_EVER = 200  # with those that were replaced or removed
LONGEST_NAME = 200  # characters; the column has room for an extension more
ANY_KIND = DocumentKind(key="other", label=gettext_noop("Document"), source="X")
BIDI_CONTROLS = set("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def kinds_of(definition: ProgramDefinition) -> Sequence[DocumentKind]:
    """Return the kinds of files to choose from; a definition that names none has one for all."""
    return definition.documents or (ANY_KIND,)


def label_of(kind: str, definition: ProgramDefinition) -> str:
    """Return the words for a kind of file, or its key when the definition does not know it."""
    return next((_(one.label) for one in kinds_of(definition) if one.key == kind), kind)


def total_size(files: Iterable[Attachment]) -> int:
    """Return the bytes of `files` together."""
    return sum(file.size for file in files)


def size_text(size: int) -> str:
    """Return a size in bytes in words, never less than it is: "1 KB", "48 KB", "20.1 MB"."""
    if size < MB:
        return _("%(n)s KB") % {"n": math.ceil(size / KB)}
    tenths = math.ceil(10 * size / MB)
    return _("%(n)s MB") % {"n": number_format(tenths / 10, 1 if tenths % 10 else 0)}


def clean_name(name: str, kind: FileType) -> str:
    """Return the name to show and to download under: as typed, but safe in a list and on a disk.

    Path parts, control characters and marks that turn the direction of text are taken out. A name
    that does not say what the file is gets the right extension, so that it opens.
    """
    last = re.split(r"[/\\]", name)[-1]
    kept = "".join(c for c in last if not _is_hidden(c))
    shown = " ".join(kept.split()).rstrip(". ")
    if shown.lower() in kind.extensions:
        shown = ""
    stem, dot, extension = shown.rpartition(".")
    nameless = _("file")
    if dot and f".{extension.lower()}" in kind.extensions:
        return f"{stem[:LONGEST_NAME].rstrip('. ') or nameless}.{extension}"
    return f"{shown[:LONGEST_NAME].rstrip('. ') or nameless}{kind.extensions[0]}"


def missing_documents(files: Sequence[Attachment], definition: ProgramDefinition) -> list[Missing]:
    """Return what the files of an application lack before it can be signed.

    A file that was not checked yet, or that has a virus, is never signed. Each entry leads to the list
    of documents on the page to review and sign.
    """
    section = next(one.key for one in definition.sections if one.kind == "sign")
    title = _("Documents")
    return [Missing(section, f"block-{SECTION}", text, title) for text in _lacks(files, definition)]


def as_content(files: Iterable[Attachment]) -> list[dict[str, Any]]:
    """Return the files as they are signed: what each is, its name, bytes and SHA-256, and its id."""
    return [
        {
            "id": file.pk,
            "kind": file.kind,
            "name": file.name,
            "size": file.size,
            "sha256": file.sha256,
        }
        for file in files
    ]


def _lacks(files: Sequence[Attachment], definition: ProgramDefinition) -> Iterator[str]:
    given = {file.kind for file in files}
    for kind in definition.documents:
        if kind.required and kind.key not in given:
            yield _("Add “%(label)s” under Documents.") % {"label": kind.label}
    for file in files:
        if file.scan == Scan.INFECTED:
            yield _("Remove or replace “%(name)s”: it contains a virus.") % {"name": file.name}
        elif file.scan == Scan.PENDING:
            sentence = _("Wait until “%(name)s” is checked for viruses, or remove it.")
            yield sentence % {"name": file.name}


def _is_hidden(char: str) -> bool:
    """Tell control characters (but white space), lone surrogates and marks of direction."""
    category = unicodedata.category(char)
    return (category == "Cc" and not char.isspace()) or category == "Cs" or char in BIDI_CONTROLS
