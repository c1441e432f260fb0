"""The desk of DHCS staff: how each sees the queue, and what they note, flag, claim and do in bulk."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models import Application
from core.constraints import both_or_neither
from programs.models import Cycle


class SearchEntry(models.Model):
    """What full-text search finds an application by: weighted words with accents folded."""

    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, related_name="search_entry", primary_key=True
    )
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="selection_search")]

    def __str__(self) -> str:
        return f"words of {self.application_id}"


class SavedView(models.Model):
    """A named set of filters, order and columns of the queue. `query` is the URL's query string."""

    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="saved_views")
    name = models.CharField(max_length=80)
    query = models.TextField(blank=True)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="selection_view_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class DeskSettings(models.Model):
    """How one person likes the queue: its columns, in order."""

    person = models.OneToOneField(
        User, on_delete=models.PROTECT, related_name="desk_settings", primary_key=True
    )
    columns = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    def __str__(self) -> str:
        return f"desk of {self.person_id}"


class StaffNote(models.Model):
    """What DHCS staff tell each other about an application. Nobody outside DHCS ever reads it."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="staff_notes"
    )
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["application", "id"], name="selection_notes")]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.application_id}"


class Mention(models.Model):
    """A colleague named in a note, and when they saw it."""

    note = models.ForeignKey(StaffNote, on_delete=models.PROTECT, related_name="mentions")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="mentions")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["note", "person"], name="selection_mention_once")
        ]
        indexes = [
            models.Index(
                fields=["person"], condition=Q(seen_at=None), name="selection_unseen_mentions"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.note_id}"


class Flag(models.Model):
    """A short mark on an application that staff filter by, until somebody takes it off."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="flags")
    label = models.CharField(max_length=40)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(auto_now_add=True)
    cleared_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "label"],
                condition=Q(cleared_at=None),
                name="selection_flag_once",
            ),
            both_or_neither("selection_flag_cleared", "cleared_at", "cleared_by"),
        ]

    def __str__(self) -> str:
        return f"{self.label} on {self.application_id}"


@pghistory.track()
class Claim(models.Model):
    """One person works on an application: nobody else is given it until the claim ends."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="claims")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims")
    claimed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    is_done = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=Q(ended_at=None), name="selection_claim_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["person"], condition=Q(ended_at=None), name="selection_open_claims"
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.application_id}"


class BulkAct(models.Model):
    """One act on many applications: what was done to each, so that it can be undone while pending.

    `effects` lists one plain object for each application; what the acts are is `selection.domain.bulk`.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="bulk_acts")
    kind = models.CharField(max_length=30)
    values = models.JSONField(default=dict, blank=True)
    effects = models.JSONField(default=list, blank=True)
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()
    pending_until = models.DateTimeField(null=True, blank=True)
    carried_out_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.done_by_id}"
