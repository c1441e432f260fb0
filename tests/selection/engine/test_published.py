from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.packaged import packaged_definition
from programs.priority import Facts
from selection.engine import Candidate, Rules, evaluate, judge, mix, share
from selection.enums import Outcome, Reason

BUDGET = Decimal("97000000.00")
RULES = Rules.from_definition(packaged_definition().selection, BUDGET)
POPULATIONS = [choice.value for choice in packaged_definition().populations]


def candidate(score, pk=1, recommended=True, payment=Decimal("100.00"), **facts):
    return Candidate(
        pk, f"EPT1-{pk:06d}-0", "A practice", Facts(**facts), score, recommended, payment
    )


@st.composite
def cohorts(draw):
    size = draw(st.integers(0, 25))
    return [
        candidate(
            draw(st.integers(0, 90)),
            pk=pk,
            recommended=draw(st.booleans()),
            payment=draw(st.none() | st.integers(1, 10**9).map(lambda n: Decimal(n) / 100)),
            population=draw(st.sampled_from(POPULATIONS)),
            tribal=draw(st.booleans()),
        )
        for pk in range(1, size + 1)
    ]


def test_published_rules_are_the_ones_of_the_first_cohort():
    points = {(rule.attribute, rule.value): rule.points for rule in RULES.points}
    assert points == {
        ("population", "children_youth"): 12,
        ("population", "pregnant"): 20,
        ("tribal", "yes"): 15,
    }
    assert (RULES.threshold, RULES.inclusive, RULES.only_recommended) == (77, True, True)
    assert (RULES.waitlist_margin, RULES.budget) == (3, BUDGET)


@pytest.mark.parametrize(
    ("score", "changes", "recommended", "outcome", "reason"),
    [
        (78, {}, True, Outcome.SELECTED, Reason.AT_OR_ABOVE),
        (77, {}, True, Outcome.SELECTED, Reason.AT_OR_ABOVE),
        (76, {}, True, Outcome.WAITLISTED, Reason.NEAR),
        (74, {}, True, Outcome.WAITLISTED, Reason.NEAR),
        (73, {}, True, Outcome.NOT_SELECTED, Reason.BELOW),
        (0, {}, True, Outcome.NOT_SELECTED, Reason.BELOW),
        (77, {"inclusive": False}, True, Outcome.WAITLISTED, Reason.NEAR),
        (78, {"inclusive": False}, True, Outcome.SELECTED, Reason.AT_OR_ABOVE),
        (75, {"inclusive": False}, True, Outcome.WAITLISTED, Reason.NEAR),
        (74, {"inclusive": False}, True, Outcome.NOT_SELECTED, Reason.BELOW),
        (76, {"waitlist_margin": 0}, True, Outcome.NOT_SELECTED, Reason.BELOW),
        (67, {"waitlist_margin": 10}, True, Outcome.WAITLISTED, Reason.NEAR),
        (66, {"waitlist_margin": 10}, True, Outcome.NOT_SELECTED, Reason.BELOW),
        (90, {}, False, Outcome.NOT_SELECTED, Reason.NOT_RECOMMENDED),
        (76, {}, False, Outcome.NOT_SELECTED, Reason.NOT_RECOMMENDED),
        (90, {"only_recommended": False}, False, Outcome.SELECTED, Reason.AT_OR_ABOVE),
        (76, {"only_recommended": False}, False, Outcome.WAITLISTED, Reason.NEAR),
        (0, {"threshold": 0}, True, Outcome.SELECTED, Reason.AT_OR_ABOVE),
        (90, {"threshold": 126}, True, Outcome.NOT_SELECTED, Reason.BELOW),
    ],
)
def test_judge(score, changes, recommended, outcome, reason):
    verdict = judge(
        candidate(score, recommended=recommended, population="adults_chronic"),
        replace(RULES, **changes),
    )
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert (verdict.points, verdict.adjusted) == (0, score)


@pytest.mark.parametrize(
    ("facts", "points"),
    [
        ({"population": "adults_chronic"}, 0),
        ({"population": "children_youth"}, 12),
        ({"population": "pregnant"}, 20),
        ({"population": "adults_chronic", "tribal": True}, 15),
        ({"population": "children_youth", "tribal": True}, 27),
        ({"population": "pregnant", "tribal": True}, 35),
    ],
)
def test_judge_adds_points_before_it_compares(facts, points):
    in_, out = (
        judge(candidate(77 - points, **facts), RULES),
        judge(candidate(73 - points, **facts), RULES),
    )
    assert (in_.points, in_.adjusted, in_.outcome) == (points, 77, Outcome.SELECTED)
    assert (out.points, out.adjusted, out.outcome) == (points, 73, Outcome.NOT_SELECTED)


def test_evaluate_orders_by_adjusted_score_then_reference():
    rows = [
        candidate(80, pk=3, population="adults_chronic"),
        candidate(60, pk=2, population="pregnant"),
        candidate(80, pk=1, population="adults_chronic"),
        candidate(90, pk=4, population="adults_chronic"),
    ]
    result = evaluate(rows, RULES)
    assert [v.candidate.pk for v in result.verdicts] == [4, 1, 2, 3]
    assert result.histogram == {90: 1, 80: 3}
    assert result.counts == {Outcome.SELECTED: 4}


def test_cost_leaves_out_who_has_no_amount_and_counts_them():
    rows = [
        candidate(80, pk=1, payment=Decimal("280600.00")),
        candidate(80, pk=2, payment=None),
        candidate(70, pk=3, payment=Decimal("999.00")),
    ]
    result = evaluate(rows, RULES)
    assert (result.cost, result.without_payment) == (Decimal("280600.00"), 1)


def test_nobody_costs_nothing():
    result = evaluate([], RULES)
    assert (result.verdicts, result.cost, result.counts) == ([], Decimal("0.00"), {})


@given(cohorts(), st.integers(0, 130), st.integers(0, 40), st.booleans())
def test_raising_the_threshold_never_adds_anyone(rows, threshold, more, inclusive):
    low = replace(RULES, threshold=threshold, inclusive=inclusive)
    high = replace(low, threshold=threshold + more)
    before = {v.candidate.pk for v in evaluate(rows, low).selected}
    after = {v.candidate.pk for v in evaluate(rows, high).selected}
    assert after <= before
    assert evaluate(rows, high).cost <= evaluate(rows, low).cost


@given(cohorts())
def test_one_candidate_is_judged_as_if_alone(rows):
    alone = {row.pk: replace(judge(row, RULES), rank=0) for row in rows}
    together = evaluate(rows, replace(RULES, budget=None)).verdicts
    assert {v.candidate.pk: replace(v, rank=0) for v in together} == alone


@given(cohorts(), st.integers(0, 130))
def test_cost_is_the_sum_of_who_is_selected_and_counts_add_up(rows, threshold):
    result = evaluate(rows, replace(RULES, threshold=threshold))
    amounts = [v.candidate.payment for v in result.selected]
    assert result.cost == sum((a for a in amounts if a is not None), Decimal(0))
    assert result.without_payment == amounts.count(None)
    assert sum(result.counts.values()) == len(rows) == sum(result.histogram.values())


def test_mix_counts_a_practice_of_two_types_in_each():
    rows = [
        candidate(80, pk=1, practice_types=("fqhc", "small_independent"), hpi_quartile=1),
        candidate(80, pk=2, practice_types=("fqhc",)),
    ]
    verdicts = evaluate(rows, RULES).verdicts
    assert mix(verdicts, "practice_type") == {"fqhc": 2, "small_independent": 1}
    assert mix(verdicts, "hpi_quartile") == {"1": 1}


def test_share_of_nothing_is_nothing():
    assert (share(1, 4), share(0, 0)) == (25.0, 0.0)


def test_rules_are_stored_with_exact_dollars():
    stored = RULES.as_json()
    assert stored["budget"] == "97000000.00"
    assert stored["threshold"] == 77
    assert stored["points"][0] == {
        "attribute": "population",
        "value": "children_youth",
        "points": 12,
    }
