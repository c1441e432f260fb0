from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from selection.engine import Pin, Pool, Share, judge_pool
from selection.engine.measuring import (
    Step,
    cost_curve,
    met_targets,
    mix_of,
    mix_of_sizes,
    near_line,
    next_point,
    ties_at_cut,
)
from tests.selection.engine.pools import PUBLISHED, candidate, cohorts, rules_for


@st.composite
def results(draw):
    rows = draw(cohorts())
    return judge_pool(Pool.of(rows), draw(rules_for(rows)))


def endless(result, threshold):
    return judge_pool(result.pool, replace(result.rules, threshold=threshold, budget=None))


@given(results())
def test_the_curve_is_what_each_threshold_brings(result):
    for step in cost_curve(result):
        found = endless(result, step.threshold)
        assert (step.selected, step.cost) == (int(found.is_in.sum()), found.cost)


@given(results())
def test_one_point_less_adds_what_judging_again_adds(result):
    here, step = endless(result, result.rules.threshold), next_point(result)
    if result.rules.threshold == 0:
        assert step is None
        return
    below = endless(result, result.rules.threshold - 1)
    assert step.selected == int(below.is_in.sum()) - int(here.is_in.sum())
    assert step.cost == below.cost - here.cost


def test_one_point_below_the_highest_who_is_put_in_counts_before_and_after():
    rows = [candidate(80, pk=1), candidate(79, pk=2), candidate(10, pk=3)]
    pins = (Pin(rows[2].reference, True, "Because."),)
    rules = replace(PUBLISHED, points=(), threshold=81, pins=pins)
    assert next_point(judge_pool(Pool.of(rows), rules)) == Step(80, 1, Decimal("100.00"))
    assert next_point(judge_pool(Pool.of(rows), replace(rules, threshold=90))) == Step(
        89, 0, Decimal(0)
    )


@given(results(), st.sampled_from(["population", "practice_type", "tribal", "hpi_quartile"]))
def test_every_part_of_the_mix_is_counted(result, attribute):
    chosen = [v.candidate for v in result.selected]
    for part in mix_of(result, attribute):
        has = [c for c in result.pool.candidates if part.value in c.facts.values_of(attribute)]
        assert part.pool == len(has)
        assert part.selected == sum(c in chosen for c in has)
    assert sum(part.pool for part in mix_of_sizes(result)) == len(result.pool)


@given(results(), st.integers(0, 5))
def test_near_the_line_is_who_is_that_close(result, within):
    near = {v.rank for v in result.verdicts_at(near_line(result, within))}
    assert near == {
        v.rank for v in result.verdicts if abs(v.adjusted - result.rules.line) <= within
    }


def test_ties_at_the_cut_are_those_with_the_score_where_money_ended():
    rows = [candidate(80, pk=1), candidate(77, pk=2), candidate(77, pk=3), candidate(76, pk=4)]
    rules = replace(PUBLISHED, points=(), budget=Decimal("200.00"))
    found = judge_pool(Pool.of(rows), rules)
    assert [v.candidate.pk for v in found.verdicts_at(ties_at_cut(found))] == [2, 3]
    assert len(ties_at_cut(judge_pool(Pool.of(rows), replace(rules, budget=None)))) == 0


def test_a_share_exactly_at_its_target_keeps_it():
    rows = [candidate(80, pk=n, tribal=n <= 2) for n in range(1, 6)]
    wanted = (
        Share("tribal", "yes", Decimal("0.4"), Decimal("0.4")),
        Share("population", "pregnant", None, Decimal("0.1")),
        Share("tribal", "no", Decimal("0.61")),
    )
    found = judge_pool(Pool.of(rows), replace(PUBLISHED, points=(), targets=wanted))
    assert met_targets(found) == {
        ("tribal", "yes"): (0.4, True),
        ("population", "pregnant"): (0.0, True),
        ("tribal", "no"): (0.6, False),
    }
