from dataclasses import replace
from decimal import Decimal
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selection.engine import Pin, Pool, Share, judge_pool
from selection.engine.judging import points_of
from selection.engine.optimal import Impossible, best_cohort
from tests.selection.engine.pools import PUBLISHED, candidate, cohorts, rules_for

TARGETS = (
    Share("population", "pregnant", Decimal("0.25"), Decimal("0.75")),
    Share("tribal", "yes", Decimal("0.3")),
)


def allowed(pool, rules, chosen):
    """Whether a choice keeps every condition."""
    if rules.only_recommended:
        free = [
            i
            for i in chosen
            if pool.candidates[i].reference not in {p.reference for p in rules.pins}
        ]
        if any(not pool.recommended[i] for i in free):
            return False
    for pin in rules.pins:
        if (pool.places[pin.reference] in chosen) != pin.selected:
            return False
    if rules.budget is not None and sum(pool.cents[i] for i in chosen) > rules.budget * 100:
        return False
    for target in rules.targets:
        part = sum(bool(pool.having(target.attribute, target.value)[i]) for i in chosen)
        if not chosen or not target.minimum * len(chosen) <= part:
            return False
        if target.maximum is not None and part > target.maximum * len(chosen):
            return False
    return True


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_nothing_better_is_found_by_trying_every_choice(data):
    rows = data.draw(cohorts(most=8).filter(bool))
    rules = data.draw(rules_for(rows))
    rules = replace(rules, targets=data.draw(st.sampled_from([(), TARGETS[:1], TARGETS])))
    pool = Pool.of(rows)
    adjusted = pool.scores + points_of(pool, rules)
    scores = [
        int(sum(adjusted[i] for i in chosen))
        for picks in product((0, 1), repeat=len(rows))
        if allowed(pool, rules, chosen := [i for i, pick in enumerate(picks) if pick])
    ]
    found = best_cohort(pool, rules)
    if not scores:
        assert isinstance(found, Impossible)
        return
    assert (found.score, found.gap, found.cancelled) == (max(scores), 0.0, False)
    assert allowed(pool, rules, np.flatnonzero(found.chosen).tolist())


def test_the_optimum_is_never_worse_than_the_threshold_rule():
    rows = [candidate(60 + n % 30, pk=n, payment=Decimal(n * 37 % 101)) for n in range(1, 60)]
    pool, rules = Pool.of(rows), replace(PUBLISHED, points=(), targets=(), budget=Decimal(700))
    by_line = judge_pool(pool, replace(rules, threshold=0))
    assert best_cohort(pool, rules).score >= int(by_line.adjusted[by_line.is_in].sum())


def test_the_condition_that_can_not_be_kept_is_named_with_what_can_be_had():
    rows = [candidate(80, pk=1, population="pregnant"), candidate(90, pk=2), candidate(90, pk=3)]
    wanted = (
        Share("population", "pregnant", Decimal("0.2")),
        Share("tribal", "yes", Decimal("0.1")),
    )
    found = best_cohort(Pool.of(rows), replace(PUBLISHED, targets=wanted))
    assert found == Impossible(None, ((wanted[1], 0.0),))


def test_a_largest_share_is_kept_and_named_with_the_lowest_that_can_be_had():
    rows = [candidate(90 - n, pk=n, tribal=n <= 3) for n in range(1, 7)]
    rules = replace(PUBLISHED, points=(), targets=(), budget=Decimal("400.00"))
    some = (Share("tribal", "yes", None, Decimal("0.25")),)
    found = best_cohort(Pool.of(rows), replace(rules, targets=some))
    assert [
        row.pk for row, chosen in zip(Pool.of(rows).candidates, found.chosen, strict=True) if chosen
    ] == [1, 4, 5, 6]
    pins = tuple(Pin(row.reference, True, "Because.") for row in rows[:3])
    refused = best_cohort(Pool.of(rows), replace(rules, targets=some, pins=pins))
    assert refused == Impossible(None, ((some[0], 0.75),))


def test_a_budget_too_small_for_the_shares_is_named_with_the_lowest_that_does():
    rows = [
        candidate(80, pk=1, population="pregnant", payment=Decimal("300.25")),
        candidate(90, pk=2, payment=Decimal("100.00")),
        candidate(70, pk=3, payment=Decimal("50.50")),
    ]
    wanted = (Share("population", "pregnant", Decimal("0.5")),)
    rules = replace(PUBLISHED, points=(), targets=wanted, budget=Decimal("300.24"))
    found = best_cohort(Pool.of(rows), rules)
    assert found == Impossible(Decimal("300.25"), ((wanted[0], 0.0),))
    [fits] = [best_cohort(Pool.of(rows), replace(rules, budget=Decimal("300.25")))]
    assert (fits.score, fits.cost) == (80, Decimal("300.25"))


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_what_stands_in_the_way_is_what_trying_every_choice_says(data):
    rows = data.draw(cohorts(most=7).filter(bool))
    rules = data.draw(rules_for(rows))
    wanted = (
        Share("population", "pregnant", Decimal("0.9")),
        Share("tribal", "yes", Decimal("0.8")),
    )
    rules = replace(rules, targets=wanted)
    pool = Pool.of(rows)
    found = best_cohort(pool, rules)
    if not isinstance(found, Impossible):
        return
    choices = [
        [i for i, pick in enumerate(picks) if pick] for picks in product((0, 1), repeat=len(rows))
    ]

    def kept(changed):
        return [one for one in choices if one and allowed(pool, changed, one)]

    costs = [int(pool.cents[one].sum()) for one in kept(replace(rules, budget=None))]
    budget_is_it = rules.budget is not None and costs
    assert found.needed == (Decimal(min(costs)).scaleb(-2) if budget_is_it else None)
    expected = []
    for target in wanted:
        others = tuple(other for other in wanted if other != target)
        has = pool.having(target.attribute, target.value)
        shares = [has[one].mean() for one in kept(replace(rules, targets=others))]
        if shares:
            expected.append((target, pytest.approx(max(shares))))
    assert list(found.nearest) == expected


def test_the_time_is_for_the_whole_search():
    rows = [
        candidate(60 + n * 7 % 31, pk=n, payment=Decimal(1000 + n * n * 7919 % 997))
        for n in range(1, 400)
    ]
    rules = replace(PUBLISHED, targets=(), budget=Decimal("100000.01"))
    assert best_cohort(Pool.of(rows), rules, seconds=0.0) is None


def test_the_search_is_ended_by_who_listens():
    rows = [
        candidate(60 + n * 7 % 31, pk=n, payment=Decimal(1000 + n * n * 7919 % 997))
        for n in range(1, 400)
    ]
    pool, rules = Pool.of(rows), replace(PUBLISHED, targets=(), budget=Decimal("100000.01"))
    heard = []

    def stop(progress):
        heard.append(progress)
        return False

    found = best_cohort(pool, rules, tell=stop)
    assert heard
    assert found is None or found.cancelled
