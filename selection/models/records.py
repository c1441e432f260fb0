"""Sealed decision records, and the later acts that new ones are sealed for."""

from django.db import models
from django.db.models import Q

from accounts.models import User
from applications.models import Application
from applications.models.application import APPEND_ONLY
from programs.models import Cycle
from selection.enums import Reason, RecordKind
from selection.models.proposals import Proposal


class DecisionRecord(models.Model):
    """One sealed document of a cycle's chain, byte for byte as it is downloaded. Never changed.

    `document` is `ept-decision-record/1` as canonical JSON and `sha256` the digest in it; `public` is the
    redacted document with its own `public_sha256`. `sequence` counts from 1 in a cycle, and
    `previous_sha256` is empty only in the first. `cost` is in dollars. The public sees it from `public_from`
    on (UTC).
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="decision_records")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=RecordKind.choices)
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="records")
    document = models.TextField()
    sha256 = models.CharField(max_length=64, unique=True)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    public = models.TextField()
    public_sha256 = models.CharField(max_length=64, unique=True)
    applications = models.PositiveIntegerField()
    selected = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=16, decimal_places=2)
    created_at = models.DateTimeField()
    public_from = models.DateTimeField()

    class Meta:
        ordering = ["cycle", "sequence"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "sequence"], name="selection_record_once"),
            models.UniqueConstraint(
                fields=["proposal"],
                condition=~Q(kind="later_act"),
                name="selection_record_of_a_release",
            ),
            models.CheckConstraint(
                name="selection_record_names_the_one_before",
                condition=Q(sequence=1, previous_sha256="")
                | (Q(sequence__gt=1) & ~Q(previous_sha256="")),
            ),
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"record {self.sequence} of {self.cycle_id}"


class LaterAct(models.Model):
    """What changed one application's outcome after the release, and in which record it is sealed.

    `outcome` is an `Outcome` or "left"; `number` counts the acts on one release from 1. Never changed.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="later_acts")
    number = models.PositiveIntegerField()
    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="later_acts"
    )
    outcome = models.CharField(max_length=20)
    reason = models.CharField(max_length=40, choices=Reason.choices)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    record = models.ForeignKey(DecisionRecord, on_delete=models.PROTECT, related_name="acts")

    class Meta:
        ordering = ["proposal", "number"]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "number"], name="selection_act_once")
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"act {self.number} after {self.proposal_id}"
