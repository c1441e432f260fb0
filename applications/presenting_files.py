"""How an application's files are listed on the page of its documents. No queries."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.documents import TOTAL_BYTES, size_text, total_size
from applications.enums import Scan
from applications.models import Attachment
from core.times import long
from programs.schema import DocumentKind

TONES = {Scan.PENDING: "info", Scan.INFECTED: "error"}


def rows_by_kind(
    files: Sequence[Attachment], kinds: Sequence[DocumentKind]
) -> list[dict[str, Any]]:
    """Return one group for each kind in its order: the kind, and the rows of its files in force.

    Files of a kind that the definition does not name come last, under the key as it is stored.
    """
    known: list[tuple[str, DocumentKind | None]] = [(kind.key, kind) for kind in kinds]
    others = dict.fromkeys(file.kind for file in files if file.ended_at is None)
    known += [(key, None) for key in others if key not in dict(known)]
    return [
        {
            "key": key,
            "label": kind.label if kind else key,
            "help": kind.help if kind else "",
            "required": bool(kind and kind.required),
            "files": [_row(f) for f in files if f.kind == key and f.ended_at is None],
        }
        for key, kind in known
    ]


def earlier_rows(files: Sequence[Attachment]) -> list[dict[str, Any]]:
    """Return the files that were replaced or removed, the last one first, with who and when."""
    ended = sorted((f for f in files if f.ended_at), key=lambda f: (f.ended_at, f.pk), reverse=True)
    return [{**_row(file), "note": _end_note(file)} for file in ended]


def room_left(files: Sequence[Attachment]) -> str:
    """Return in words how much of the room for files is used."""
    used = total_size(file for file in files if file.ended_at is None)
    message = _("%(used)s of %(limit)s used.")
    return message % {"used": size_text(used), "limit": size_text(TOTAL_BYTES)}


def _row(file: Attachment) -> dict[str, Any]:
    shown = file.scan in Scan.downloadable
    note = _("Added by %(person)s on %(when)s")
    return {
        "pk": file.pk,
        "name": file.name,
        "size": size_text(file.size),
        "href": reverse("applications:file", args=[file.pk]) if shown else "",
        "note": note % {"person": _name(file.uploaded_by), "when": long(file.created_at)},
        "state": "" if shown else _state(file),
        "tone": TONES.get(Scan(file.scan), "info"),
    }


def _state(file: Attachment) -> str:
    """Return why a file has no link, and what the practice does about it."""
    if file.scan == Scan.INFECTED and file.ended_at is None:
        return _("Contains a virus – remove or replace it")
    return file.get_scan_display()


def _name(label: str) -> str:
    """Return the person's name of a stored "Ana Ruiz (Practice owner, Fresno Family Medicine)"."""
    return label.partition(" (")[0]


def _end_note(file: Attachment) -> str:
    facts = {"person": _name(file.ended_by), "when": long(file.ended_at) if file.ended_at else ""}
    if file.replaced_by is None:
        return _("Removed by %(person)s on %(when)s") % facts
    message = _("Replaced by “%(name)s” (%(person)s, %(when)s)")
    return message % {**facts, "name": file.replaced_by.name}
