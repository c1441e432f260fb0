"""Synthetic applications in any state before the decision: frozen, signed and logged as real ones are."""

from dataclasses import dataclass, field
from datetime import datetime

from accounts.models import Membership
from applications import content as contents
from applications.enums import Status
from applications.models import Answer, Application, ApplicationTransition, Submission
from applications.workflow import TRANSITIONS
from core.canonical import canonical_json, digest
from programs.models import Cycle, HpiQuartile
from selection.seeding import words
from selection.seeding.answers import answers_to
from selection.seeding.flavours import STEPS, Window
from selection.seeding.people import Staff
from selection.seeding.practices import Made
from selection.seeding.texts import sentence

BY_PRACTICE = ("submit", "withdraw")
REASONS = {"recommend", "do_not_recommend", "return", "withdraw"}


@dataclass
class Filed:
    """One application with everything that belongs to it, not stored yet."""

    made: Made
    application: Application
    answers: dict[str, Answer] = field(default_factory=dict)
    submission: Submission | None = None
    steps: list[ApplicationTransition] = field(default_factory=list)
    staff: Staff = field(default_factory=Staff)


def draft(
    pk: int, reference: str, cycle: Cycle, made: Made, *, at: datetime, complete: bool
) -> Filed:
    """Return a draft begun at `at`, with all answers or those of some sections."""
    application = Application(
        pk=pk,
        cycle=cycle,
        practice=made.organisation,
        designated_mcp=made.counts[0].plan,
        reference=reference,
        status=Status.DRAFT,
        created_at=at,
    )
    sections = None if complete else made.rng.randint(1, len(cycle.definition.sections) - 4)
    answers = answers_to(cycle.definition, application, made, at=at, sections=sections)
    return Filed(made, application, answers)


def advance(filed: Filed, status: str, window: Window, quartiles: dict[str, HpiQuartile]) -> None:
    """Take every step that leads to `status`: freeze, sign, log, and set the columns of the state.

    The practice's sites and member counts must be stored and prefetched.
    """
    made, row = filed.made, filed.application
    submitted = window.submitted(row.created_at, made.rng)
    for name in STEPS[status]:
        at = submitted if name == "submit" else window.step(name, submitted)
        by = made.owner if name in BY_PRACTICE else filed.staff.lead(made.rng)
        reason = sentence(name, made.rng) if name in REASONS else ""
        if name == "submit":
            _sign(filed, quartiles, at)
        _set_columns(row, name, filed, reason)
        _take(filed, name, by, reason, at)


def _sign(filed: Filed, quartiles: dict[str, HpiQuartile], at: datetime) -> None:
    row, made, definition = filed.application, filed.made, filed.application.cycle.definition
    content = contents.build(row, made.practice, filed.answers, quartiles)
    for column, value in contents.frozen_columns(content, definition.payment.bands).items():
        setattr(row, column, value)
    name, title = made.owner.user.full_name, made.rng.choice(words.JOBS)
    text = canonical_json(contents.signed(content, definition, name=name, title=title, at=at))
    filed.submission = Submission(
        application=row,
        number=1,
        content=text,
        sha256=digest(text),
        signed_name=name,
        signed_title=title,
        signed_by=made.owner.label,
        created_at=at,
    )


def _set_columns(row: Application, name: str, filed: Filed, reason: str) -> None:
    target = filed.made.target
    if name == "confirm_score":
        row.mcp_score = target.mcp_score
        row.priority_points = target.priority
        row.adjusted_score = target.mcp_score + target.priority
        row.score_basis = "one_sheet"
    elif name in ("recommend", "do_not_recommend"):
        row.recommended = name == "recommend"
        row.recommendation_reason = reason
    elif name == "return":
        row.return_note = reason


def _take(filed: Filed, name: str, by: Membership, reason: str, at: datetime) -> None:
    row, step = filed.application, TRANSITIONS[name]
    filed.steps.append(
        ApplicationTransition(
            application=row,
            name=name,
            from_status=row.status,
            to_status=step.target,
            actor=by.label,
            side=by.organisation.kind,
            reason=reason,
            created_at=at,
        )
    )
    row.status = step.target
    if step.stamp:
        setattr(row, step.stamp, at)
