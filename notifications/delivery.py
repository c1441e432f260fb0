"""Taking emails from the outbox to the mail server.

Claim in a short transaction, send with none open, record each message at once. At least once: a worker
killed between the server's answer and our note causes one repeat, with the same Message-ID.
"""

import math
import smtplib
import time
from datetime import timedelta
from email.utils import parseaddr

import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from notifications.models import EmailStatus, OutboxEmail

KEEP_SENT = timedelta(days=62)
RETRY_AFTER = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720)]
log = structlog.get_logger(__name__)


def deliver_due(limit: int | None = None, until: float = math.inf) -> int:
    """Claim up to `limit` due emails, send them over one connection, return how many were claimed.

    What is not begun at the monotonic time `until` (seconds) goes back to the queue.
    """
    batch = claim(limit or settings.OUTBOX_BATCH_SIZE)
    if batch:
        _send(batch, until)
    return len(batch)


def claim(limit: int) -> list[OutboxEmail]:
    """Mark up to `limit` due emails as being sent and return them; nobody else gets the same ones."""
    now = timezone.now()
    with transaction.atomic():
        batch = list(
            OutboxEmail.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(status=EmailStatus.QUEUED)
            .filter(Q(next_attempt_at=None) | Q(next_attempt_at__lte=now))
            .order_by("pk")[:limit]
        )
        OutboxEmail.objects.filter(pk__in=[row.pk for row in batch]).update(
            status=EmailStatus.SENDING, claimed_at=now, attempts=F("attempts") + 1
        )
    for row in batch:
        row.attempts += 1
    return batch


def requeue_stale() -> int:
    """Give emails back whose worker has not reported for OUTBOX_STALE_SECONDS; return how many."""
    limit = timezone.now() - timedelta(seconds=settings.OUTBOX_STALE_SECONDS)
    return OutboxEmail.objects.filter(status=EmailStatus.SENDING, claimed_at__lt=limit).update(
        status=EmailStatus.QUEUED, claimed_at=None
    )


def forget_old() -> int:
    """Delete what was sent more than KEEP_SENT ago: bodies are personal data; return how many."""
    limit = timezone.now() - KEEP_SENT
    return OutboxEmail.objects.filter(status=EmailStatus.SENT, sent_at__lt=limit).delete()[0]


def _send(batch: list[OutboxEmail], until: float) -> None:
    connection = get_connection(fail_silently=False)
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        for row in batch:
            _retry_later(row, error)
        return
    try:
        for row in batch:
            if time.monotonic() >= until:
                _claimed(row).update(status=EmailStatus.QUEUED, claimed_at=None)
            elif _claimed(row).exists():
                _send_one(row, connection)
    finally:
        _close(connection)


def _send_one(row: OutboxEmail, connection: BaseEmailBackend) -> None:
    try:
        _as_message(row, connection).send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        _give_up(row, error) if min(codes) >= 500 else _retry_later(row, error)
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        _give_up(row, error) if error.smtp_code >= 500 else _retry_later(row, error)
    except (OSError, smtplib.SMTPException) as error:
        _retry_later(row, error)
    except ValueError as error:
        _give_up(row, error)
    else:
        _claimed(row).update(status=EmailStatus.SENT, sent_at=timezone.now(), last_error="")


def _as_message(row: OutboxEmail, connection: BaseEmailBackend) -> EmailMessage:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return EmailMessage(
        subject=row.subject,
        body=row.body,
        to=[row.to],
        connection=connection,
        headers={
            "Message-ID": f"<{row.message_uid}@{domain}>",
            "Auto-Submitted": "auto-generated",
            "X-EPT-Kind": row.kind,
        },
    )


def _claimed(row: OutboxEmail) -> QuerySet[OutboxEmail]:
    """Return the row while it is still ours: a slow worker must not write over a quicker one."""
    mine = {"status": EmailStatus.SENDING, "attempts": row.attempts}
    return OutboxEmail.objects.filter(pk=row.pk, **mine)


def _retry_later(row: OutboxEmail, error: Exception) -> None:
    if row.attempts > len(RETRY_AFTER):
        _give_up(row, error)
        return
    _claimed(row).update(
        status=EmailStatus.QUEUED,
        claimed_at=None,
        next_attempt_at=timezone.now() + RETRY_AFTER[row.attempts - 1],
        last_error=str(error)[:2000],
    )
    log.warning("email_retried", email=row.pk, attempts=row.attempts)


def _give_up(row: OutboxEmail, error: Exception) -> None:
    _claimed(row).update(status=EmailStatus.FAILED, claimed_at=None, last_error=str(error)[:2000])
    log.error("email_failed", email=row.pk, attempts=row.attempts)


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        log.info("smtp_close_failed")
