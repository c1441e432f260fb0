"""An application, its answers, what was signed, and every step it took."""

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation
from applications.enums import PUBLIC_LABELS, TONES, Status
from applications.workflow import PAIRS
from core.constraints import set_at_least_in, set_exactly_in
from core.models import VersionedValue
from programs.models import Cycle

# What else staff order the queue by, highest first or (the same index backwards) lowest first.
QUEUE_ORDERS = {
    "mcp_score": "applications_by_mcp_score",
    "priority_points": "applications_by_points",
    "members": "applications_by_members",
    "hpi_quartile": "applications_by_hpi",
    "potential_payment": "applications_by_payment",
    "submitted_at": "applications_by_submission",
}
APPEND_ONLY = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


@pghistory.track(exclude=["tin_digest"])
class Application(models.Model):
    """One practice's application in one cycle.

    The columns from `population` to `potential_payment` are facts frozen at submission. The three
    numbers stay apart: `mcp_score` 0–90 points, `priority_points` points added by DHCS, and their sum
    `adjusted_score`. They are written when they change, so that a list never adds anything up.
    """

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="applications")
    practice = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="applications"
    )
    designated_mcp = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="designated_applications",
        null=True,
        blank=True,
    )
    reference = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.DRAFT)

    population = models.CharField(max_length=40, blank=True)
    practice_types = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    tribal = models.BooleanField(default=False)
    members = models.PositiveIntegerField(null=True, blank=True)
    hpi_quartile = models.PositiveSmallIntegerField(null=True, blank=True)
    county = models.CharField(max_length=40, blank=True)
    potential_payment = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    tin_digest = models.CharField(max_length=64, blank=True)

    mcp_score = models.PositiveSmallIntegerField(null=True, blank=True)
    priority_points = models.PositiveSmallIntegerField(null=True, blank=True)
    adjusted_score = models.PositiveSmallIntegerField(null=True, blank=True)
    recommended = models.BooleanField(null=True, blank=True)
    score_basis = models.CharField(max_length=40, blank=True)
    recommendation_reason = models.TextField(blank=True)
    recommendation_note = models.TextField(blank=True)
    return_note = models.TextField(blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    scored_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "cycle"],
                condition=~Q(status="withdrawn"),
                name="applications_one_open_per_practice",
            ),
            models.UniqueConstraint(
                fields=["cycle", "tin_digest"],
                condition=~Q(status="withdrawn") & ~Q(tin_digest=""),
                name="applications_one_open_per_tin",
            ),
            models.CheckConstraint(
                name="applications_draft_iff_unsubmitted",
                condition=Q(status="draft", submitted_at__isnull=True)
                | (~Q(status="draft") & Q(submitted_at__isnull=False)),
            ),
            set_exactly_in("applications_decided_at", "decided_at", Status.decided),
            set_exactly_in("applications_withdrawn_at", "withdrawn_at", ("withdrawn",)),
            set_at_least_in(
                "applications_score_when_scored",
                "mcp_score",
                (*Status.with_score, *Status.decided),
            ),
            set_at_least_in(
                "applications_recommended_when_handed_over",
                "recommended",
                (*Status.handed_over, *Status.decided),
            ),
            models.CheckConstraint(
                name="applications_score_range",
                condition=Q(mcp_score__isnull=True) | Q(mcp_score__lte=90),
            ),
            models.CheckConstraint(
                name="applications_adjusted_is_sum",
                condition=Q(
                    mcp_score__isnull=True,
                    priority_points__isnull=True,
                    adjusted_score__isnull=True,
                )
                | Q(adjusted_score=F("mcp_score") + F("priority_points")),
            ),
            models.CheckConstraint(
                name="applications_hpi_range",
                condition=Q(hpi_quartile__isnull=True) | Q(hpi_quartile__range=(1, 4)),
            ),
        ]
        indexes = [
            models.Index(
                "cycle",
                F("adjusted_score").desc(nulls_last=True),
                "id",
                name="applications_queue",
            ),
            *[
                models.Index("cycle", F(column).desc(nulls_last=True), "id", name=name)
                for column, name in QUEUE_ORDERS.items()
            ],
            models.Index(fields=["cycle", "designated_mcp", "status"], name="applications_plan"),
            models.Index(fields=["cycle", "status"], name="applications_status"),
        ]
        triggers = [
            pgtrigger.FSM(name="status_fsm", field="status", transitions=PAIRS),
            pgtrigger.Protect(
                name="no_delete",
                operation=pgtrigger.Delete,
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def public_status(self) -> str:
        """The state in the words for the practice."""
        return str(PUBLIC_LABELS[self.status])

    @property
    def staff_status(self) -> str:
        """The state in the staff's words (cheaper in a list than Django's own look-up)."""
        return str(Status(self.status).label)

    @property
    def tone(self) -> str:
        """Tone of the state's badge."""
        return TONES[self.status]

    @property
    def public_tone(self) -> str:
        """Tone of the badge that the practice sees: it tells nothing that the words do not tell."""
        return "info" if self.status in Status.handed_over else self.tone

    @property
    def is_editable(self) -> bool:
        """Whether the state lets the practice write (the cycle's times have a say too)."""
        return self.status in Status.editable


@pghistory.track()
class Answer(VersionedValue):
    """The answer to one question of the definition. `value` is text, a list of texts, or null."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="answers")
    key = models.CharField(max_length=60)
    value = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "key"], name="applications_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.application_id}:{self.key}"


class Submission(models.Model):
    """What was signed: the whole content as canonical JSON with its SHA-256. Never changed."""

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="submissions"
    )
    number = models.PositiveSmallIntegerField()
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    signed_name = models.CharField(max_length=150)
    signed_title = models.CharField(max_length=150)
    signed_by = models.CharField(max_length=400)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "number"], name="applications_submission_number"
            )
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.application_id}#{self.number}"


class ApplicationTransition(models.Model):
    """One step of an application: what, from where to where, who, why, when. Never changed.

    `side` is the kind of the actor's organisation, so that a practice reads "your plan", not a name.
    """

    application = models.ForeignKey(
        Application, on_delete=models.PROTECT, related_name="transitions"
    )
    name = models.CharField(max_length=30)
    from_status = models.CharField(max_length=20, choices=Status.choices, blank=True)
    to_status = models.CharField(max_length=20, choices=Status.choices)
    actor = models.CharField(max_length=400)
    side = models.CharField(max_length=10, blank=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.application_id}: {self.name}"
