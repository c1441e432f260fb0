"""Score sheets, their points, comments and notes, and what a sheet was before it was reopened."""

import pghistory
from django.db import models
from django.db.models import F, Q

from applications.models.application import APPEND_ONLY
from core.constraints import both_or_neither
from core.models import VersionedValue
from scoring.models.assignments import Assignment


@pghistory.track(exclude=["total", "given"])
class ScoreSheet(models.Model):
    """One reviewer's sheet. `total` (points) and `given` (criteria) follow every save.

    They are not in the history: they are sums of the scores, which are. A void sheet counts for nothing;
    it is kept for the lead to see.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="sheet")
    total = models.PositiveSmallIntegerField(default=0)
    given = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.CharField(max_length=400, null=True, blank=True)  # noqa: DJ001 - a pair
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            both_or_neither("scoring_sheet_submitted", "submitted_at", "submitted_by"),
            models.CheckConstraint(name="scoring_total_range", condition=Q(total__lte=90)),
        ]

    def __str__(self) -> str:
        return f"sheet {self.pk}"

    @property
    def is_submitted(self) -> bool:
        """Whether the sheet is locked."""
        return self.submitted_at is not None


@pghistory.track()
class CriterionScore(VersionedValue):
    """Points for one criterion; None while not given."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="scores")
    code = models.CharField(max_length=10)
    points = models.PositiveSmallIntegerField(null=True, blank=True)
    max_points = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "code"], name="scoring_score_once"),
            models.CheckConstraint(
                name="scoring_points_range",
                condition=Q(points__isnull=True) | Q(points__lte=F("max_points")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.points}"


@pghistory.track()
class CriterionComment(VersionedValue):
    """The reviewer's words on one criterion."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="comments")
    code = models.CharField(max_length=10)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "code"], name="scoring_comment_once")
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.text[:40]}"


@pghistory.track()
class CriterionNote(VersionedValue):
    """The reviewer's private words on one criterion: nobody else ever reads them."""

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="notes")
    code = models.CharField(max_length=10)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sheet", "code"], name="scoring_note_once")]

    def __str__(self) -> str:
        return f"{self.code}: note"


class Highlight(VersionedValue):
    """A passage of the application that a reviewer marked, with a private note.

    `entry` is the question's key; `start` and `end` count characters of the answer; `quote` is the
    passage as it was when it was marked. A removed highlight is kept with `removed_at`.
    """

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="highlights")
    entry = models.CharField(max_length=60)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    note = models.TextField(blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["entry", "start", "pk"]
        constraints = [
            models.CheckConstraint(
                name="scoring_highlight_is_a_range", condition=Q(start__lt=F("end"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.entry} {self.start}-{self.end}"


class SheetVersion(models.Model):
    """A submitted sheet as it was when the lead reopened it. Never changed.

    `content` holds points and comments by criterion code, as the export shows them.
    """

    sheet = models.ForeignKey(ScoreSheet, on_delete=models.PROTECT, related_name="earlier")
    number = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField()
    content = models.JSONField()
    submitted_at = models.DateTimeField()
    submitted_by = models.CharField(max_length=400)
    reopened_at = models.DateTimeField()
    reopened_by = models.CharField(max_length=400)
    reason = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "number"], name="scoring_sheet_version_once")
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"sheet {self.sheet_id}, version {self.number}"
