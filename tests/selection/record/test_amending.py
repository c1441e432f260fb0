from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selection.record import verifier
from selection.record.amending import Act, amended, check_step
from tests.selection.record.building import record
from tests.selection.record.test_verifier import ROWS, RULES, resealed

RELEASED = datetime(2024, 1, 10, 17, tzinfo=UTC)
OUTCOMES = ("selected", "waitlisted", "not_selected", "left")
FIRST = record(ROWS, RULES)
ACTS = st.builds(
    Act,
    reference=st.sampled_from([row.reference for row in ROWS] + ["EPT1-000099-0"]),
    outcome=st.sampled_from([*OUTCOMES, "away"]),
    reason=st.sampled_from(list(verifier.ACTS)),
    at=st.integers(-1, 3).map(lambda days: RELEASED + timedelta(days=days)),
)


def holds(check, document):
    try:
        check(document)
    except verifier.Difference:
        return False
    return True


@given(st.lists(ACTS, min_size=1, max_size=3), st.booleans())
@settings(deadline=None)
def test_a_step_holds_when_the_whole_record_does(acts, is_forged):
    document = amended(FIRST, acts)
    if is_forged:
        document["applications"][0]["outcome"] = "waitlisted"
        document = resealed(document)
    assert holds(check_step, document) == holds(verifier.verify, document)


def test_steps_of_a_chain_hold():
    taken = [row["reference"] for row in FIRST["applications"] if row["outcome"] == "selected"]
    assert len(taken) > 1
    before = FIRST
    for day, name in enumerate(taken[:2]):
        act = Act(name, "left", "declined_place", RELEASED + timedelta(days=day))
        document = amended(before, [act])
        check_step(document)
        verifier.verify(document)
        before = document


@pytest.mark.parametrize("key", ["selected", "applications", "cost", "mix"])
def test_other_totals_are_caught(key):
    taken = FIRST["applications"][0]["reference"]
    document = amended(FIRST, [Act(taken, "left", "declined_place", RELEASED)])
    document["totals"][key] = FIRST["totals"][key] if key != "applications" else 3
    with pytest.raises(verifier.Difference, match=f"totals: {key}"):
        check_step(document)
