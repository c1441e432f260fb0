"""Large exports: asked for, written by a worker, kept for a day for the one hat that asked."""

import logging
import secrets
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import IO

import rules
from celery import current_app
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.languages import in_language
from accounts.models import Membership
from core.exceptions import DomainError, WrongState
from programs.models import Cycle
from scoring.enums import ExportFormat, JobState
from scoring.exporting.formats import pieces_of
from scoring.exporting.records import Record, records
from scoring.models import ExportJob
from scoring.queries.exports import count_rows, was_closed_since

AT_ONCE = 2_000  # rows; more are written by a worker
MOST_WAITING = 3  # exports that one hat can wait for
STEP = 2_000  # rows between two marks of progress
KEPT_FOR = timedelta(hours=24)
LOST_AFTER = timedelta(minutes=10)  # longer than a task may run
IN_MEMORY = 1024 * 1024  # bytes, before the file goes to the disk
EXPORT_TASK = "scoring.write_export"
PENDING = (JobState.WAITING, JobState.RUNNING)
logger = logging.getLogger(__name__)


@transaction.atomic
def ask(cycle: Cycle, *, kind: ExportFormat, with_names: bool, by: Membership) -> ExportJob:
    """Order an export of all that `by` may see in `cycle`; the same one twice is one.

    Raises DomainError when there is nothing to export, WrongState while three are being written.
    """
    Membership.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    pending = ExportJob.objects.filter(made_by=by, state__in=PENDING)
    same = pending.filter(cycle=cycle, kind=kind, with_names=with_names).first()
    if same is not None:
        return same
    if pending.count() >= MOST_WAITING:
        message = _("%(most)d exports are being written for you. Wait for one of them.")
        raise WrongState(message % {"most": MOST_WAITING})
    rows = count_rows(by, cycle)
    if not rows:
        raise DomainError(_("No sheet has been submitted yet. There is nothing to export."))
    job = ExportJob.objects.create(
        cycle=cycle, made_by=by, kind=kind, with_names=with_names, rows=rows
    )
    transaction.on_commit(_bell(job.pk), robust=True)
    return job


def carry_out(job_id: int) -> ExportJob | None:
    """Write an export that waits, with its progress kept; return it, or None when it waits no more.

    It may be called any number of times, and killed at any moment: after 10 minutes another worker
    begins anew, and what the first one left behind is deleted.
    """
    job = _claimed(job_id)
    if job is None:
        return None
    try:
        _write(job)
    except DomainError as error:
        _end(job, JobState.FAILED, str(error))
    except Exception:
        logger.exception("Export %s stopped", job_id)
        _end(job, JobState.FAILED, _("The file could not be written. Order the export again."))
    return job


def waiting_jobs() -> QuerySet[ExportJob]:
    """Return the exports that nobody writes: they wait, or their worker died."""
    lost = Q(state=JobState.RUNNING, started_at__lt=timezone.now() - LOST_AFTER)
    return ExportJob.objects.filter(Q(state=JobState.WAITING) | lost)


def open_file(job: ExportJob) -> File:
    """Return the file of an export that is ready, opened to read bytes.

    Raises WrongState when it is not ready or is gone, or when an application was closed to the person
    by a conflict of interest since: then the file is deleted.
    """
    if job.state != JobState.DONE or _is_over(job, timezone.now()):
        raise WrongState(_("This file is not here. Order the export again."))
    if job.started_at is None or was_closed_since(job, job.started_at):
        remove(job)
        message = _(
            "A conflict of interest was declared after this file was made, so it is deleted. "
            "Order the export again."
        )
        raise WrongState(message)
    try:
        return default_storage.open(job.file, "rb")
    except FileNotFoundError as error:
        raise WrongState(_("This file is not here. Order the export again.")) from error


def remove(job: ExportJob) -> None:
    """Delete the file, then the row; a kill between both is made up for by the next sweep."""
    if job.file:
        default_storage.delete(job.file)
    ExportJob.objects.filter(pk=job.pk).delete()


def remove_old() -> int:
    """Delete every export that is older than 24 hours; return how many."""
    old = list(ExportJob.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).order_by("pk"))
    for job in old:
        remove(job)
    return len(old)


def _is_over(job: ExportJob, now: datetime) -> bool:
    return job.created_at < now - KEPT_FOR


@transaction.atomic
def _claimed(job_id: int) -> ExportJob | None:
    """Take an export to write it. The name of its file is stored before the file is, so none is lost."""
    rows = waiting_jobs().select_for_update(of=("self",), skip_locked=True)
    job = rows.select_related("cycle", "made_by__user", "made_by__organisation").filter(pk=job_id)
    found = job.first()
    if found is None:
        return None
    if found.file:
        default_storage.delete(found.file)
    found.state, found.started_at, found.written = JobState.RUNNING, timezone.now(), 0
    found.file = f"exports/{secrets.token_hex(20)}.{found.kind}"
    found.save(update_fields=["state", "started_at", "written", "file"])
    return found


def _write(job: ExportJob) -> None:
    hat = job.made_by
    if not hat.is_active or not rules.has_perm("scoring.export_scores", hat):
        raise DomainError(_("You can't export scores any more."))
    with (
        in_language(hat.user),
        tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as out,
    ):
        rows = records(hat, job.cycle, with_names=job.with_names)
        for piece in pieces_of(job.kind, _counted(job, rows)):
            out.write(piece)
        _store(job, out)
    _end(job, JobState.DONE, "")


def _store(job: ExportJob, out: IO[bytes]) -> None:
    out.seek(0)
    name = default_storage.save(job.file, File(out, name=job.file))
    if name != job.file:
        default_storage.delete(name)
        raise FileExistsError(job.file)


def _counted(job: ExportJob, rows: Iterator[Record]) -> Iterator[Record]:
    """Pass the rows on, and store how many they are, in steps."""
    for number, row in enumerate(rows, start=1):
        yield row
        job.written = number
        if number % STEP == 0:
            _mine(job).update(written=number)


def _end(job: ExportJob, state: JobState, message: str) -> None:
    """Store the end of an export, unless another worker has taken it over; then only the file goes."""
    job.state, job.message, job.finished_at = state, message, timezone.now()
    columns = {"state": state, "message": message, "finished_at": job.finished_at}
    if state == JobState.DONE:
        columns |= {"written": job.written, "rows": job.written}
    if not _mine(job).update(**columns) or state == JobState.FAILED:
        default_storage.delete(job.file)


def _mine(job: ExportJob) -> QuerySet[ExportJob]:
    return ExportJob.objects.filter(pk=job.pk, state=JobState.RUNNING, file=job.file)


def _bell(pk: int) -> Callable[[], None]:
    """Return what asks a worker, by the task's name; the sweep finds the job when the broker is away."""

    def ring() -> None:
        current_app.send_task(EXPORT_TASK, args=[pk])

    return ring
