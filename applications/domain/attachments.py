"""Files of an application: adding, replacing, removing, and what the virus scanner said.

The bytes are judged and stored before the application is locked, so that nobody waits for them; what
decides (state, clock, totals) is asked again under the lock, and a refusal takes the bytes out again.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime

from celery import current_app
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications import scanning, storage
from applications.documents import (
    FILE_BYTES,
    MOST_EVER,
    MOST_FILES,
    SECTION,
    TOTAL_BYTES,
    clean_name,
    kinds_of,
    size_text,
    total_size,
)
from applications.domain.locking import lock, require_writable
from applications.enums import RECONSIDERATION, Scan
from applications.filetypes import FileRefused, FileType, sniff
from applications.models import Application, Attachment
from applications.queries import attachments_in_force, later_files
from core.exceptions import DomainError, WrongState

SCAN_TASK = "applications.scan_attachment"


@dataclass(frozen=True)
class Judged:
    """What is known of a file's bytes: its type, its size in bytes, its SHA-256 in hexadecimal."""

    type: FileType
    size: int
    sha256: str


def add(
    application: Application, *, kind: str, file: File, name: str, by: Membership
) -> Attachment:
    """Store a file of the given kind and return its row.

    Raises FileRefused for a file that is not taken, DomainError when a total would be passed or the
    kind is unknown, WrongState when the application can't be written.
    """
    require_writable(application, SECTION)
    if kind not in {one.key for one in kinds_of(application.cycle.definition)}:
        raise DomainError(_("Say what the file is."))
    judged = _judge(file)
    with storage.kept(file) as stored, transaction.atomic():
        locked = lock(application)
        require_writable(locked, SECTION)
        _require_room(locked, judged.size, others=attachments_in_force(locked))
        return _create(locked, kind, name, judged, stored, by)


def add_later(
    application: Application,
    *,
    files: Sequence[File],
    by: Membership,
    under_lock: Callable[[Application], None],
) -> list[Attachment]:
    """Store files of a request to decide anew, all or none, and return their rows.

    They are no part of what was signed. `under_lock` is called with the locked application before the
    rows are written: it refuses by raising, or writes what the files belong to. Raises FileRefused for
    a file that is not taken (its name is said when there are several), DomainError when they are too many.
    """
    judged = [(file, _judge_named(file, alone=len(files) == 1)) for file in files]
    with ExitStack() as stack:
        stored = [stack.enter_context(storage.kept(file)) for file in files]
        stack.enter_context(transaction.atomic())
        locked = lock(application)
        under_lock(locked)
        rows = []
        for (file, known), place in zip(judged, stored, strict=True):
            _require_room(locked, known.size, others=later_files(locked))
            rows.append(_create(locked, RECONSIDERATION, file.name or "", known, place, by))
        return rows


@transaction.atomic
def end_later(files: Sequence[Attachment], *, by: Membership, at: datetime) -> None:
    """Take files of a request to decide anew out with it; row and bytes stay in the history."""
    for file in files:
        _end(file, by, at=at)


def replace(attachment: Attachment, *, file: File, name: str, by: Membership) -> Attachment:
    """Store a newer file in the place of `attachment`, which stays in the history; return the new row.

    Raises as `add` does, and WrongState when the file was replaced or removed meanwhile.
    """
    require_writable(attachment.application, SECTION)
    judged = _judge(file)
    with storage.kept(file) as stored, transaction.atomic():
        locked = lock(attachment.application)
        require_writable(locked, SECTION)
        old = _in_force(attachment)
        others = [file for file in attachments_in_force(locked) if file != old]
        _require_room(locked, judged.size, others=others)
        new = _create(locked, old.kind, name, judged, stored, by)
        _end(old, by, at=new.created_at, replaced_by=new)
        return new


@transaction.atomic
def remove(attachment: Attachment, *, by: Membership) -> Attachment:
    """Take a file out of the application. Row and bytes stay in the history.

    Raises WrongState when it was replaced or removed meanwhile, or the application can't be written.
    """
    locked = lock(attachment.application)
    require_writable(locked, SECTION)
    return _end(_in_force(attachment), by, at=timezone.now())


@transaction.atomic
def scanned(attachment: Attachment, *, verdict: Scan) -> bool:
    """Store what the virus scanner said about a file that waits for it; tell whether it did wait."""
    rows = Attachment.objects.filter(pk=attachment.pk, scan=Scan.PENDING)
    return bool(rows.update(scan=verdict))


def _judge(file: File) -> Judged:
    if file.size > FILE_BYTES:
        raise FileRefused(_too_large(file.size))
    found = sniff(file)
    size, sha256 = storage.measure(file, limit=FILE_BYTES)
    if size > FILE_BYTES:
        raise FileRefused(_too_large(size))
    return Judged(found, size, sha256)


def _too_large(size: int) -> str:
    message = _("This file has %(size)s; the limit is %(limit)s. Save a smaller copy or split it.")
    return message % {"size": size_text(size), "limit": size_text(FILE_BYTES)}


def _judge_named(file: File, *, alone: bool) -> Judged:
    try:
        return _judge(file)
    except FileRefused as error:
        raise FileRefused(str(error) if alone else f"“{file.name}”: {error}") from error


def _require_room(application: Application, size: int, *, others: Sequence[Attachment]) -> None:
    """Raise DomainError when one more file of `size` bytes beside `others` would be too much."""
    used = total_size(others)
    if used + size > TOTAL_BYTES:
        message = _(
            "The files of this application have %(used)s and this one %(size)s; together they can have "
            "%(limit)s. Remove a file you do not need, or save a smaller copy."
        )
        sizes = {"used": used, "size": size, "limit": TOTAL_BYTES}
        raise DomainError(message % {key: size_text(value) for key, value in sizes.items()})
    if len(others) >= MOST_FILES:
        message = _(
            "An application can have %(n)s files. Remove one, or put several into one file."
        )
        raise DomainError(message % {"n": MOST_FILES})
    if Attachment.objects.filter(application=application).count() >= MOST_EVER:
        message = _(
            "%(n)s files were added to this application already, with the earlier ones that are kept. "
            "No more can be added."
        )
        raise DomainError(message % {"n": MOST_EVER})


def _create(
    application: Application, kind: str, name: str, judged: Judged, stored: str, by: Membership
) -> Attachment:
    row = Attachment.objects.create(
        application=application,
        kind=kind,
        name=clean_name(name, judged.type),
        storage_name=stored,
        content_type=judged.type.media,
        size=judged.size,
        sha256=judged.sha256,
        scan=scanning.first_state(),
        uploaded_by=by.label,
        created_at=timezone.now(),
    )
    if row.scan == Scan.PENDING:
        transaction.on_commit(_bell(row.pk), robust=True)
    return row


def _in_force(attachment: Attachment) -> Attachment:
    """Return the row as stored now. Raises WrongState when it has ended."""
    stored = Attachment.objects.get(pk=attachment.pk)
    if stored.ended_at is not None:
        message = _("%(person)s replaced or removed “%(name)s” already. Nothing was changed.")
        raise WrongState(message % {"person": stored.ended_by, "name": stored.name})
    return stored


def _end(
    row: Attachment, by: Membership, *, at: datetime, replaced_by: Attachment | None = None
) -> Attachment:
    row.ended_at, row.ended_by, row.replaced_by = at, by.label, replaced_by
    row.save(update_fields=["ended_at", "ended_by", "replaced_by"])
    return row


def _bell(pk: int) -> Callable[[], None]:
    """Return what asks a worker to scan now, by the task's name, as tasks are above the domain.

    It raises when the broker is away; the sweep finds the file within a minute.
    """

    def ring_for_scan() -> None:
        current_app.send_task(SCAN_TASK, args=[pk])

    return ring_for_scan
