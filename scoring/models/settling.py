"""From sheets to the plan's word: differences, recommendations that are prepared, calibration."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, Organisation
from applications.models import Application
from core.constraints import both_or_neither
from core.models import VersionedValue
from programs.models import Cycle
from scoring.enums import SettledBy
from scoring.models.assignments import Assignment


@pghistory.track()
class Adjudication(models.Model):
    """A difference between sheets that is over the program's limit, until it is settled.

    `total_spread` is in points, `codes` the criteria that differ too much. A consensus keeps points and
    a reason per criterion in `points`: {code: {"points": 3, "reason": "…"}}.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="adjudications"
    )
    total_spread = models.PositiveSmallIntegerField()
    codes = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    opened_at = models.DateTimeField()
    way = models.CharField(max_length=12, choices=SettledBy.choices, blank=True)
    third = models.ForeignKey(
        Assignment, on_delete=models.PROTECT, related_name="settles", null=True, blank=True
    )
    points = models.JSONField(default=dict, blank=True)
    total = models.PositiveSmallIntegerField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=400, null=True, blank=True)  # noqa: DJ001 - a pair

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(settled_at__isnull=True),
                name="scoring_one_open_adjudication",
            ),
            both_or_neither("scoring_adjudication_settled", "settled_at", "settled_by"),
            models.CheckConstraint(
                name="scoring_adjudication_total_when_settled",
                condition=Q(settled_at__isnull=True) | Q(total__isnull=False, total__lte=90),
            ),
        ]

    def __str__(self) -> str:
        return f"difference on {self.application_id}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.ManualEvent("undone"))
class PlannedRecommendation(models.Model):
    """What the lead means to recommend; nothing until it is handed over, and free to change.

    The row goes when it is handed over (the application holds the words then) or undone; an event
    `undone` says who did that.
    """

    application = models.OneToOneField(
        Application, on_delete=models.PROTECT, primary_key=True, related_name="planned"
    )
    recommended = models.BooleanField()
    reason = models.TextField()
    note = models.TextField(blank=True)
    planned_by = models.CharField(max_length=400)
    planned_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.application_id}: {self.recommended}"


@pghistory.track()
class CalibrationRound(models.Model):
    """A plan's practice round on sample applications, before real scoring in a cycle.

    `samples` are keys of the program's sample applications. A required round has to be finished by a
    reviewer before real sheets open.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="calibrations")
    plan = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="calibrations")
    samples = ArrayField(models.CharField(max_length=60))
    required = models.BooleanField(default=False)
    opened_by = models.CharField(max_length=400)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "plan"],
                condition=Q(closed_at__isnull=True),
                name="scoring_one_open_calibration",
            )
        ]

    def __str__(self) -> str:
        return f"calibration {self.pk}"


class CalibrationSheet(models.Model):
    """One reviewer's practice sheet on one sample."""

    round = models.ForeignKey(CalibrationRound, on_delete=models.PROTECT, related_name="sheets")
    reviewer = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="calibrations")
    sample = models.CharField(max_length=60)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["round", "reviewer", "sample"], name="scoring_calibration_sheet_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sample} by {self.reviewer_id}"


class CalibrationScore(VersionedValue):
    """Points for one criterion of a practice sheet."""

    sheet = models.ForeignKey(CalibrationSheet, on_delete=models.PROTECT, related_name="scores")
    code = models.CharField(max_length=10)
    points = models.PositiveSmallIntegerField(null=True, blank=True)
    max_points = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sheet", "code"], name="scoring_calibration_score_once"
            ),
            models.CheckConstraint(
                name="scoring_calibration_points_range",
                condition=Q(points__isnull=True) | Q(points__lte=F("max_points")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.points}"
