"""Rules of a program as data: scoring, selection, payment, attestations and email texts."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from programs.schema.base import Key, Part, Source, SourcedPart, Text

CENT = Decimal("0.01")
Dollars = Annotated[
    Decimal, Field(gt=0, decimal_places=2), AfterValidator(lambda v: v.quantize(CENT))
]
Share = Annotated[Decimal, Field(ge=0, le=1)]
Attribute = Literal["population", "practice_type", "tribal", "hpi_quartile", "county", "mcp"]
EmailKind = Literal[
    "submitted",
    "returned",
    "assigned",
    "scored",
    "selected",
    "waitlisted",
    "not_selected",
    "late_access",
    "withdrawn",
    "message",
    "arrived",
    "corrected",
    "ready",
    "letter_selected",
    "letter_waitlisted",
    "letter_not_selected",
    "reconsideration_received",
    "reconsideration_decided",
]
EMAIL_KINDS: tuple[str, ...] = EmailKind.__args__  # type: ignore[attr-defined]
LATER_KINDS = {
    "late_access",
    "withdrawn",
    "message",
    "arrived",
    "corrected",
    "ready",
    "letter_selected",
    "letter_waitlisted",
    "letter_not_selected",
    "reconsideration_received",
    "reconsideration_decided",
}
LATER_RULES = {"days_to_answer", "days_to_reconsider"}
COMMON = {"practice", "reference", "cycle", "plan", "person", "url"}
NUMBERS = {"mcp_score", "priority_points", "adjusted_score", "threshold"}
AFTERWARDS = {"public_number", "answer_by", "reconsider_by", "letter_url", "place_url"}
DECISION = COMMON | NUMBERS | AFTERWARDS | {"why", "reason", "potential_payment"}
PLACEHOLDERS: dict[str, set[str]] = {
    "submitted": COMMON | {"digest", "submitted_at"},
    "returned": COMMON | {"reason"},
    "assigned": COMMON | {"due"},
    "scored": COMMON | {"mcp_score"},
    "selected": DECISION,
    "waitlisted": DECISION,
    "not_selected": DECISION,
    "late_access": {"practice", "cycle", "person", "url", "until", "reason"},
    "withdrawn": COMMON | {"reason", "withdrawn_at"},
    "message": COMMON | {"sender", "text"},
    "arrived": COMMON | {"submitted_at"},
    "corrected": COMMON | {"submitted_at"},
    "ready": COMMON | {"sender"},
    "letter_selected": DECISION,
    "letter_waitlisted": DECISION,
    "letter_not_selected": DECISION,
    "reconsideration_received": COMMON | {"asked_at"},
    "reconsideration_decided": COMMON | {"outcome", "reasons"},
}


class ConflictRule(SourcedPart):
    """One reason why a person may not judge an application.

    A hard rule that failed blocks; a soft one warns. `kind` says who finds out: the portal (same TIN
    as a practice of the person, same email domain as one of its people) or a declaration.
    """

    key: Key
    label: Text
    help: str = ""
    kind: Literal["same_tin", "email_domain", "declared"]
    hard: bool = True


class ScoringRules(Part):
    """How many people score an application and how their sheets become one MCP score.

    Spread limits are in points: two sheets that differ by more are settled in one of the ways of
    `settling` (no way named: they are not settled); `official` says how several sheets within the
    limits become one score: their mean rounded half up, the lowest or the highest total;
    `comment_required_at` lists the points that need a written reason.
    """

    reviewers_per_application: int = Field(default=1, ge=1)
    spread_limit_total: int = Field(default=9, ge=0)
    spread_limit_criterion: int = Field(default=3, ge=0)
    official: Literal["mean_half_up", "lowest", "highest"] = "mean_half_up"
    settling: tuple[Literal["third_reader", "consensus"], ...] = ("third_reader", "consensus")
    conflict_rules: tuple[ConflictRule, ...] = ()
    others_sheets: Literal["after_own", "never", "always"] = "after_own"
    comment_required_at: tuple[int, ...] = (0, 5)
    source: Source = "X"


class PriorityPoint(SourcedPart):
    """Points DHCS adds when a fact about the practice has this value (tribal: `yes`)."""

    attribute: Attribute
    value: Text
    points: int = Field(ge=0)
    purpose: str = ""


class Target(Part):
    """The least share (0 to 1) of selected practices that should have this value."""

    attribute: Attribute
    value: Text
    minimum_share: Share
    source: Source = "C"


class SelectionRules(Part):
    """How DHCS turns scores into a cohort; `threshold` and `waitlist_margin` are in points.

    After the release a selected practice has `days_to_answer` days to accept its place, and every practice
    `days_to_reconsider` days to ask that DHCS decides anew. A definition that was stored before these two
    existed keeps its digest: they are written only where the file names them.
    """

    priority_points: tuple[PriorityPoint, ...] = ()
    threshold: int = Field(ge=0)
    inclusive: bool = True
    only_recommended: bool = True
    waitlist_margin: int = Field(default=3, ge=0)
    waitlist_source: Source = "X"
    targets: tuple[Target, ...] = ()
    days_to_answer: int = Field(default=14, ge=1, le=365)
    days_to_reconsider: int = Field(default=30, ge=1, le=365)

    @model_serializer(mode="wrap")
    def _as_published(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        named = self.model_fields_set
        content = write(self)
        return {key: content[key] for key in content if key not in LATER_RULES or key in named}


class Band(SourcedPart):
    """Dollars for each member when the member count is from `members_from` to `members_to`.

    A `remark` means the printed amount should be checked with DHCS.
    """

    code: Text
    members_from: int = Field(ge=1)
    members_to: int = Field(ge=1)
    amount: Dollars
    remark: str = ""


class Milestone(SourcedPart):
    """One milestone; `can_drop` marks those that do not apply to every practice."""

    code: Text
    area: Text
    title: Text
    program_year: int = Field(ge=2000, le=2100)
    can_drop: bool = False


class PaymentRules(Part):
    """Payment bands (dollars per member) and the milestones the total is divided over."""

    bands: tuple[Band, ...] = Field(min_length=1)
    milestone_counts: tuple[int, ...] = Field(min_length=1)
    milestones: tuple[Milestone, ...] = Field(min_length=1)


class Attestation(SourcedPart):
    """A statement the owner of the practice confirms when signing."""

    key: Key
    text: Text


class EmailText(Part):
    """Subject and plain-text body of one kind of email, with `$name` placeholders."""

    subject: Text
    body: Text
    source: Source = "X"
