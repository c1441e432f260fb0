"""The outbox: every email is a row, written in the transaction that it reports on."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class EmailStatus(models.TextChoices):
    """Where an email is on its way to the mail server."""

    QUEUED = "queued", _("Waiting to be sent")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Could not be sent")


class OutboxEmail(models.Model):
    """One message to one address. `(kind, dedupe_key, to)` names the event, so it is stored once.

    `message_uid` becomes the Message-ID: should a crash cause a second delivery, mail programs can see
    that it is the same message. Times are UTC.
    """

    kind = models.CharField(max_length=40)
    dedupe_key = models.CharField(max_length=120)
    to = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250)
    body = models.TextField()
    message_uid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField(
        max_length=10, choices=EmailStatus.choices, default=EmailStatus.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "dedupe_key", "to"], name="notifications_email_once"
            ),
            models.CheckConstraint(
                name="notifications_sent_at_iff_sent",
                condition=models.Q(status="sent", sent_at__isnull=False)
                | (~models.Q(status="sent") & models.Q(sent_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="notifications_due",
                condition=models.Q(status__in=["queued", "sending"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to} ({self.status})"
