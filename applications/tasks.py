"""Celery tasks of the applications. They hold no rules and may run any number of times."""

import logging
import time

from celery import shared_task

from applications import scanning, storage
from applications.domain import attachments
from applications.models import Attachment
from applications.queries import attachments_to_scan

WORK_SECONDS = 200  # less than CELERY_TASK_TIME_LIMIT
logger = logging.getLogger(__name__)


@shared_task(name="applications.scan_attachment")
def scan_attachment(attachment_id: int) -> bool:
    """Scan one file that waits for it; tell whether there is a verdict."""
    row = attachments_to_scan().filter(pk=attachment_id).first()
    return row is not None and _scan(row)


@shared_task(name="applications.sweep_scans")
def sweep_scans() -> int:
    """Scan what still waits, oldest first, and return how many have a verdict now.

    This is what guarantees the check when a worker, the broker or the scanner was away.
    """
    end = time.monotonic() + WORK_SECONDS
    found = 0
    for row in attachments_to_scan():
        if time.monotonic() > end:
            break
        found += _scan(row)
    return found


def _scan(row: Attachment) -> bool:
    """Scan one file; without a verdict it goes on waiting, and the log says why."""
    try:
        with storage.open_stored(row.storage_name) as stream:
            verdict = scanning.scan(stream)
    except (scanning.ScannerAway, scanning.NotScanned, OSError) as error:
        logger.warning("Attachment %s was not scanned: %s", row.pk, error)
        return False
    return attachments.scanned(row, verdict=verdict)
