"""Decision records in words for staff. One query for the acts, no markup."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.templatetags.ui import pacific
from selection.models import DecisionRecord, LaterAct
from selection.presenting import dollars
from selection.presenting.cohorts import ACTS, OUTCOMES

NAMED = 3  # applications that a line of the chain names one by one
SHORT = 12  # characters of a hash that tell records apart at a glance


def rows(
    records: Iterable[DecisionRecord], acts_of: Mapping[int, Sequence[LaterAct]], hidden: set[int]
) -> list[dict[str, Any]]:
    """Return the lines of the chain; a later act on an application in `hidden` has no name."""
    return [
        {
            "record": record,
            "kind": record.get_kind_display(),
            "acts": acts_named([a for a in acts_of.get(record.pk, ()) if not _is_in(a, hidden)]),
            "hidden": sum(_is_in(act, hidden) for act in acts_of.get(record.pk, ())),
            "when": pacific(record.created_at),
            "sha": record.sha256[:SHORT],
            "cost": dollars(record.cost),
            "check": reverse("selection:record", args=[record.pk]) + "?check=yes#check",
        }
        for record in records
    ]


def acts_named(acts: Iterable[LaterAct]) -> list[dict[str, Any]]:
    """Return what was done and to which applications: the first `NAMED` of each kind by reference."""
    kinds: dict[str, list[LaterAct]] = {}
    for act in acts:
        kinds.setdefault(act.reason, []).append(act)
    return [
        {
            "what": str(ACTS[reason]),
            "applications": [act.application for act in found[:NAMED]],
            "more": max(len(found) - NAMED, 0),
        }
        for reason, found in kinds.items()
    ]


def facts(record: DecisionRecord) -> list[dict[str, Any]]:
    """Return what a record says of itself, as items of the `facts` component."""
    proposal = record.proposal
    people = (
        (_("Proposed by"), proposal.proposed_by),
        (_("Approved by"), proposal.approved_by),
        (_("Released by"), proposal.released_by),
    )
    return [
        {"label": _("What it seals"), "value": record.get_kind_display()},
        {"label": _("Sealed"), "value": pacific(record.created_at)},
        {"label": _("Public from"), "value": pacific(record.public_from)},
        {"label": _("Applications"), "value": f"{record.applications:,}"},
        {"label": _("Selected"), "value": f"{record.selected:,}"},
        {"label": _("Cost of the selected"), "value": dollars(record.cost)},
        *({"label": label, "value": who.full_name} for label, who in people if who),
        {"label": _("SHA-256"), "value": record.sha256},
        {"label": _("SHA-256 of the record before"), "value": record.previous_sha256 or _("none")},
        {"label": _("SHA-256 of the public copy"), "value": record.public_sha256},
    ]


def acts(record: DecisionRecord) -> list[dict[str, Any]]:
    """Return the later acts that a record was sealed for."""
    return [
        {
            "application": act.application,
            "when": pacific(act.at),
            "outcome": str(OUTCOMES[act.outcome]),
            "reason": act.get_reason_display(),
            "by": act.by.full_name,
        }
        for act in record.acts.select_related("application", "by")
    ]


def answer(difference: str) -> dict[str, str]:
    """Return what the check found, as properties of a notice."""
    if difference:
        return {"tone": "error", "title": _("This record does not hold"), "body": difference}
    body = _(
        "Hash, link to the record before, payments, points, adjusted scores, ranks, outcomes and totals are "
        "right, in the full record and in its public copy."
    )
    return {"tone": "success", "title": _("OK: this record holds"), "body": body}


def filename(record: DecisionRecord, *, is_public: bool) -> str:
    """Return the name of a record's file."""
    kind = "public" if is_public else "record"
    return f"{record.cycle.slug}-{kind}-{record.sequence}.json"


def _is_in(act: LaterAct, hidden: set[int]) -> bool:
    return act.application_id in hidden
