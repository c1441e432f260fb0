"""Writing a decision record: `ept-decision-record/1`, canonical JSON, documented in docs/decision-record.md.

Scores, points and dollars are strings ("74", "280600.00"), so that no reader rounds them; counts and ranks
are numbers. Times are UTC. Nothing in it names a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.canonical import canonical_json, digest
from programs.schema import Band
from selection.engine.judging import Result, Verdict
from selection.engine.pool import ATTRIBUTES
from selection.enums import Outcome

FORMAT = "ept-decision-record/1"
MIXED = tuple(attribute for attribute in ATTRIBUTES if attribute != "tribal")


@dataclass(frozen=True)
class Heading:
    """What a record says of itself: cycle, place in the chain, program version, and the three times.

    `previous_sha256` is empty in the first record of a cycle; `bands` are dollars per member.
    """

    cycle: str
    sequence: int
    previous_sha256: str
    program: Mapping[str, Any]
    bands: Sequence[Band]
    proposed_at: datetime
    approved_at: datetime
    released_at: datetime


def document(heading: Heading, result: Result) -> dict[str, Any]:
    """Return the record of `result` with no later acts yet, sealed."""
    content = {
        "format": FORMAT,
        "cycle": heading.cycle,
        "sequence": heading.sequence,
        "previous_sha256": heading.previous_sha256,
        "program": dict(heading.program),
        "rules": _rules(result, heading.bands),
        "applications": [_application(verdict) for verdict in result.verdicts],
        "acts": [],
        "totals": _totals(result),
        "proposed_at": utc(heading.proposed_at),
        "approved_at": utc(heading.approved_at),
        "released_at": utc(heading.released_at),
    }
    return sealed(content)


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with the SHA-256 of everything else in it as its `sha256`."""
    rest = {key: value for key, value in content.items() if key != "sha256"}
    return rest | {"sha256": digest(canonical_json(rest))}


def _rules(result: Result, bands: Sequence[Band]) -> dict[str, Any]:
    rules = result.rules
    return {
        "priority_points": [
            {
                "attribute": rule.attribute,
                "value": rule.value == "yes" if rule.attribute == "tribal" else rule.value,
                "points": str(rule.points),
            }
            for rule in rules.points
        ],
        "threshold": str(rules.threshold),
        "inclusive": rules.inclusive,
        "only_recommended": rules.only_recommended,
        "waitlist_margin": str(rules.waitlist_margin),
        "budget": None if rules.budget is None else money(rules.budget),
        "tie_break": list(rules.order),
        "pins": [
            {"reference": pin.reference, "selected": pin.selected, "reason": pin.reason}
            for pin in rules.pins
        ],
        "payment_bands": [
            {
                "members_from": band.members_from,
                "members_to": band.members_to,
                "amount": money(band.amount),
            }
            for band in bands
        ],
    }


def _application(verdict: Verdict) -> dict[str, Any]:
    row, facts = verdict.candidate, verdict.candidate.facts
    return {
        "reference": row.reference,
        "mcp": facts.mcp,
        "mcp_score": str(row.mcp_score),
        "recommended": row.recommended,
        "population": facts.population,
        "practice_types": sorted(facts.practice_types),
        "tribal": facts.tribal,
        "county": facts.county,
        "members": facts.members,
        "hpi_quartiles": [] if facts.hpi_quartile is None else [facts.hpi_quartile],
        "potential_payment": None if row.payment is None else money(row.payment),
        "priority_points": str(verdict.points),
        "adjusted_score": str(verdict.adjusted),
        "rank": verdict.rank,
        "outcome": str(verdict.outcome),
        "reason": str(verdict.reason),
    }


def _totals(result: Result) -> dict[str, Any]:
    return {
        "applications": len(result.pool),
        "selected": result.counts.get(Outcome.SELECTED, 0),
        "cost": money(result.cost),
        "mix": {attribute: _mix(result, attribute) for attribute in (*MIXED, "tribal")},
    }


def _mix(result: Result, attribute: str) -> dict[str, int]:
    """Return how many of the selected have each value, values with none left out."""
    pool = result.pool
    counts = {
        value: int((result.is_in & pool.having(attribute, value)).sum())
        for value in pool.values_of(attribute)
    }
    return {value: count for value, count in counts.items() if count}


def money(amount: Decimal) -> str:
    """Return dollars as a record writes them, such as "280600.00"."""
    return f"{amount:.2f}"


def utc(moment: datetime) -> str:
    """Return a time as a record writes it, to the second, such as "2024-01-10T17:00:00Z"."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
