"""Who reviews what: assignments, what reviewers can take, and prepared runs of automatic assignment."""

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, Organisation
from applications.models import Application
from programs.models import Cycle
from scoring.enums import Ending, Purpose, RunState


@pghistory.track()
class Assignment(models.Model):
    """One reviewer on one application. Ended, never deleted.

    `read_submission` is the number of the submission that the reviewer read last.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="assignments"
    )
    reviewer = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="assignments")
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.SCORE)
    assigned_by = models.CharField(max_length=400)
    assigned_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_kind = models.CharField(max_length=12, choices=Ending.choices, blank=True)
    ended_reason = models.TextField(blank=True)
    read_submission = models.PositiveSmallIntegerField(default=0)

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


@pghistory.track()
class ReviewerProfile(models.Model):
    """How much a reviewer takes and likes to take. `max_open` counts open reviews; None: no limit."""

    hat = models.OneToOneField(
        Membership, on_delete=models.PROTECT, primary_key=True, related_name="reviewer_profile"
    )
    max_open = models.PositiveSmallIntegerField(null=True, blank=True)
    counties = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    specialties = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    def __str__(self) -> str:
        return f"profile of {self.hat_id}"


@pghistory.track()
class Absence(models.Model):
    """Days (Pacific, both included) on which a reviewer gets nothing new."""

    hat = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    noted_by = models.CharField(max_length=400)

    class Meta:
        ordering = ["first_day", "pk"]
        constraints = [
            models.CheckConstraint(
                name="scoring_absence_in_order", condition=Q(first_day__lte=F("last_day"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.hat_id}: {self.first_day} to {self.last_day}"


class AssignmentRun(models.Model):
    """A dry run of the automatic assignment, kept until it is applied or discarded.

    `pairs` lists [application id, reviewer hat id]; `loads` the open reviews by hat id before and
    after; `unplaced` what could not be given and why; `preferred` how many pairs could match a
    reviewer's counties or specialties ("possible") and how many do ("met"); `progress` is a share from
    0 to 1. While a run is applied, `given` counts the pairs that were gone through, `left_out` lists
    [application id, hat id, reason] of those that were not given, and `resumed` the ids of reviews that
    go on after a resubmission. `actor` is who prepared it, then who applied it.
    `started_at` is when a worker took it up last to prepare it.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="assignment_runs")
    plan = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="assignment_runs")
    reviewers_each = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.WAITING)
    progress = models.FloatField(default=0)
    pairs = models.JSONField(default=list)
    loads = models.JSONField(default=dict)
    unplaced = models.JSONField(default=list)
    preferred = models.JSONField(default=dict)
    given = models.PositiveIntegerField(default=0)
    left_out = models.JSONField(default=list)
    resumed = models.JSONField(default=list)
    message = models.TextField(blank=True)
    made_by = models.CharField(max_length=400)
    actor = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "plan"],
                condition=Q(state__in=("waiting", "running", "ready", "applying")),
                name="scoring_one_open_run",
            )
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.plan_id}"
