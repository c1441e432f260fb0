"""What plan, department and practice have to do with each other over one application."""

from django.db import models

from accounts.models import Membership, Organisation
from applications.models.application import APPEND_ONLY, Application, ApplicationTransition
from programs.models import Cycle


class CorrectionNote(models.Model):
    """What has to change in one section of a returned application. Never changed.

    It belongs to the step that returned the application; a section without a note stays locked.
    """

    transition = models.ForeignKey(
        ApplicationTransition, on_delete=models.PROTECT, related_name="notes"
    )
    section = models.CharField(max_length=60)
    text = models.TextField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["transition", "section"], name="applications_one_note_per_section"
            )
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.transition_id}: {self.section}"


class LateAccess(models.Model):
    """Leave for one practice to write and submit after the closing time, up to `until` (UTC).

    Never changed: a later row for the same practice and cycle replaces the earlier one.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="late_access")
    practice = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="late_access")
    until = models.DateTimeField()
    reason = models.TextField()
    granted_by = models.CharField(max_length=400)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.practice_id} until {self.until:%Y-%m-%d %H:%M} UTC"


class Message(models.Model):
    """A few words between a practice and its plan about one application. Never changed.

    `side` is the kind of the author's organisation.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="messages")
    side = models.CharField(max_length=10)
    author = models.CharField(max_length=400)
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.application_id}: {self.text[:40]}"


class Presence(models.Model):
    """Who has which section open: one row a person and application, refreshed while they write."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="presences")
    hat = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    section = models.CharField(max_length=60)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "hat"], name="applications_presence_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.hat_id} in {self.section}"


class ImportedApplication(models.Model):
    """Where an application that reached a plan on paper came from. Never changed.

    `row_sha256` is of the imported row, so that the same row again changes nothing.
    """

    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="imported"
    )
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="imported")
    plan = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="imported")
    paper_id = models.CharField(max_length=60)
    row_sha256 = models.CharField(max_length=64)
    imported_by = models.CharField(max_length=400)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "plan", "paper_id"], name="applications_imported_once"
            )
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.plan_id}: {self.paper_id}"
