"""Workbooks (xlsx): cells that stay text, and opening one that somebody sent.

A text that begins like a formula is written as a string with the mark "quote prefix" (ISO/IEC 29500-1
§18.8.45), so that it stays text when somebody edits the cell. `_xHHHH_` stands for one character
(§22.9.2.19), so a text that holds such a sequence is written with its underscore escaped.
"""

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook, load_workbook

from applications.filetypes import XLSX, FileRefused, sniff
from core.exceptions import DomainError

UNPACKED_BYTES = 20 * 1024 * 1024
LONGEST_CELL = 32_767  # characters, the limit of the format
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
LINKED = "xl/externallinks/"
TABS = "xl/worksheets/"
_ESCAPE = re.compile("_(?=x[0-9a-fA-F]{4}_)")
_ESCAPED = re.compile("_x([0-9a-fA-F]{4})_")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MERGED = re.compile(rb"<(?:\w+:)?mergeCell\b")


class WorkbookProblem(DomainError):
    """A workbook that can't be read; the sentence says why and what helps."""


def plain(text: str) -> str:
    """Return `text` as a cell can hold it: one kind of line end, without characters that XML forbids."""
    return _NO_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def put_text(cell: Any, text: str) -> Any:
    """Write `text` into a cell as text, whatever it begins with; return the cell."""
    shown = plain(text)
    cell.value = _ESCAPE.sub("_x005F_", shown)[:LONGEST_CELL]
    cell.data_type = "s"
    if shown.lstrip(" ").startswith(FORMULA_STARTS):
        cell.quotePrefix = True
    return cell


def text_in(value: str) -> str:
    """Return the text of a cell as it was typed."""
    return plain(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), value))


@contextmanager
def opened(data: bytes) -> Iterator[Workbook]:
    """Yield the workbook in `data`, to be read row by row; nothing in it is computed or fetched.

    Raises WorkbookProblem for what is no workbook, has macros, links to other files, merged cells, or
    unpacks to more than 20 MB, and for one that turns out damaged while the block reads it.
    """
    try:
        if sniff(io.BytesIO(data)) is not XLSX:
            raise WorkbookProblem(_("This is no Excel workbook (xlsx). Choose the form as xlsx."))
        _check_parts(data)
    except FileRefused as error:
        raise WorkbookProblem(str(error)) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what the reader leaves out, such as pictures
        try:
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            yield book
        except DomainError:
            raise
        except Exception as error:  # openpyxl raises whatever a damaged part makes it stumble over
            raise WorkbookProblem(_damaged()) from error


def _check_parts(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if sum(part.file_size for part in parts) > UNPACKED_BYTES:
                message = _(
                    "This workbook unpacks to far more than a form does. Use the form we made."
                )
                raise WorkbookProblem(message)
            for part in parts:
                name = part.filename.lower()
                if name.startswith(LINKED):
                    message = _(
                        "This workbook links to other files. Remove the links and try again."
                    )
                    raise WorkbookProblem(message)
                if name.endswith((".xml", ".rels")):
                    _check_xml(name, archive.read(part))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise WorkbookProblem(_damaged()) from error


def _check_xml(name: str, text: bytes) -> None:
    """Refuse a document type (it can define entities), an encoding that would hide one, merged cells."""
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:
        raise WorkbookProblem(_damaged())
    if name.startswith(TABS) and _MERGED.search(text):
        message = _(
            "Cells of this workbook are merged. Unmerge them, or copy your scores to a new form."
        )
        raise WorkbookProblem(message)


def _damaged() -> str:
    return _("This workbook is damaged. Open it, save a new copy and choose that one.")
