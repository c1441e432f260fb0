"""The history of one application in DHCS's words. No queries."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applications.chronicle import Entry
from applications.diffing import Difference, changes_between, difference
from applications.enums import Status
from programs.schema import ProgramDefinition
from scoring.basis import in_short
from selection.queries.history import Event

TOGETHER = timedelta(seconds=5)  # a step and the facts that it changed are written in one act
LONG = ("recommendation_reason", "recommendation_note")


def entries(
    events: Sequence[Event], definition: ProgramDefinition, signed: Mapping[int, str]
) -> list[Entry]:
    """Return the events as entries; the facts that a step changed are told with the step.

    `signed` are signed contents by their number: a second submission says what changed since the first.
    """
    steps = [one for one in events if one.source == "step"]
    found = {one: _differences(one, definition) for one in events if one.source == "change"}
    told: dict[Event, list[Difference]] = {}
    alone = set()
    for change, differences in found.items():
        step = _step_of(change, steps)
        told.setdefault(step or change, []).extend(differences)
        if step is None and differences:
            alone.add(change)
    return [
        _entry(one, told.get(one, []), definition, signed)
        for one in events
        if one.source != "change" or one in alone
    ]


def submissions_to_compare(events: Sequence[Event]) -> set[int]:
    """Return the numbers of the submissions whose contents `entries` compares."""
    again = {
        one.detail["number"]
        for one in events
        if one.source == "step" and one.detail["name"] == "submit" and one.detail["number"] > 1
    }
    return again | {number - 1 for number in again}


def _entry(
    one: Event,
    found: list[Difference],
    definition: ProgramDefinition,
    signed: Mapping[int, str],
) -> Entry:
    note, changes = "", []
    if one.source == "step":
        title, number = str(Status(one.detail["to"]).label), one.detail["number"]
        note = one.detail["reason"]
        if one.detail["name"] == "submit" and number in signed and number - 1 in signed:
            title = _("Submitted again")
            changes = changes_between(signed[number - 1], signed[number], definition)
    elif one.source == "flag":
        words = (
            _("Flag “%(label)s” put on") if one.detail["on"] else _("Flag “%(label)s” taken off")
        )
        title = words % {"label": one.detail["label"]}
    elif one.source == "claim":
        title = {
            "claimed": _("Claimed to work on it"),
            "done": _("Work on it finished"),
            "ended": _("Claim given back"),
        }[one.detail["act"]]
    else:
        title = _("Facts changed")
    who = one.actor or _("The portal")
    return Entry(one.at, who, title, note=note, differences=found, changes=changes)


def _step_of(change: Event, steps: Sequence[Event]) -> Event | None:
    near = [step for step in steps if abs(step.at - change.at) <= TOGETHER]
    return min(near, key=lambda step: abs(step.at - change.at), default=None)


def _differences(one: Event, definition: ProgramDefinition) -> list[Difference]:
    before, after = one.detail["before"], one.detail["after"]
    words = _words(definition)
    cells, found = [], []
    for key, (label, shown) in words.items():
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        was, now = (_text(shown, old), _text(shown, new))
        if key in LONG:
            found.append(difference(key, label, was, now, long=True))
        elif was != now:
            cells.append(difference(key, label, was, now))
    if cells:
        found.insert(0, Difference("", "", "changed", cells=cells, is_row=True))
    return found


def _text(shown: Any, value: Any) -> str:
    return "" if value is None or value == "" else str(shown(value))


def _words(definition: ProgramDefinition) -> dict[str, tuple[str, Any]]:
    populations = {c.value: c.label for c in definition.populations}
    types = {c.value: c.label for c in definition.practice_types}
    return {
        "mcp_score": (_("MCP score"), str),
        "priority_points": (_("Priority points"), str),
        "adjusted_score": (_("Adjusted score"), str),
        "score_basis": (_("Basis of the score"), lambda v: in_short(v) or v),
        "recommended": (_("Recommended"), lambda v: _("Yes") if v else _("No")),
        "recommendation_reason": (_("Reason of the plan"), str),
        "recommendation_note": (_("Note of the plan for DHCS"), str),
        "population": (_("Population of focus"), lambda v: populations.get(v, v)),
        "practice_types": (
            _("Practice type"),
            lambda values: ", ".join(types.get(v, v) for v in values),
        ),
        "tribal": (_("Tribal health program"), lambda v: _("Yes") if v else _("No")),
        "members": (_("Members"), lambda v: f"{v:,}"),
        "hpi_quartile": (_("HPI quartile"), str),
        "county": (_("County"), str),
        "potential_payment": (_("Potential payment"), lambda v: f"${Decimal(str(v)):,.2f}"),
        "designated_mcp": (_("Plan (MCP)"), str),
    }
