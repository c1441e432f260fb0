from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selection.engine import Pin, Pool, Share, judge_pool
from selection.engine.solving import (
    Infeasible,
    Nearest,
    Stopped,
    least_cost,
    lowest_threshold,
    smallest_points,
    with_points,
)
from tests.selection.engine.pools import PUBLISHED, candidate, cohorts, rules_for

MOST = 6
LEAST = (Share("population", "pregnant", Decimal("0.4")), Share("tribal", "yes", Decimal("0.3")))
MIXED = (
    Share("population", "pregnant", Decimal("0.2"), Decimal("0.6")),
    Share("practice_type", "fqhc", None, Decimal("0.5")),
    Share("tribal", "yes", Decimal("0.3")),
)
PINNED_ALONE = (
    [
        candidate(0, pk=1, recommended=False, payment=None),
        candidate(0, pk=2, recommended=False, payment=Decimal("500.01")),
    ],
    replace(
        PUBLISHED,
        points=(),
        threshold=0,
        budget=Decimal("500.00"),
        inclusive=False,
        only_recommended=False,
        pins=(Pin("EPT1-000001-0", True, "Because."),),
    ),
)


def endless(pool, rules, threshold):
    return judge_pool(pool, replace(rules, threshold=threshold, budget=None))


def lowest_by_trying(pool, rules):
    for threshold in range(140):
        result = endless(pool, rules, threshold)
        if result.cost <= rules.budget:
            return threshold if result.is_in.any() else None
    return None


def keeps(result, target):
    """Whether a result keeps a share, in fractions."""
    total = int(result.is_in.sum())
    part = int((result.is_in & result.pool.having(target.attribute, target.value)).sum())
    share = Fraction(part, total)
    at_least = target.minimum is None or share >= Fraction(target.minimum)
    return at_least and (target.maximum is None or share <= Fraction(target.maximum))


def tried(pool, rules, targets, fit):
    """Return every vector that leads to somebody, with its result, smallest sum and maximum first."""
    lifted = [target for target in targets if target.minimum is not None]
    found = []
    for vector in product(range(MOST + 1), repeat=len(lifted)):
        changed = with_points(rules, lifted, vector)
        threshold = lowest_by_trying(pool, changed) if fit else changed.threshold
        if threshold is None:
            continue
        result = endless(pool, changed, threshold)
        if result.is_in.any():
            found.append((sum(vector), max(vector), vector, threshold, result))
    return sorted(found, key=lambda row: row[:3])


@st.composite
def questions(draw):
    rows = draw(cohorts(most=12, highest=12))
    rules = draw(rules_for(rows, highest=12))
    rules = replace(rules, budget=rules.budget or Decimal("500.00"))
    return (
        Pool.of(rows),
        rules,
        draw(st.sampled_from([LEAST, MIXED, LEAST[:1]])),
        draw(st.booleans()),
    )


@given(st.data())
def test_the_lowest_threshold_is_the_one_found_by_trying_all(data):
    rows = data.draw(cohorts())
    rules = data.draw(rules_for(rows))
    budget = rules.budget if rules.budget is not None else Decimal("500.00")
    rules, pool = replace(rules, budget=budget), Pool.of(rows)
    assert lowest_threshold(pool, rules) == lowest_by_trying(pool, rules)


def test_who_is_pinned_in_is_a_list_when_no_score_fits():
    rows, rules = PINNED_ALONE
    assert lowest_threshold(Pool.of(rows), rules) == lowest_by_trying(Pool.of(rows), rules) == 0


def test_without_a_budget_there_is_no_lowest_threshold():
    assert lowest_threshold(Pool.of([candidate(80)]), replace(PUBLISHED, budget=None)) is None


@settings(max_examples=40, deadline=None)
@given(questions())
def test_the_smallest_points_are_those_found_by_trying_all(question):
    pool, rules, targets, fit = question
    found = smallest_points(pool, rules, targets, fit=fit, most=MOST)
    answers = [
        row
        for row in tried(pool, rules, targets, fit)
        if all(keeps(row[-1], target) for target in targets)
    ]
    if not answers:
        assert isinstance(found, Infeasible)
        return
    total, largest, vector, threshold, result = answers[0]
    assert (sum(found.points), max(found.points), found.points) == (total, largest, vector)
    assert (found.threshold, found.selected) == (threshold, int(result.is_in.sum()))
    assert found.cost == result.cost
    for share, target in zip(found.shares, targets, strict=True):
        part = (result.is_in & pool.having(target.attribute, target.value)).sum()
        assert share == int(part) / found.selected


@settings(max_examples=40, deadline=None)
@given(questions())
def test_what_stands_in_the_way_is_what_trying_all_says(question):
    pool, rules, targets, fit = question
    found = smallest_points(pool, rules, targets, fit=fit, most=MOST)
    rows = tried(pool, rules, targets, fit)
    if not isinstance(found, Infeasible):
        return
    assert (found.needed is None) == bool(rows) or least_cost(pool, rules) is None
    others = {
        target: [r for r in rows if all(keeps(r[-1], t) for t in targets if t is not target)]
        for target in targets
    }
    if any(others.values()):
        assert [(one.target, one.others_kept) for one in found.nearest] == [
            (target, True) for target, kept in others.items() if kept
        ]
    for one in found.nearest:
        pool_of_tries = others[one.target] if one.others_kept else rows
        assert one.share in {share_of(row[-1], one.target) for row in pool_of_tries}
        assert outside(one.share, one.target) == min(
            outside(share_of(row[-1], one.target), one.target) for row in pool_of_tries
        )


def share_of(result, target):
    part = (result.is_in & result.pool.having(target.attribute, target.value)).sum()
    return int(part) / int(result.is_in.sum())


def outside(share, target):
    low = float(target.minimum) - share if target.minimum is not None else 0.0
    high = share - float(target.maximum) if target.maximum is not None else 0.0
    return max(low, high, 0.0)


def test_what_cannot_be_reached_is_named_with_how_near_one_gets():
    rows = [candidate(80, pk=1, population="pregnant"), candidate(90, pk=2), candidate(90, pk=3)]
    wanted = (Share("population", "pregnant", Decimal("0.5")),)
    found = smallest_points(Pool.of(rows), PUBLISHED, wanted, fit=False, most=20)
    nearest = Nearest(wanted[0], 1 / 3, (0,), PUBLISHED.threshold, others_kept=True)
    assert found == Infeasible((nearest,), None, 21)


def test_a_budget_that_pays_for_nobody_is_named_with_what_the_shortest_list_costs():
    rows = [candidate(80, pk=1), candidate(80, pk=2), candidate(70, pk=3)]
    rules = replace(PUBLISHED, budget=Decimal("199.99"))
    found = smallest_points(Pool.of(rows), rules, LEAST[:1], fit=True, most=3)
    assert found == Infeasible((), Decimal("200.00"), 4)
    assert lowest_threshold(Pool.of(rows), rules) is None


def test_a_search_that_is_ended_says_up_to_which_sum_nothing_was_found():
    rows = [candidate(80, pk=n, practice_types=("fqhc",)) for n in range(5)]
    wanted = (*LEAST, Share("practice_type", "fqhc", Decimal("0.1")))
    heard = []

    def go_on(tried, below):
        heard.append((tried, below))
        return below < 3

    found = smallest_points(Pool.of(rows), PUBLISHED, wanted, fit=False, go_on=go_on)
    assert found == Stopped(below=3, tried=1 + 3 + 6)
    assert heard == [(1, 1), (4, 2), (10, 3)]


def test_more_than_four_lifted_values_are_refused():
    wanted = [Share("county", name, Decimal("0.1")) for name in "ABCDE"]
    with pytest.raises(ValueError, match="5 values"):
        smallest_points(Pool.of([candidate(80)]), PUBLISHED, wanted, fit=False)
