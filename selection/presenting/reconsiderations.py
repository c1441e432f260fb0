"""Requests to decide anew in words: for the practice nothing before the answer, for staff all of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.documents import size_text
from applications.enums import Scan
from applications.models import Attachment
from core.times import long
from selection.models import Reconsideration
from selection.presenting import dollars
from selection.queries.reconsiderations import is_overtaken

ANSWERED, TAKEN_BACK, OVERTAKEN = "answered", "taken_back", "overtaken"
WAITING, GIVEN = "waiting", "given"
TONES = {
    ANSWERED: "success",
    TAKEN_BACK: "neutral",
    OVERTAKEN: "neutral",
    WAITING: "turn",
    GIVEN: "info",
}


@dataclass(frozen=True)
class State:
    """Where a request is: a code for code, words for people, a tone."""

    code: str
    label: str
    tone: str


def state_of(row: Reconsideration) -> State:
    """Return where a request is, for staff."""
    code = _code(row)
    words = {
        ANSWERED: _("Answered"),
        TAKEN_BACK: _("Taken back"),
        OVERTAKEN: _("Closed: the application moved on"),
        WAITING: _("Waits for a reader"),
        GIVEN: _("With its reader"),
    }
    return State(code, words[code], TONES[code])


def public_state_of(row: Reconsideration) -> State:
    """Return where a request is, for the practice: the same words until it is answered."""
    code = _code(row)
    if code in (WAITING, GIVEN):
        return State("open", _("With DHCS"), "info")
    words = {
        ANSWERED: _("Answered"),
        TAKEN_BACK: _("Taken back by you"),
        OVERTAKEN: _("Closed"),
    }
    return State(code, words[code], TONES[code])


def listed_rows(rows: Iterable[Reconsideration], me: int) -> list[dict[str, Any]]:
    """Return the lines of the list; `me` is the id of the person who reads it."""
    return [
        {
            "row": row,
            "url": reverse("selection:reconsideration_desk", args=[row.pk]),
            "state": state_of(row),
            "decided": row.decision.get_outcome_display(),
            "answer": row.get_outcome_display() if row.decided_at else "",
            "is_mine": row.assigned_to_id == me and _code(row) == GIVEN,
        }
        for row in rows
    ]


def file_rows(files: Sequence[Attachment], route: str) -> list[dict[str, Any]]:
    """Return the files of a request as properties of file rows; `route` names where to download one."""
    return [
        {
            "name": file.name,
            "size": size_text(file.size),
            "href": reverse(route, args=[file.pk]) if file.scan in Scan.downloadable else "",
            "note": _("Added on %(when)s") % {"when": long(file.created_at)},
            "state": "" if file.scan in Scan.downloadable else file.get_scan_display(),
            "tone": "error" if file.scan == Scan.INFECTED else "info",
        }
        for file in files
    ]


def facts(row: Reconsideration) -> list[dict[str, Any]]:
    """Return what staff have to know of a request, as items of the `facts` component."""
    decision, proposal = row.decision, row.decision.proposal
    found = [
        (_("Decision"), f"{decision.get_outcome_display()}: {decision.get_reason_display()}"),
        (_("MCP score"), str(decision.mcp_score)),
        (_("Priority points"), f"+{decision.priority_points}"),
        (_("Adjusted score"), str(decision.adjusted_score)),
        (_("Threshold"), str(decision.threshold)),
        (_("Rank"), f"{decision.rank:,}" if decision.rank else "–"),
        (_("Released"), long(proposal.released_at) if proposal.released_at else "–"),
        (_("Asked by"), f"{row.requested_by.full_name}, {long(row.requested_at)}"),
        (_("Reader"), row.assigned_to.full_name if row.assigned_to else _("nobody yet")),
    ]
    return [{"label": label, "value": value} for label, value in found]


def effects(row: Reconsideration, payment: Decimal | None, left: Decimal | None) -> list[str]:
    """Return what an answer does; `left` is what is left of the budget (dollars), None for no budget."""
    found = [
        _("The owners of the practice get an email with your answer and your reasons."),
        _("The answer is sealed in a new decision record, in public under the practice's number."),
        _("The first decision is kept as it was made; your answer stands beside it."),
    ]
    if payment is not None:
        text = _(
            "If you select the practice, it can earn up to %(cost)s and gets an offer of a place."
        )
        found.append(text % {"cost": dollars(payment)})
    if payment is not None and left is not None and payment > left:
        text = _("That is more than is left of the budget (%(left)s).")
        found.append(text % {"left": dollars(left) if left >= 0 else f"-{dollars(-left)}"})
    return [*found, _("This can't be undone.")]


def _code(row: Reconsideration) -> str:
    if row.decided_at:
        return ANSWERED
    if row.taken_back_at:
        return TAKEN_BACK
    if is_overtaken(row):
        return OVERTAKEN
    return GIVEN if row.assigned_to_id else WAITING
