from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selection.engine import Pool, evaluate, judge_pool
from selection.engine.levelling import levelled, without_severity
from tests.selection.engine.pools import PUBLISHED, candidate, cohorts, rules_for

MOST = 90


@pytest.mark.parametrize(
    ("score", "severity", "found"),
    [
        (70, 0.0, 70),
        (70, -2.4, 72),
        (70, -2.5, 73),
        (70, 2.4, 68),
        (70, 2.5, 68),
        (70, 2.6, 67),
        (89, -3.0, 90),
        (1, 3.0, 0),
    ],
)
def test_a_score_is_moved_by_its_plans_severity_and_rounded(score, severity, found):
    pool = levelled(Pool.of([candidate(score)]), {1: severity}, MOST)
    assert [row.mcp_score for row in pool.candidates] == [found] == pool.scores.tolist()


def test_who_was_scored_by_a_strict_plan_would_enter_and_who_by_a_mild_one_would_leave():
    rows = [candidate(75, pk=1), candidate(78, pk=2), candidate(80, pk=3), candidate(60, pk=4)]
    result = judge_pool(Pool.of(rows), replace(PUBLISHED, points=()))
    found = without_severity(result, {1: -2.0, 2: 2.0, 4: -1.0}, MOST)
    assert [(c.after.candidate.pk, c.enters) for c in found] == [(1, True), (2, False)]
    assert [(c.before.adjusted, c.after.adjusted) for c in found] == [(75, 77), (78, 76)]


@given(st.data())
def test_changes_are_those_of_judging_the_moved_scores(data):
    rows = data.draw(cohorts())
    rules = data.draw(rules_for(rows))
    severity = {row.pk: data.draw(st.floats(-9, 9)) for row in rows}
    result = evaluate(rows, rules)
    moved = judge_pool(levelled(result.pool, severity, MOST), rules)
    before = {v.candidate.pk for v in result.selected}
    after = {v.candidate.pk for v in moved.selected}
    found = without_severity(result, severity, MOST)
    assert {c.after.candidate.pk for c in found if c.enters} == after - before
    assert {c.after.candidate.pk for c in found if not c.enters} == before - after
    assert result.pool.candidates == evaluate(rows, rules).pool.candidates


@given(st.data())
def test_without_severity_nothing_changes(data):
    rows = data.draw(cohorts())
    assert without_severity(evaluate(rows, data.draw(rules_for(rows))), {}, MOST) == []
