from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selection.engine import Pin, Pool, Rules, evaluate, judge_pool
from selection.enums import Outcome, Reason
from tests.selection.engine.plain import outcomes
from tests.selection.engine.pools import PUBLISHED, candidate, cohorts, rules_for


@given(st.data())
def test_the_engine_equals_the_plain_rules(data):
    rows = data.draw(cohorts())
    rules = data.draw(rules_for(rows))
    found = [
        (v.candidate.reference, v.adjusted, str(v.reason)) for v in evaluate(rows, rules).verdicts
    ]
    assert found == outcomes(rows, rules)


@given(st.data(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_has_no_say(data, random):
    rows = data.draw(cohorts())
    rules = data.draw(rules_for(rows))
    mixed = list(rows)
    random.shuffle(mixed)
    assert evaluate(mixed, rules).verdicts == evaluate(rows, rules).verdicts


@given(st.data())
def test_what_is_stored_of_the_rules_decides_the_same(data):
    rows = data.draw(cohorts())
    rules = data.draw(rules_for(rows))
    again = Rules.from_json(rules.as_json())
    assert evaluate(rows, again).verdicts == evaluate(rows, rules).verdicts
    assert again.as_json() == rules.as_json()


@given(st.data(), st.integers(1, 40))
def test_raising_the_threshold_never_adds_anyone(data, more):
    rows = data.draw(cohorts())
    low = data.draw(rules_for(rows))
    high = replace(low, threshold=low.threshold + more)
    pool = Pool.of(rows)
    assert not (judge_pool(pool, high).is_in & ~judge_pool(pool, low).is_in).any()


@given(st.data())
def test_cost_is_the_sum_and_what_is_above_the_pins_stays_in_the_budget(data):
    rows = data.draw(cohorts())
    rules = data.draw(rules_for(rows))
    result = evaluate(rows, rules)
    assert result.cost == sum((v.candidate.payment or 0 for v in result.selected), Decimal(0))
    pinned = sum(
        (v.candidate.payment or 0 for v in result.verdicts if v.reason == Reason.PINNED_IN),
        Decimal(0),
    )
    if rules.budget is not None:
        assert result.cost <= max(rules.budget, pinned)
    assert result.counts.get(Outcome.SELECTED, 0) == len(result.selected)


def test_the_budget_ends_the_list_and_nobody_jumps_the_queue():
    rows = [
        candidate(90, pk=1, payment=Decimal("60.00")),
        candidate(85, pk=2, payment=Decimal("50.00")),
        candidate(80, pk=3, payment=Decimal("10.00")),
    ]
    result = evaluate(rows, replace(PUBLISHED, budget=Decimal("100.00")))
    assert [v.reason for v in result.verdicts] == [
        Reason.AT_OR_ABOVE,
        Reason.OVER_BUDGET,
        Reason.OVER_BUDGET,
    ]
    assert result.cost == Decimal("60.00")


@pytest.mark.parametrize(
    ("tie_break", "first"),
    [
        ((), 1),
        (("members",), 2),
        (("hpi_quartile",), 3),
        (("mcp_score",), 4),
        (("hpi_quartile", "members"), 3),
        (("payment",), 5),
        (("tribal",), 6),
    ],
)
def test_ties_are_broken_by_the_keys_in_their_order(tie_break, first):
    rows = [
        candidate(65, pk=1, population="children_youth", members=5),
        candidate(65, pk=2, population="children_youth", members=9, hpi_quartile=2),
        candidate(65, pk=3, population="children_youth", members=8, hpi_quartile=1),
        candidate(77, pk=4, population="adults_chronic"),
        candidate(65, pk=5, population="children_youth", payment=Decimal("99.00")),
        candidate(62, pk=6, population="adults_chronic", tribal=True),
    ]
    rules = replace(PUBLISHED, budget=Decimal("100.00"), tie_break=tie_break)
    result = evaluate(rows, rules)
    assert [v.candidate.pk for v in result.selected] == [first]
    assert result.reasons[Reason.TIE_BREAK] == 5


def test_a_pin_is_stronger_than_score_and_recommendation():
    rows = [candidate(10, pk=1, recommended=False), candidate(90, pk=2), candidate(80, pk=3)]
    pins = (Pin(rows[0].reference, True, "Why."), Pin(rows[1].reference, False, "Why not."))
    result = evaluate(rows, replace(PUBLISHED, pins=pins))
    reasons = {v.candidate.pk: (v.outcome, v.reason) for v in result.verdicts}
    assert reasons == {
        1: (Outcome.SELECTED, Reason.PINNED_IN),
        2: (Outcome.NOT_SELECTED, Reason.PINNED_OUT),
        3: (Outcome.SELECTED, Reason.AT_OR_ABOVE),
    }
