"""A proposed cohort, what it rests on, and the decisions in it: one person proposes, another approves."""

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from accounts.models import Membership, User
from applications.models import Application
from applications.models.application import APPEND_ONLY
from core.constraints import both_or_neither
from programs.models import Cycle
from selection.enums import Outcome, Reason
from selection.models.scenarios import Scenario

UNENDED = Q(released_at=None, rejected_at=None, withdrawn_at=None)  # open, or stale
OPEN = Q(released_at=None, rejected_at=None, withdrawn_at=None, stale_at=None)


@pghistory.track(exclude=["announced"])
class Proposal(models.Model):
    """One scenario frozen with its inputs, why it is proposed, and what became of it.

    `rules` is `engine.Rules.as_json()`; `cost` is in dollars; `inputs_sha256` is the digest of its
    `ProposalInputs`. `stale_because` lists the references whose facts changed after it was proposed. It is
    released once: then its decisions are in force. A large one is released by a worker: `release_asked_by`
    is the approver for whom it does that. `announced` counts the decisions whose emails are
    queued, and `announced_at` says that all are. The public page appears at `publish_at` (at the release
    when that is null).
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="proposals")
    scenario = models.ForeignKey(
        Scenario, on_delete=models.PROTECT, related_name="proposals", null=True, blank=True
    )
    name = models.CharField(max_length=120, blank=True)
    rationale = models.TextField(blank=True)
    rules = models.JSONField()
    inputs_sha256 = models.CharField(max_length=64, blank=True)
    selected = models.PositiveIntegerField()
    waitlisted = models.PositiveIntegerField()
    not_selected = models.PositiveIntegerField()
    cost = models.DecimalField(max_digits=16, decimal_places=2)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    stale_at = models.DateTimeField(null=True, blank=True)
    stale_because = models.JSONField(default=list, blank=True)
    approved_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    rejected_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    rejected_at = models.DateTimeField(null=True, blank=True)
    rejection_reason = models.TextField(blank=True)
    withdrawn_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    publish_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    released_at = models.DateTimeField(null=True, blank=True)
    release_asked_by = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    release_asked_at = models.DateTimeField(null=True, blank=True)
    announced = models.PositiveIntegerField(default=0)
    announced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            both_or_neither("selection_proposal_approved", "approved_at", "approved_by"),
            both_or_neither("selection_proposal_rejected", "rejected_at", "rejected_by"),
            both_or_neither("selection_proposal_withdrawn", "withdrawn_at", "withdrawn_by"),
            both_or_neither("selection_proposal_released", "released_at", "released_by"),
            both_or_neither("selection_proposal_asked", "release_asked_at", "release_asked_by"),
            models.CheckConstraint(
                name="selection_approver_is_another",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="selection_releaser_is_another",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="selection_approved_before_release",
                condition=Q(released_at__isnull=True) | Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="selection_released_or_ended",
                condition=Q(released_at__isnull=True)
                | Q(rejected_at__isnull=True, withdrawn_at__isnull=True, stale_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["cycle"], condition=OPEN, name="selection_one_open_proposal"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="proposal_no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="proposal_frozen",
                fields=[
                    "cycle",
                    "scenario",
                    "rationale",
                    "rules",
                    "inputs_sha256",
                    "selected",
                    "waitlisted",
                    "not_selected",
                    "cost",
                    "proposed_by",
                    "proposed_at",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk} of {self.cycle_id}"

    @property
    def total(self) -> int:
        """Number of decisions in the proposal."""
        return self.selected + self.waitlisted + self.not_selected

    @property
    def is_open(self) -> bool:
        """Whether it can still be approved or released."""
        ends = (self.released_at, self.rejected_at, self.withdrawn_at, self.stale_at)
        return all(end is None for end in ends)


class ProposalInputs(models.Model):
    """Everything that a proposal rests on, as canonical JSON: program version and candidates. Never changed.

    Written and read by `selection.domain.inputs`; its SHA-256 is the proposal's `inputs_sha256`.
    """

    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, related_name="inputs", primary_key=True
    )
    content = models.TextField()

    class Meta:
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"inputs of proposal {self.proposal_id}"


class Decision(models.Model):
    """One application's outcome in a proposal, with the three numbers and the threshold it was judged by.

    Pending until its proposal is released; then it is in force until a later one takes its place. `rank`
    counts from 1 in the proposal.
    """

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="decisions")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    reason = models.CharField(max_length=40, choices=Reason.choices)
    mcp_score = models.PositiveSmallIntegerField()
    priority_points = models.PositiveSmallIntegerField()
    adjusted_score = models.PositiveSmallIntegerField()
    threshold = models.PositiveSmallIntegerField()
    rank = models.PositiveIntegerField(null=True, blank=True)
    in_force = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["proposal", "application"], name="selection_decision_once"
            ),
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
        indexes = [
            models.Index(fields=["proposal", "outcome", "rank"], name="selection_decision_rank"),
        ]
        triggers = [
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="numbers_fixed",
                fields=[
                    "proposal",
                    "application",
                    "outcome",
                    "reason",
                    "mcp_score",
                    "priority_points",
                    "adjusted_score",
                    "threshold",
                    "rank",
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id}: {self.outcome}"
