"""What-ifs of a cycle: scenarios, what people say of them, and searches for the best cohort."""

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import User
from core.constraints import both_or_neither
from programs.models import Cycle
from selection.enums import SearchState


@pghistory.track()
class Scenario(models.Model):
    """A named set of rules over a cycle. Private to its owner until it is shared with all of DHCS.

    `rules` is `engine.Rules.as_json()`; `version` counts its saves, so that nobody overwrites a save that
    they have not seen.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="scenarios")
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="scenarios")
    name = models.CharField(max_length=120)
    note = models.TextField(blank=True)
    rules = models.JSONField()
    is_shared = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="copies", null=True, blank=True
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    updated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)
    archived_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "owner", "name"],
                condition=Q(archived_at=None),
                name="selection_scenario_name_once",
            ),
            both_or_neither("selection_scenario_archived", "archived_at", "archived_by"),
        ]
        indexes = [models.Index(fields=["cycle", "-updated_at"], name="selection_scenarios")]

    def __str__(self) -> str:
        return self.name


class ScenarioComment(models.Model):
    """What a colleague says of a scenario. Its author may take it back; the row stays."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["scenario", "id"], name="selection_comments")]

    def __str__(self) -> str:
        return f"{self.author_id} on {self.scenario_id}"


class ScenarioVisit(models.Model):
    """When a person last looked at a scenario."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="visits")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scenario", "person"], name="selection_visit_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.scenario_id}"


class CohortSearch(models.Model):
    """A search for the best cohort under budget and shares, for comparison only, run by a worker.

    `result` holds plain values once it is done or impossible; `gap` is the relative distance to the proven
    bound (0 to 1); `progress` is a sentence-free set of numbers that the solver tells on its way.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="cohort_searches")
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, related_name="searches", null=True, blank=True
    )
    rules = models.JSONField()
    state = models.CharField(
        max_length=12, choices=SearchState.choices, default=SearchState.WAITING
    )
    started_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    gap = models.FloatField(null=True, blank=True)
    progress = models.JSONField(default=dict, blank=True)
    result = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"search {self.pk} in {self.cycle_id}"
