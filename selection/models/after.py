"""What follows a release: offers of places, and requests to decide anew."""

import pghistory
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from applications.models import Application
from core.constraints import both_or_neither
from selection.enums import OfferStatus, Outcome
from selection.models.proposals import Decision
from selection.models.records import DecisionRecord


@pghistory.track()
class Offer(models.Model):
    """A place offered to a selected practice, to be answered by `answer_by` (UTC).

    One for each selected application at the release; one more when a place frees up and an application moves
    up from the waitlist: that one is suggested by the portal, and confirmed by staff before anybody sees it.
    """

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="offers")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="offers")
    status = models.CharField(max_length=12, choices=OfferStatus.choices)
    is_promotion = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=Q(status__in=OfferStatus.live),
                name="selection_one_live_offer",
            ),
            both_or_neither("selection_offer_confirmed", "confirmed_at", "confirmed_by"),
            both_or_neither("selection_offer_answered", "answered_at", "answered_by"),
            models.CheckConstraint(
                name="selection_offer_has_deadline",
                condition=~Q(status="open") | Q(answer_by__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["answer_by"], condition=Q(status="open"), name="selection_offers_due"
            )
        ]

    def __str__(self) -> str:
        return f"offer to {self.application_id}"


@pghistory.track()
class Reconsideration(models.Model):
    """A practice asks to decide anew: grounds, who looks at it, and the outcome with its reasons.

    Who looks at it took no part in the decision. `outcome` is the new outcome, or the old one when it stays.
    Files are attachments of the application of the kind "reconsideration".
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="reconsiderations"
    )
    decision = models.ForeignKey(
        Decision, on_delete=models.PROTECT, related_name="reconsiderations"
    )
    grounds = models.TextField()
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    assigned_to = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="reconsiderations", null=True, blank=True
    )
    assigned_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    reasons = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    record = models.ForeignKey(
        DecisionRecord,
        on_delete=models.PROTECT,
        related_name="reconsiderations",
        null=True,
        blank=True,
    )
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision"],
                condition=Q(taken_back_at=None),
                name="selection_reconsidered_once",
            ),
            both_or_neither("selection_reconsideration_decided", "decided_at", "decided_by"),
            both_or_neither("selection_reconsideration_assigned", "assigned_at", "assigned_by"),
            models.CheckConstraint(
                name="selection_reconsidered_by_its_reader",
                condition=Q(decided_by__isnull=True) | Q(decided_by=F("assigned_to")),
            ),
        ]

    def __str__(self) -> str:
        return f"reconsideration of {self.application_id}"
