"""What a proposal rests on, frozen as one canonical document, and the result it leads to."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from core.canonical import canonical_json, digest
from programs.models import Cycle
from programs.priority import Facts
from selection.engine import Candidate, Pool, Result, Rules, judge_pool
from selection.models import Proposal
from selection.queries.standing import standings

FORMAT = "ept-proposal-inputs/1"


def frozen(cycle: Cycle, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """Return everything that decides but the rules: the program's version and every candidate's facts.

    Candidates come in the order of their references; dollars are text with two decimals. `standing` is
    the outcome that an application has had so far, empty before the first release: new decisions would
    undo it. `practice` is a name for people, and decides nothing (1 query).
    """
    version, standing = cycle.version, standings(cycle)
    return {
        "format": FORMAT,
        "cycle": cycle.slug,
        "program": {"slug": version.slug, "version": version.number, "sha256": version.sha256},
        "candidates": [
            _row(one, standing.get(one.pk, ""))
            for one in sorted(candidates, key=lambda one: one.reference)
        ],
    }


def sealed(document: dict[str, Any]) -> tuple[str, str]:
    """Return a document as canonical JSON text, and its SHA-256."""
    content = canonical_json(document)
    return content, digest(content)


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return the references whose facts differ, or that are in one of the two only, in order."""
    rows = [
        {row["reference"]: row for row in deciding(doc)["candidates"]} for doc in (before, after)
    ]
    names = sorted({*rows[0], *rows[1]})
    return [name for name in names if rows[0].get(name) != rows[1].get(name)]


def deciding(document: dict[str, Any]) -> dict[str, Any]:
    """Return a frozen document without what decides nothing: the names of the practices."""
    rows = [
        {key: value for key, value in row.items() if key != "practice"}
        for row in document["candidates"]
    ]
    return {**document, "candidates": rows}


def candidates_in(document: dict[str, Any]) -> list[Candidate]:
    """Return the candidates of a frozen document."""
    return [_candidate(row) for row in document["candidates"]]


def result_of(proposal: Proposal, document: dict[str, Any]) -> Result:
    """Return what the proposal's rules make of its frozen inputs."""
    return judge_pool(Pool.of(candidates_in(document)), Rules.from_json(proposal.rules))


def _row(one: Candidate, standing: str) -> dict[str, Any]:
    facts = one.facts
    return {
        "pk": one.pk,
        "reference": one.reference,
        "practice": one.practice,
        "population": facts.population,
        "practice_types": sorted(facts.practice_types),
        "tribal": facts.tribal,
        "members": facts.members,
        "hpi_quartile": facts.hpi_quartile,
        "county": facts.county,
        "mcp": facts.mcp,
        "mcp_score": one.mcp_score,
        "recommended": one.recommended,
        "standing": standing,
        "payment": None if one.payment is None else f"{one.payment:.2f}",
    }


def _candidate(row: dict[str, Any]) -> Candidate:
    facts = Facts(
        population=row["population"],
        practice_types=tuple(row["practice_types"]),
        tribal=row["tribal"],
        members=row["members"],
        hpi_quartile=row["hpi_quartile"],
        county=row["county"],
        mcp=row["mcp"],
    )
    payment = None if row["payment"] is None else Decimal(row["payment"])
    return Candidate(
        row["pk"],
        row["reference"],
        row["practice"],
        facts,
        row["mcp_score"],
        row["recommended"],
        payment,
    )
