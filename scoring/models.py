"""Assignments of reviewers and their score sheets."""

import pghistory
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership
from applications.models import Application
from core.constraints import both_or_neither
from core.models import VersionedValue


@pghistory.track()
class Assignment(models.Model):
    """One reviewer on one application. Ended, never deleted."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="assignments"
    )
    reviewer = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="assignments")
    assigned_by = models.CharField(max_length=400)
    assigned_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "reviewer"],
                condition=Q(ended_at__isnull=True),
                name="scoring_assigned_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.application_id} to {self.reviewer_id}"


@pghistory.track(exclude=["total", "given"])
class ScoreSheet(models.Model):
    """One reviewer's sheet. `total` (points) and `given` (criteria) follow every save.

    They are not in the history: they are sums of the scores, which are.
    """

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="sheet")
    total = models.PositiveSmallIntegerField(default=0)
    given = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.CharField(max_length=400, null=True, blank=True)  # noqa: DJ001 - a pair

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
