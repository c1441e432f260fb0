"""One application for its page of DHCS: numbers and where they come from, sheets, files. No queries."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.content import facts_from_columns
from applications.documents import label_of, size_text
from applications.enums import Scan
from applications.models import Application
from core.times import long
from notifications.models import EmailStatus
from programs.priority import matching_points
from programs.schema import ProgramDefinition
from scoring.enums import Ending, SettledBy
from scoring.models import ScoreSheet
from selection.enums import OfferStatus, Outcome, Reason
from selection.presenting.email_kinds import kind_in_words
from selection.queries.emails import SentEmail

NOTHING = "–"
EMAIL_TONES = {"sent": "success", "failed": "error"}


def when(text: str | None) -> datetime | None:
    """Return a time that was read as JSON."""
    return datetime.fromisoformat(text) if text else None


def origin(application: Application, definition: ProgramDefinition) -> list[tuple[str, int]]:
    """Return the rules that gave priority points: purpose or attribute in words, and points."""
    points = definition.selection.priority_points
    named = {c.value: c.label for c in (*definition.populations, *definition.practice_types)}
    fixed = {"tribal": _("Tribal health program")}
    matching = matching_points(facts_from_columns(application), points)
    return [
        (named.get(rule.value) or fixed.get(rule.attribute) or rule.value, rule.points)
        for rule in matching
    ]


def sheet_rows(sheets: Iterable[ScoreSheet]) -> list[dict[str, Any]]:
    """Return one row a submitted sheet: who, the state in words with why, points, and its page."""
    rows = []
    for sheet in sheets:
        state, tone, why = _state(sheet)
        review = sheet.assignment
        rows.append(
            {
                "href": reverse("scoring:sheet", args=[sheet.pk]),
                "reviewer": review.reviewer.user.full_name,
                "third": review.purpose == "third_reader",
                "at": sheet.submitted_at,
                "total": sheet.total,
                "counts": counts(sheet),
                "state": state,
                "tone": tone,
                "why": why,
                "reopened": getattr(sheet, "was_reopened", False),
            }
        )
    return rows


def counts(sheet: ScoreSheet) -> bool:
    """Tell whether the sheet stands: submitted, not void, and its review not ended."""
    return sheet.is_submitted and sheet.voided_at is None and sheet.assignment.ended_at is None


def criteria_table(
    application: Application, sheets: Sequence[ScoreSheet], definition: ProgramDefinition
) -> dict[str, Any] | None:
    """Return how the MCP score came about, criterion by criterion; None while there is none.

    `heads` names the sheets that count (and the consensus), `rows` have code, title, the most points and
    one cell a head, `totals` their sums. A cell is marked where the sheets do not agree.
    """
    standing = [sheet for sheet in sheets if counts(sheet)]
    if application.mcp_score is None or not standing:
        return None
    columns = [{p["code"]: p["points"] for p in _points(sheet)} for sheet in standing]
    heads = [sheet.assignment.reviewer.user.full_name for sheet in standing]
    agreed = _consensus(application)
    rows = []
    for criterion in definition.criteria():
        cells = [column.get(criterion.code) for column in columns]
        apart = len({cell for cell in cells if cell is not None}) > 1
        if agreed is not None:
            entry = agreed.get(criterion.code)
            cells.append(entry["points"] if entry else cells[0])
        rows.append(
            {
                "code": criterion.code,
                "title": criterion.title,
                "most": criterion.max_points,
                "cells": [NOTHING if cell is None else cell for cell in cells],
                "apart": apart,
                "reason": agreed[criterion.code].get("reason", "")
                if agreed and criterion.code in agreed
                else "",
            }
        )
    totals: list[Any] = [sheet.total for sheet in standing]
    if agreed is not None:
        heads.append(_("Consensus of the lead"))
        totals.append(application.mcp_score)
    return {"heads": heads, "rows": rows, "totals": totals, "most": definition.rubric.total}


def decision_rows(application: Application) -> list[dict[str, Any]]:
    """Return the released decisions, the one in force first, in words."""
    return [
        {
            "outcome": Outcome(one["outcome"]).label,
            "reason": Reason(one["reason"]).label,
            "adjusted": one["adjusted"],
            "threshold": one["threshold"],
            "rank": one["rank"],
            "in_force": one["in_force"],
            "released_at": when(one["released_at"]),
        }
        for one in application.decisions_read  # type: ignore[attr-defined]
    ]


def later_rows(application: Application) -> list[dict[str, Any]]:
    """Return what followed a decision: acts, offers and requests to decide anew, in words."""
    row: Any = application
    acts = [
        {"text": Reason(one["reason"]).label, "at": when(one["at"]), "note": ""}
        for one in row.acts_read
    ]
    offers = [
        {
            "text": _("Offer of a place: %(state)s") % {"state": OfferStatus(one["status"]).label},
            "at": when(one["answered_at"] or one["answer_by"]),
            "note": one["reason"],
        }
        for one in row.offers_read
    ]
    asked = [
        {"text": _("The practice asked to decide anew"), "at": when(one["at"]), "note": ""}
        for one in row.reconsiderations_read
    ]
    return [*acts, *offers, *asked]


def file_rows(application: Application, definition: ProgramDefinition) -> list[dict[str, Any]]:
    """Return the files that were signed, those that were replaced or removed since last."""
    rows = []
    for one in sorted(application.files_read, key=lambda one: one["ended_at"] is not None):  # type: ignore[attr-defined]
        ended = when(one["ended_at"])
        note = _("Added by %(who)s on %(when)s") % {
            "who": _name(one["by"]),
            "when": long(when(one["at"])),  # type: ignore[arg-type]
        }
        if ended:
            note = _ended_note(one, ended)
        shown = one["scan"] in Scan.downloadable
        rows.append(
            {
                "name": one["name"],
                "kind": label_of(one["kind"], definition),
                "size": size_text(one["size"]),
                "href": reverse("applications:file", args=[one["pk"]]) if shown else "",
                "note": note,
                "state": _("No longer part of it") if ended else "",
            }
        )
    return rows


def email_rows(emails: Iterable[SentEmail]) -> list[dict[str, Any]]:
    """Return the emails: what each is about in words, to whom, how far it is, and when."""
    return [
        {
            "kind": kind_in_words(one.kind),
            "to": one.to,
            "state": EmailStatus(one.status).label,
            "tone": EMAIL_TONES.get(one.status, "info"),
            "at": one.sent_at or one.created_at,
        }
        for one in emails
    ]


def flag_rows(application: Application) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the flags that are on, and those that were taken off (the last one first)."""
    rows = [
        {**one, "at": when(one["at"]), "cleared_at": when(one["cleared_at"])}
        for one in application.desk_flags  # type: ignore[attr-defined]
    ]
    return (
        [row for row in rows if row["cleared_at"] is None],
        [row for row in reversed(rows) if row["cleared_at"] is not None],
    )


def claim(application: Application, person: int) -> dict[str, Any]:
    """Return the open `claim` as the box of the queue shows it, and whether it is the person's own."""
    for one in application.desk_claims:  # type: ignore[attr-defined]
        shown = {
            "pk": one["pk"],
            "claimed_at": when(one["at"]),
            "person": {"full_name": one["name"]},
        }
        return {"claim": shown, "own_claim": one["person"] == person}
    return {"claim": None, "own_claim": False}


def settled_in_words(application: Application) -> str:
    """Return how a difference between sheets was settled, or "" when there was none."""
    settled = application.settled_read  # type: ignore[attr-defined]
    if not settled:
        return ""
    last = settled[-1]
    way = SettledBy(last["way"]).label if last["way"] else _("No settlement was needed any more")
    return _("Two sheets differed too much. Settled by %(who)s: %(way)s.") % {
        "who": _name(last["by"]),
        "way": way,
    }


def _state(sheet: ScoreSheet) -> tuple[str, str, str]:
    review = sheet.assignment
    if sheet.voided_at is not None:
        return _("Void"), "warning", sheet.void_reason
    if review.ended_at is not None:
        if review.ended_kind == Ending.RETURNED:
            return _("Replaced"), "neutral", _("The practice corrected its application after it.")
        return _("Ended"), "neutral", review.ended_reason or review.get_ended_kind_display()
    return _("Counts"), "success", ""


def _points(sheet: ScoreSheet) -> list[dict[str, Any]]:
    return sheet.given_points  # type: ignore[attr-defined]


def _consensus(application: Application) -> Mapping[str, Any] | None:
    if application.score_basis != "consensus":
        return None
    settled = [
        one
        for one in application.settled_read  # type: ignore[attr-defined]
        if one["way"] == SettledBy.CONSENSUS
    ]
    return settled[-1]["points"] if settled else None


def _ended_note(one: Mapping[str, Any], ended: datetime) -> str:
    facts = {"who": _name(one["ended_by"]), "when": long(ended), "name": one["replaced_by"]}
    if one["replaced_by"]:
        return _("Replaced by “%(name)s” (%(who)s, %(when)s)") % facts
    return _("Removed by %(who)s on %(when)s") % facts


def _name(label: str | None) -> str:
    """Return the person's name of a stored "Ana Ruiz (Practice owner, Fresno Family Medicine)"."""
    return (label or "").partition(" (")[0]
