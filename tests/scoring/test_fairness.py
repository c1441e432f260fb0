import numpy as np
import pytest

from scoring.fairness import (
    Refused,
    Same,
    Sheet,
    Standing,
    official_scores,
    plan_severity,
    report,
    standings,
)

MAXIMA = {"1.1": 5, "1.2": 5}


def sheet(application, reviewer, points, *, plan=1, third=False, official=None):
    given = dict(zip(MAXIMA, points, strict=True))
    return Sheet(application, plan, reviewer, third, sum(points), official, given)


def pairs(units=12, shift=0):
    """Two reviewers on every application; the second gives `shift` points less on 1.1."""
    rows = []
    for unit in range(units):
        points = (2 + unit % 4, unit % 6)
        rows.append(sheet(unit, "mild", points))
        rows.append(sheet(unit, "strict", (points[0] - shift, points[1])))
    return rows


def test_sheets_that_agree_have_alpha_one_and_no_difference():
    found = report(pairs(), MAXIMA, all_plans=False)
    assert (found.sheets, found.applications, found.twice) == (24, 12, 12)
    assert (found.total.alpha.value, found.total.difference) == (1, 0)
    assert [row.code for row in found.criteria] == ["1.1", "1.2"]
    assert found.criteria[0].counts == [0, 0, 6, 6, 6, 6]


def test_strict_reviewer_is_named_and_the_score_is_adjusted_by_both():
    found = report(pairs(shift=2), MAXIMA, all_plans=False)
    assert found.crossed
    assert [(one.rater, round(one.raw, 6)) for one in found.reviewers] == [
        ("strict", -1),
        ("mild", 1),
    ]
    assert {row.adjusted - row.raw for row in found.standings} <= {0.0, 0.5, -0.5}


def test_third_readers_count_for_the_spread_only():
    third = [sheet(unit, "third", (0, 0), third=True) for unit in range(12)]
    plain, found = (report(rows, MAXIMA, all_plans=False) for rows in (pairs(), pairs() + third))
    assert (found.sheets, found.third, found.applications) == (36, 12, 12)
    assert found.total.alpha == plain.total.alpha
    assert found.reviewers == plain.reviewers
    assert found.standings == plain.standings
    assert found.criteria[0].counts == [12, 0, 6, 6, 6, 6]


@pytest.mark.parametrize("units", [1, 9])
def test_agreement_is_refused_below_ten_applications_with_two_sheets(units):
    found = report(pairs(units), MAXIMA, all_plans=False)
    assert (found.total.alpha, found.total.icc) == (Refused(units, 10), Refused(units, 10))
    assert found.total.difference == 0


def test_agreement_is_refused_when_every_score_is_the_same():
    rows = [sheet(unit, rater, (3, 3)) for unit in range(12) for rater in ("a", "b")]
    found = report(rows, MAXIMA, all_plans=False)
    assert found.total.alpha == Refused()
    assert found.same == [Same("a", 12, True, 2), Same("b", 12, True, 2)]


def test_nothing_is_compared_or_adjusted_with_one_reviewer():
    rows = [sheet(unit, "only", (unit % 5, 1)) for unit in range(12)]
    found = report(rows, MAXIMA, all_plans=False)
    assert (found.reviewers, found.standings, found.lonely) == (Refused(1, 2), [], 1)
    assert found.same == [Same("only", 12, False, 1)]


def test_no_sheets_no_figures():
    found = report([], MAXIMA, all_plans=True)
    assert (found.sheets, found.standings) == (0, [])
    assert (found.plans, found.reviewers) == (Refused(0, 2), Refused(0, 2))
    assert found.total.alpha == Refused(0, 10)


def test_reviewers_are_compared_within_their_plan():
    """Plan 2 scores 3 points less; its reviewers are alike, so neither of them is strict."""
    rows = [
        sheet(f"{plan}-{unit}", f"{plan}{rater}", (unit % 3 + 3 * (plan == 1), 0), plan=plan)
        for plan in (1, 2)
        for unit in range(12)
        for rater in ("a", "b")
    ]
    found = report(rows, MAXIMA, all_plans=True)
    assert {round(one.raw, 9) for one in found.reviewers} == {0}
    assert [(one.rater, round(one.raw, 9)) for one in found.plans] == [(2, -1.5), (1, 1.5)]
    strict, mild = (one.adjusted for one in found.plans)
    by_pk = {row.application: row for row in found.standings}
    assert by_pk["1-0"].adjusted == round(by_pk["1-0"].raw - mild, 1)
    assert by_pk["2-0"].adjusted == round(by_pk["2-0"].raw - strict, 1)


def test_standing_of_equal_scores_is_shared_and_changes_add_up():
    found = standings({10: 70, 11: 70, 12: 60}, {12: -15.04})
    assert found == [
        Standing(10, 70, 70, 1, 2),
        Standing(11, 70, 70, 1, 2),
        Standing(12, 60, 75.0, 3, 1),
    ]
    assert [row.change for row in found] == [-1, -1, 2]


def test_score_is_the_confirmed_one_else_the_mean_half_up():
    rows = [sheet(1, "a", (4, 3)), sheet(1, "b", (4, 4)), sheet(2, "a", (1, 1), official=9)]
    assert official_scores(rows) == {1: 8, 2: 9}


def test_plans_need_five_applications_each():
    rows = [(unit, unit % 2, 50 + unit) for unit in range(9)]
    assert plan_severity(rows) == Refused(1, 2)
    assert plan_severity([]) == Refused(0, 2)
    assert [one.rater for one in plan_severity([*rows, (9, 1, 90)])] == [0, 1]


def test_figures_are_the_same_each_time():
    draw = np.random.default_rng(5)
    rows = [
        sheet(unit, rater, tuple(int(v) for v in draw.integers(0, 6, 2)))
        for unit in range(30)
        for rater in ("a", "b", "c")
    ]
    assert report(rows, MAXIMA, all_plans=True) == report(rows, MAXIMA, all_plans=True)
