"""A run of the selection and the decisions in it: prepared by one person, released by another."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from applications.models import Application
from core.constraints import both_or_neither
from programs.models import Cycle
from selection.enums import Outcome, Reason


@pghistory.track()
class SelectionRun(models.Model):
    """One set of pending decisions for a cycle, with the rules and totals that made it.

    `rules` is `engine.Rules.as_json()`; `cost` is in dollars. Released once, or discarded.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="selection_runs")
    rules = models.JSONField()
    selected = models.PositiveIntegerField()
    waitlisted = models.PositiveIntegerField()
    not_selected = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=16, decimal_places=2)
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    released_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    released_at = models.DateTimeField(null=True, blank=True)
    discarded_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    discarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            both_or_neither("selection_run_released", "released_at", "released_by"),
            both_or_neither("selection_run_discarded", "discarded_at", "discarded_by"),
            models.CheckConstraint(
                name="selection_two_people",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("prepared_by")),
            ),
            models.CheckConstraint(
                name="selection_released_or_discarded",
                condition=Q(released_at__isnull=True) | Q(discarded_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["cycle"],
                condition=Q(released_at__isnull=True, discarded_at__isnull=True),
                name="selection_one_pending_run",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.cycle_id}"

    @property
    def total(self) -> int:
        """Number of decisions in the run."""
        return self.selected + self.waitlisted + self.not_selected


class Decision(models.Model):
    """One application's outcome in a run, with the three numbers and the threshold it was judged by.

    Pending until its run is released; then it is in force until a later one takes its place.
    """

    run = models.ForeignKey(SelectionRun, on_delete=models.PROTECT, related_name="decisions")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.CharField(max_length=40, choices=Reason.choices)
    mcp_score = models.PositiveSmallIntegerField()
    priority_points = models.PositiveSmallIntegerField()
    adjusted_score = models.PositiveSmallIntegerField()
    threshold = models.PositiveSmallIntegerField()
    in_force = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "application"], name="selection_decision_once"),
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(in_force=True),
                name="selection_one_decision_in_force",
            ),
            models.CheckConstraint(
                name="selection_adjusted_is_sum",
                condition=Q(adjusted_score=F("mcp_score") + F("priority_points")),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="numbers_fixed",
                fields=[
                    "run",
                    "application",
                    "outcome",
                    "reason",
                    "mcp_score",
                    "priority_points",
                    "adjusted_score",
                    "threshold",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.outcome}"
