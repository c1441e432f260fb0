from dataclasses import replace
from decimal import Decimal
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from selection.engine import Pool, Share, judge_pool
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
    assert found == Impossible(wanted[1], 0.0)


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
