"""The letter of one released decision, in the language that is active."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from string import Template
from typing import cast

from django.db.models import Q
from django.utils.translation import gettext as _

from applications.emails import text_of
from applications.models import Application
from core.times import long
from programs.schema.rules import EmailKind
from selection.deadlines import answer_by, reconsider_by
from selection.emails.decided import facts_of
from selection.enums import OfferStatus, Outcome, Reason
from selection.models import Decision, Offer
from selection.queries import decision_in_force
from selection.queries.reconsiderations import ASKABLE
from selection.queries.records import public_number


@dataclass(frozen=True)
class Letter:
    """What a decision letter says: heading, paragraphs, facts as (name, text), and its times (UTC).

    `answer_by` is that of the offer; None when there is nothing to answer.
    """

    application: Application
    decision: Decision
    heading: str
    paragraphs: list[str]
    facts: list[tuple[str, str]]
    plan_says: str
    released_at: datetime
    answer_by: datetime | None
    reconsider_by: datetime


def letter_of(application: Application) -> Letter | None:
    """Return the letter of the decision in force, from the program's texts; None before a release."""
    decision = decision_in_force(application)
    if decision is None or decision.proposal.released_at is None:
        return None
    released = decision.proposal.released_at
    number = public_number(application)
    until = _answer_by(application, decision, released)
    facts = {**facts_of(decision, application, number), "answer_by": until or ""}
    words = {k: long(v) if isinstance(v, datetime) else str(v) for k, v in facts.items()}
    words |= {
        "practice": application.practice.name,
        "reference": application.reference,
        "cycle": application.cycle.shown_title,
        "plan": application.designated_mcp.name if application.designated_mcp else "",
        "person": "",
    }
    text = text_of(application.cycle, cast(EmailKind, f"letter_{decision.outcome}"))
    gone = {"$answer_by": not until, "$reconsider_by": not _is_open(application)}
    parts = text.body.split("\n\n")
    parts = [part for part in parts if not any(gone[name] and name in part for name in gone)]
    body = Template("\n\n".join(parts)).safe_substitute(words)
    return Letter(
        application=application,
        decision=decision,
        heading=Template(text.subject).safe_substitute(words),
        paragraphs=[" ".join(part.split()) for part in body.split("\n\n") if part.strip()],
        facts=_facts(application, decision, words),
        plan_says=application.recommendation_reason,
        released_at=released,
        answer_by=until,
        reconsider_by=reconsider_by(application.cycle, released),
    )


def reason_for(decision: Decision) -> str:
    """Return why a practice has its outcome, in words for the practice."""
    points = {"adjusted": decision.adjusted_score, "threshold": decision.threshold}
    words: Mapping[str, str] = {
        Reason.AT_OR_ABOVE: _(
            "Your plan recommended your application, and its adjusted score of %(adjusted)d points "
            "reaches the threshold of %(threshold)d points."
        ),
        Reason.NEAR: _(
            "Your plan recommended your application. Its adjusted score of %(adjusted)d points is just "
            "below the threshold of %(threshold)d points."
        ),
        Reason.BELOW: _(
            "The adjusted score of %(adjusted)d points is below the threshold of %(threshold)d points."
        ),
        Reason.NOT_RECOMMENDED: _(
            "Your plan did not recommend your application. Only recommended applications can be selected."
        ),
        Reason.OVER_BUDGET: _(
            "The adjusted score of %(adjusted)d points reaches the threshold of %(threshold)d points. The "
            "budget was used up by applications with a higher rank."
        ),
        Reason.TIE_BREAK: _(
            "The adjusted score of %(adjusted)d points is the same as that of the last application that "
            "the budget reached. Applications with the same score are put in order by a fixed rule, and "
            "yours comes after it."
        ),
        Reason.PINNED_IN: _("DHCS selected your application by itself, for a written reason."),
        Reason.PINNED_OUT: _("DHCS left your application out by itself, for a written reason."),
    }
    if decision.reason not in words:
        return str(decision.get_reason_display())
    return str(words[Reason(decision.reason)]) % points


def _is_open(application: Application) -> bool:
    """Whether the application still stands where a reconsideration can be asked for."""
    return application.status in ASKABLE


def _answer_by(application: Application, decision: Decision, released: datetime) -> datetime | None:
    """Return until when a selected practice answers: the offer says it, from before or for this decision.

    A decision that leaves a practice where it was opens no offer. None when a place was taken before.
    """
    if decision.outcome != Outcome.SELECTED:
        return None
    asked = Offer.objects.filter(application=application, answer_by__isnull=False)
    found = asked.filter(Q(decision=decision) | Q(status=OfferStatus.OPEN)).order_by("pk").last()
    if found is not None:
        return found.answer_by
    is_coming = application.decided_at is not None and application.decided_at >= released
    return answer_by(application.cycle, released) if is_coming else None


def _facts(
    application: Application, decision: Decision, words: Mapping[str, str]
) -> list[tuple[str, str]]:
    total = application.cycle.definition.rubric.total
    rows = [
        (_("Decision"), str(Outcome(decision.outcome).label)),
        (_("Why"), reason_for(decision)),
        (
            _("Score from your plan"),
            _("%(points)s of %(total)d points") % {"points": decision.mcp_score, "total": total},
        ),
        (_("Priority points from DHCS"), str(decision.priority_points)),
        (
            _("Adjusted score"),
            _("%(points)d points: both together") % {"points": decision.adjusted_score},
        ),
        (
            _("Threshold"),
            _("%(points)d points: the same for every practice") % {"points": decision.threshold},
        ),
        (_("Decided"), long(cast(datetime, decision.proposal.released_at))),
    ]
    if words["public_number"]:
        rows.append((_("Number in the public record"), words["public_number"]))
    if decision.outcome == Outcome.SELECTED:
        due = [(_("Accept or decline by"), words["answer_by"])] if words["answer_by"] else []
        return [*rows, *due]
    if not _is_open(application):
        return rows
    return [*rows, (_("You can ask for a reconsideration until"), words["reconsider_by"])]
