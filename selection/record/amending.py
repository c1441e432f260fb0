"""The record after a later act: the one before with single outcomes changed and its totals counted anew."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from selection.record import verifier
from selection.record.document import money, sealed, utc


@dataclass(frozen=True)
class Act:
    """One application's new outcome (an `Outcome` or "left"), why, and when (UTC).

    `reason` is one of the reasons of later acts: promoted, reconsidered, declined_place, left_program.
    """

    reference: str
    outcome: str
    reason: str
    at: datetime


def amended(before: Mapping[str, Any], acts: Sequence[Act]) -> dict[str, Any]:
    """Return the record that follows `before` in its chain, with `acts` added to its acts."""
    known = len(before["acts"])
    added = [
        {
            "reference": act.reference,
            "number": number,
            "outcome": act.outcome,
            "reason": act.reason,
            "at": utc(act.at),
        }
        for number, act in enumerate(acts, start=known + 1)
    ]
    latest = {act.reference: act for act in acts}
    rows = [_changed(row, latest.get(row["reference"])) for row in before["applications"]]
    return sealed(
        {
            **before,
            "sequence": before["sequence"] + 1,
            "previous_sha256": before["sha256"],
            "applications": rows,
            "acts": [*before["acts"], *added],
            "totals": _totals(rows),
        }
    )


def check_step(record: Mapping[str, Any]) -> None:
    """Check the acts of a record, the outcomes that they lead to, and the totals, as the verifier does.

    For a record made by `amended`: its rows and rules were verified as a whole when the record before was
    stored, and are not looked at again. Raises Difference.
    """
    rows, rules = record["applications"], record["rules"]
    verifier.check_shape("acts", record["acts"], verifier.RECORD["acts"])
    ends = verifier.outcomes(rows, rules)
    found = {row["reference"]: end for row, end in zip(rows, ends, strict=True)}
    verifier.apply_acts(record, found)
    for row in rows:
        end = (row["outcome"], row["reason"])
        verifier.expect(f"{row['reference']}: outcome", end, found[row["reference"]])
    verifier.check_totals(record["totals"], rows)


def _changed(row: Mapping[str, Any], act: Act | None) -> dict[str, Any]:
    return {**row, "outcome": act.outcome, "reason": act.reason} if act else dict(row)


def _totals(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    chosen = [row for row in rows if row["outcome"] == "selected"]
    cost = sum((Decimal(row["potential_payment"] or 0) for row in chosen), Decimal(0))
    return {
        "applications": len(rows),
        "selected": len(chosen),
        "cost": money(cost),
        "mix": mix_of(chosen),
    }


def mix_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    """Return how many of a record's rows have each value of each attribute, as its totals say it."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in _VALUES}
    for row in rows:
        for name, values_of in _VALUES.items():
            counts[name].update(values_of(row))
    return {name: dict(found) for name, found in counts.items()}


_VALUES = {
    "population": lambda row: [row["population"]],
    "practice_type": lambda row: row["practice_types"],
    "hpi_quartile": lambda row: map(str, row["hpi_quartiles"]),
    "county": lambda row: [row["county"]],
    "mcp": lambda row: [row["mcp"]],
    "tribal": lambda row: ["yes" if row["tribal"] else "no"],
}
