"""Files that a practice adds to its application."""

import pghistory
from django.db import models

from applications.enums import Scan
from applications.models.application import Application


@pghistory.track()
class Attachment(models.Model):
    """One stored file. Never overwritten: a replaced or removed file stays, and history says so.

    `storage_name` is random and is all that the storage knows; `name` is what the person called it.
    `size` is in bytes, `sha256` of the content in hexadecimal.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="attachments"
    )
    kind = models.CharField(max_length=60)
    name = models.CharField(max_length=255)
    storage_name = models.CharField(max_length=100, unique=True)
    content_type = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(max_length=10, choices=Scan.choices, default=Scan.PENDING)
    uploaded_by = models.CharField(max_length=400)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=400, blank=True)
    replaced_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="replaces", null=True, blank=True
    )

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["application", "ended_at"], name="applications_files"),
        ]

    def __str__(self) -> str:
        return self.name
