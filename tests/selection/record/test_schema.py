import json
from copy import deepcopy
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.enums import Role
from selection.domain import records
from selection.enums import Reason
from selection.record import verifier
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.record.schemas import errors
from tests.selection.record.sealing import decided, documents

ROOT = Path(__file__).parent.parent.parent.parent
SCHEMA = json.loads((ROOT / "docs" / "decision-record.schema.json").read_text())
GUIDE = (ROOT / "docs" / "decision-record.md").read_text()


def wrong(document):
    return errors(document, SCHEMA, SCHEMA)


@pytest.fixture
def sealed(db):
    """Every record of a decided cohort with one later act, full and public."""
    cycle = CycleFactory(closed=True)
    applications, proposal = decided(cycle)
    records.seal_act(
        proposal=proposal, application=applications["near"], outcome="selected",
        reason="promoted", by=MembershipFactory(role=Role.DHCS_APPROVER), at=timezone.now(),
    )  # fmt: skip
    return [*documents(cycle), *documents(cycle, "public")]


def test_sealed_records_are_as_the_schema_says(sealed):
    assert len(sealed) == 4
    assert [wrong(document) for document in sealed] == [[], [], [], []]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("format",), "ept-decision-record/2"),
        (("sequence",), 0),
        (("sequence",), "1"),
        (("sha256",), "A" * 64),
        (("released_at",), "2024-01-10 17:00"),
        (("rules", "threshold"), 77),
        (("rules", "threshold"), "077"),
        (("rules", "budget"), "97000000"),
        (("rules", "tie_break"), ["luck"]),
        (("program", "version"), "1"),
        (("applications", 0, "mcp_score"), 85),
        (("applications", 0, "recommended"), 1),
        (("applications", 0, "outcome"), "maybe"),
        (("applications", 0, "hpi_quartiles"), [5]),
        (("applications", 0, "more"), ""),
        (("acts",), None),
        (("totals", "mix", "county"), {"Kern": 0}),
    ],
)
def test_schema_refuses_other_shapes(sealed, path, value):
    document = deepcopy(sealed[0])
    part = document
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    assert wrong(document) != []


@pytest.mark.parametrize("key", sorted(verifier.RECORD))
def test_schema_and_verifier_ask_for_the_same_keys(key):
    assert set(SCHEMA["required"]) == set(verifier.RECORD)
    assert set(SCHEMA["properties"]) == {*verifier.RECORD, "redacted_from"}
    assert set(SCHEMA["$defs"]["application"]["required"]) == set(verifier.APPLICATION)
    assert set(SCHEMA["properties"]["rules"]["required"]) == set(verifier.RULES)
    assert f"`{key}`" in GUIDE


@pytest.mark.parametrize("name", sorted({*verifier.APPLICATION, *verifier.RULES, *verifier.ACTS}))
def test_guide_names_every_key(name):
    assert f"`{name}`" in GUIDE


def test_every_reason_is_known_to_schema_and_guide():
    reasons = SCHEMA["$defs"]["application"]["properties"]["reason"]["enum"]
    assert set(reasons) == {str(value) for value in Reason.values}
    assert [reason for reason in reasons if f"`{reason}`" not in GUIDE] == []
