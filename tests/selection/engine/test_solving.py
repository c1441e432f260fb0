from dataclasses import replace
from decimal import Decimal
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from selection.engine import Pool, Share, judge_pool
from selection.engine.solving import Infeasible, lowest_threshold, smallest_points, with_points
from tests.selection.engine.pools import PUBLISHED, candidate, cohorts, rules_for

MOST = 6
TARGETS = (Share("population", "pregnant", Decimal("0.4")), Share("tribal", "yes", Decimal("0.3")))


def endless(pool, rules, threshold):
    return judge_pool(pool, replace(rules, threshold=threshold, budget=None))


def lowest_by_trying(pool, rules):
    fits = [
        threshold
        for threshold in range(-1 if not rules.inclusive else 0, 140)
        if endless(pool, rules, threshold).cost <= rules.budget
    ]
    lowest = min(fits, default=None)
    if lowest is None or not endless(pool, rules, lowest).is_in.any():
        return None
    return lowest


def brute(pool, rules, targets, fit):
    """Return every vector that reaches the targets, smallest sum first, then smallest maximum."""
    found = []
    for vector in product(range(MOST + 1), repeat=len(targets)):
        tried = with_points(rules, targets, vector)
        threshold = lowest_by_trying(pool, tried) if fit else tried.threshold
        if threshold is None:
            continue
        result = endless(pool, tried, threshold)
        total = int(result.is_in.sum())
        parts = [int((result.is_in & pool.having(t.attribute, t.value)).sum()) for t in targets]
        if total and all(p >= t.minimum * total for p, t in zip(parts, targets, strict=True)):
            found.append((sum(vector), max(vector), vector, threshold, total, result.cost))
    return sorted(found)


@given(st.data())
def test_the_lowest_threshold_is_the_one_found_by_trying_all(data):
    rows = data.draw(cohorts())
    rules = data.draw(rules_for(rows))
    budget = rules.budget if rules.budget is not None else Decimal("500.00")
    rules, pool = replace(rules, budget=budget), Pool.of(rows)
    assert lowest_threshold(pool, rules) == lowest_by_trying(pool, rules)


def test_without_a_budget_there_is_no_lowest_threshold():
    assert lowest_threshold(Pool.of([candidate(80)]), replace(PUBLISHED, budget=None)) is None


@settings(max_examples=40, deadline=None)
@given(st.data(), st.booleans())
def test_the_smallest_points_are_those_found_by_trying_all(data, fit):
    rows = data.draw(cohorts(most=12, highest=12))
    rules = data.draw(rules_for(rows, highest=12))
    rules = replace(rules, budget=rules.budget or Decimal("500.00"))
    pool = Pool.of(rows)
    found = smallest_points(pool, rules, TARGETS, fit=fit, most=MOST)
    tried = brute(pool, rules, TARGETS, fit)
    if not tried:
        assert isinstance(found, Infeasible)
        return
    assert (sum(found.points), max(found.points), found.points) == tried[0][:3]
    assert (found.threshold, found.selected, found.cost) == tried[0][3:]


def test_what_cannot_be_reached_is_named_with_how_near_one_gets():
    rows = [candidate(80, pk=1, population="pregnant"), candidate(90, pk=2), candidate(90, pk=3)]
    wanted = (Share("population", "pregnant", Decimal("0.5")),)
    found = smallest_points(Pool.of(rows), PUBLISHED, wanted, fit=False, most=20)
    assert (found.target, round(found.nearest, 3), found.points) == (wanted[0], 0.333, (0,))
    assert found.tried == 21
