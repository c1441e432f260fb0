"""Large exports, written by a worker and kept until somebody downloads them or they are swept."""

from django.db import models
from django.db.models import Q

from accounts.models import Membership
from programs.models import Cycle
from scoring.enums import ExportFormat, JobState


class ExportJob(models.Model):
    """One export that `made_by` asked for: what that hat may see, and nobody else downloads it.

    `file` names the file in the private storage, from the moment that a worker begins to write it;
    `written` of `rows` tells the progress. Without `with_names` reviewers have codes. A job is never kept
    longer than the sweep allows, because it is a copy of what the portal holds.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="score_exports")
    made_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="score_exports")
    kind = models.CharField(max_length=5, choices=ExportFormat.choices)
    with_names = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    rows = models.PositiveIntegerField(default=0)
    written = models.PositiveIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="scoring_export_file_when_done",
                condition=~Q(state="done") | ~Q(file=""),
            )
        ]

    def __str__(self) -> str:
        return f"export {self.pk} by {self.made_by_id}"
