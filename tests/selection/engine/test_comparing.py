from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selection.engine import Pin, Pool, judge_pool
from selection.engine.comparing import Cause, compare
from tests.selection.engine.pools import PUBLISHED, candidate, cohorts, points, rules_for

ROWS = [
    candidate(80, pk=1),
    candidate(77, pk=2, members=1),
    candidate(76, pk=3),
    candidate(60, pk=4, population="pregnant"),
    candidate(90, pk=5, recommended=False),
    candidate(77, pk=6, members=2),
]
TIGHT = replace(PUBLISHED, points=(), budget=Decimal("200.00"))
WIDE = replace(PUBLISHED, points=(), budget=Decimal("9999.00"))


@pytest.mark.parametrize(
    ("before", "changes", "entered", "left", "cause"),
    [
        (WIDE, {"threshold": 76}, [3], [], Cause.THRESHOLD),
        (WIDE, {"inclusive": False}, [], [2, 6], Cause.THRESHOLD),
        (WIDE, {"points": (points("population", "pregnant", 20),)}, [4], [], Cause.POINTS),
        (WIDE, {"only_recommended": False}, [5], [], Cause.RECOMMENDED),
        (WIDE, {"budget": Decimal("200.00")}, [], [6], Cause.BUDGET),
        (TIGHT, {"tie_break": ("members",)}, [6], [2], Cause.TIE),
        (WIDE, {"pins": (Pin(ROWS[0].reference, False, "Why."),)}, [], [1], Cause.PIN),
        (
            WIDE,
            {"threshold": 78, "points": (points("population", "pregnant", 18),)},
            [4],
            [2, 6],
            Cause.THRESHOLD,
        ),
    ],
)
def test_each_change_is_the_cause_of_its_moves(before, changes, entered, left, cause):
    pool = Pool.of(ROWS)
    found = compare(judge_pool(pool, before), judge_pool(pool, replace(before, **changes)))
    assert sorted(move.after.candidate.pk for move in found.entered) == entered
    assert sorted(move.after.candidate.pk for move in found.left) == left
    assert {m.cause for m in (found.left or found.entered)} == {cause}
    assert found.more == len(entered) - len(left)
    assert found.cost == 100 * Decimal(found.more)


def test_what_no_change_moves_alone_is_moved_together():
    rows = [candidate(70, pk=1, recommended=False)]
    pool = Pool.of(rows)
    after = replace(WIDE, threshold=70, only_recommended=False)
    [move] = compare(judge_pool(pool, WIDE), judge_pool(pool, after)).moves
    assert (move.entered, move.cause) == (True, Cause.TOGETHER)


@given(st.data())
def test_moves_are_exactly_who_is_in_under_one_only(data):
    rows = data.draw(cohorts())
    one, other = (judge_pool(Pool.of(rows), data.draw(rules_for(rows))) for _ in range(2))
    found = compare(one, other)
    before = {v.candidate.pk for v in one.selected}
    after = {v.candidate.pk for v in other.selected}
    assert {m.after.candidate.pk for m in found.entered} == after - before
    assert {m.after.candidate.pk for m in found.left} == before - after
    assert found.cost == other.cost - one.cost


def test_results_of_different_pools_are_refused():
    one, other = (judge_pool(Pool.of(ROWS[:n]), WIDE) for n in (2, 3))
    with pytest.raises(ValueError, match="different pools"):
        compare(one, other)
