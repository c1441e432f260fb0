"""Conflicts of interest between a person and an application."""

import pghistory
from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.enums import ConflictOutcome, ConflictSource
from applications.models.application import Application


@pghistory.track()
class ConflictCheck(models.Model):
    """What one rule said of one person and one application. A hard rule that failed hides it.

    It is about the person, whatever the hat. What the person declared, what a lead declared for the
    person and what the portal found are kept apart by `source`. `rule` is a key of the program.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="conflict_checks"
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="conflict_checks")
    rule = models.CharField(max_length=60)
    source = models.CharField(max_length=10, choices=ConflictSource.choices)
    hard = models.BooleanField()
    outcome = models.CharField(max_length=10, choices=ConflictOutcome.choices)
    note = models.TextField(blank=True)
    stated_by = models.CharField(max_length=400)
    stated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "person", "rule", "source"],
                name="applications_conflict_check_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["person", "application"],
                condition=Q(hard=True, outcome="failed"),
                name="applications_conflicts",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} and {self.application_id}: {self.rule} {self.outcome}"
