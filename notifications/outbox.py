"""The only way to send an email: write a row in the transaction that the email reports on."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from notifications.models import OutboxEmail
from notifications.tasks import deliver_outbox


@dataclass(frozen=True)
class Email:
    """A message to be stored. `dedupe_key` names the event, such as "transition:81"."""

    kind: str
    dedupe_key: str
    to: str
    subject: str
    body: str


def enqueue(emails: Iterable[Email]) -> None:
    """Store `emails`; after the commit one task is asked to deliver them.

    The same event to the same address is stored once. When the broker can't be reached, that is logged
    and the next sweep delivers. Raises RuntimeError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("enqueue() belongs in the transaction that it reports on")
    rows = [
        OutboxEmail(
            kind=email.kind,
            dedupe_key=email.dedupe_key,
            to=email.to,
            subject=" ".join(email.subject.split())[:250],
            body=email.body,
        )
        for email in emails
    ]
    if rows:
        OutboxEmail.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
        transaction.on_commit(ring, robust=True)


def ring() -> None:
    """Wake a worker. Raises when the broker is away; callers run it robustly after the commit."""
    deliver_outbox.delay()
