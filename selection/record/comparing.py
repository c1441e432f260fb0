"""A cycle's stored records held against each other and against the rows of the database. Plain look-ups."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from applications.models import Application
from core.canonical import digest
from programs.models import Cycle
from selection.models import Decision, DecisionRecord, LaterAct, ProposalInputs
from selection.record.verifier import Difference, expect, read, verify_next

Document = Mapping[str, Any]
STATUSES = {
    "selected": {"selected", "participating"},
    "waitlisted": {"waitlisted"},
    "not_selected": {"not_selected", "declined"},
    "left": {"declined", "left"},
}
HIDDEN = ("mcp", "county")  # may be empty in the public copy of who is not selected
FACTS = (
    "mcp_score",
    "priority_points",
    "adjusted_score",
    "recommended",
    "population",
    "tribal",
    "county",
    "members",
)


def compare(cycle: Cycle) -> tuple[int, int]:
    """Check every record of a cycle, its public copy, and the rows that they tell of.

    Returns how many records there are and how many applications the last one has. Raises Difference at the
    first thing that does not hold, and when there is no record.
    """
    last, record = None, None
    for record, last in _verified(cycle):
        if not last["acts"]:
            _decisions(record, last)
    if record is None or last is None:
        raise Difference(f"{cycle.slug}: no record is sealed yet")
    _acts(record, last)
    _in_force(record, last)
    _plans(record, last)
    _applications(cycle, last)
    return record.sequence, len(last["applications"])


def _verified(cycle: Cycle) -> Iterator[tuple[DecisionRecord, Document]]:
    """Yield each record with its document, checked as a chain, in full and in public."""
    before = public_before = None
    records = DecisionRecord.objects.filter(cycle=cycle).order_by("sequence")
    for record in records.iterator(chunk_size=1):
        full, public = read(record.document.encode()), read(record.public.encode())
        verify_next(full, before)
        verify_next(public, public_before)
        expect("cycle", full["cycle"], cycle.slug)
        _columns(record, full, public)
        _copy(full, public)
        before, public_before = full, public
        yield record, full


def _columns(record: DecisionRecord, full: Document, public: Document) -> None:
    name, totals = f"record {record.sequence}", full["totals"]
    for column, stored, said in (
        ("sequence", record.sequence, full["sequence"]),
        ("sha256", record.sha256, full["sha256"]),
        ("previous_sha256", record.previous_sha256, full["previous_sha256"]),
        ("public_sha256", record.public_sha256, public["sha256"]),
        ("applications", record.applications, totals["applications"]),
        ("selected", record.selected, totals["selected"]),
        ("cost", f"{record.cost:.2f}", totals["cost"]),
    ):
        expect(f"{name}: column {column}", stored, said)
    later = record.kind == "later_act"
    expect(f"{name}: column kind is a later act", later, bool(full["acts"]))


def _copy(full: Document, public: Document) -> None:
    """Check that the public copy is the same record but for what is redacted."""
    name = f"public record {full['sequence']}"
    expect(f"{name}: redacted_from", public["redacted_from"], full["sha256"])
    for key in ("program", "totals", "proposed_at", "approved_at", "released_at"):
        expect(f"{name}: {key}", public[key], full[key])
    rules = [{**one["rules"], "pins": None} for one in (full, public)]
    expect(f"{name}: rules", rules[1], rules[0])
    pairs = list(zip(full["applications"], public["applications"], strict=True))
    numbers = {row["reference"]: copy["reference"] for row, copy in pairs}
    expect(f"{name}: numbers", sorted(numbers.values()), [numbers[key] for key in sorted(numbers)])
    for row, copy in pairs:
        hidden = () if row["outcome"] == "selected" else HIDDEN
        for key, value in row.items():
            is_left_out = key in hidden and copy[key] == ""
            if key != "reference" and not is_left_out:
                expect(f"{name}: {copy['reference']}: {key}", copy[key], value)
    for one, copy in zip(full["acts"], public["acts"], strict=True):
        expect(f"{name}: acts", copy, {**one, "reference": numbers[one["reference"]]})


def _decisions(record: DecisionRecord, full: Document) -> None:
    """Check that the decisions of a release are the rows of its record."""
    name, threshold = f"record {record.sequence}", int(full["rules"]["threshold"])
    stored = {
        row[0]: row[1:]
        for row in Decision.objects.filter(proposal=record.proposal_id)
        .order_by("pk")
        .values_list(
            "application__reference",
            "mcp_score",
            "priority_points",
            "adjusted_score",
            "rank",
            "outcome",
            "reason",
            "threshold",
        )
    }
    expect(f"{name}: number of decisions", len(stored), len(full["applications"]))
    for row in full["applications"]:
        said = (
            *(int(row[key]) for key in ("mcp_score", "priority_points", "adjusted_score", "rank")),
            row["outcome"],
            row["reason"],
            threshold,
        )
        expect(f"{name}: decision on {row['reference']}", stored.get(row["reference"]), said)


def _acts(record: DecisionRecord, full: Document) -> None:
    rows = LaterAct.objects.filter(proposal=record.proposal_id).order_by("number")
    columns = ("application__reference", "number", "outcome", "reason")
    stored = [list(row) for row in rows.values_list(*columns)]
    said = [[act[key] for key in ("reference", *columns[1:])] for act in full["acts"]]
    expect("later acts", stored, said)


def _in_force(record: DecisionRecord, full: Document) -> None:
    """Check that every decision of the last release is in force, and no other on the same application."""
    in_force = Decision.objects.filter(in_force=True, proposal__cycle=record.cycle_id)
    rows = in_force.order_by("pk").values_list("application__reference", "proposal")
    stored = dict(rows)
    for row in full["applications"]:
        name = row["reference"]
        expect(f"{name}: proposal of the decision in force", stored.get(name), record.proposal_id)


def _plans(record: DecisionRecord, full: Document) -> None:
    """Check that every application has the plan's name that the proposal was made with."""
    inputs = ProposalInputs.objects.filter(proposal=record.proposal_id)
    content, sha256 = inputs.values_list("content", "proposal__inputs_sha256").get()
    expect("hash of the frozen inputs", digest(content), sha256)
    frozen = {row["reference"]: row["mcp"] for row in json.loads(content)["candidates"]}
    for row in full["applications"]:
        name = row["reference"]
        expect(f"{name}: name of its plan", row["mcp"], frozen.get(name))


def _applications(cycle: Cycle, full: Document) -> None:
    """Check facts, numbers and status of every application against the last record.

    A plan may have another name today: it is enough that applications of one plan were of one plan then.
    """
    columns = (
        *FACTS,
        "status",
        "practice_types",
        "hpi_quartile",
        "potential_payment",
        "designated_mcp",
    )
    rows = Application.objects.filter(cycle=cycle).order_by("pk").values("reference", *columns)
    stored = {row["reference"]: row for row in rows.iterator(chunk_size=2000)}
    plans: dict[int | None, str] = {}
    for row in full["applications"]:
        name = row["reference"]
        if name not in stored:
            raise Difference(f"{name}: no such application in {cycle.slug}")
        _facts(name, stored[name], row)
        plan = plans.setdefault(stored[name]["designated_mcp"], row["mcp"])
        expect(f"{name}: name of its plan", row["mcp"], plan)
        if stored[name]["status"] not in STATUSES[row["outcome"]]:
            raise Difference(f"{name}: status is {stored[name]['status']}, not {row['outcome']}")


def _facts(name: str, stored: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    payment, quartile = stored["potential_payment"], stored["hpi_quartile"]
    found = {
        **{key: stored[key] for key in FACTS},
        **{key: str(stored[key]) for key in FACTS[:3]},
        "members": stored["members"] or 0,
        "practice_types": sorted(set(stored["practice_types"])),
        "hpi_quartiles": [] if quartile is None else [quartile],
        "potential_payment": None if payment is None else f"{payment:.2f}",
    }
    for key, value in found.items():
        expect(f"{name}: column of {key}", value, row[key])
