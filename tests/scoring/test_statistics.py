import warnings
from itertools import combinations

import krippendorff
import numpy as np
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.statistics import (
    AllTheSame,
    TooFew,
    distribution,
    icc1,
    mean_difference,
    ordinal_alpha,
    ranks,
    same_everywhere,
    severity,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of the oracle's own imports
    import pingouin

rows_of_points = st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=4), min_size=10)


def flat(table):
    """Return units, raters and points of a list of lists (a unit's scores by rater)."""
    cells = [(u, r, p) for u, row in enumerate(table) for r, p in enumerate(row)]
    return tuple(zip(*cells, strict=True))


def simulated(units=200, raters=12, noise=0.6, seed=3):
    """Return units, raters, points and the raters' true severity: 1 to 3 scores a unit."""
    draw = np.random.default_rng(seed)
    true, severe = draw.normal(45, 10, units), draw.normal(0, 4, raters)
    cells = []
    for unit in range(units):
        for rater in draw.choice(raters, draw.integers(1, 4), replace=False):
            points = true[unit] + severe[rater] + draw.normal(0, noise * 5)
            cells.append((unit, int(rater), float(points)))
    return *zip(*cells, strict=True), severe


def alpha_of_oracle(table):
    width = max(len(row) for row in table)
    matrix = np.full((width, len(table)), np.nan)
    for unit, row in enumerate(table):
        matrix[: len(row), unit] = row
    return krippendorff.alpha(matrix, level_of_measurement="ordinal")


@settings(max_examples=60, deadline=None)
@given(rows_of_points.filter(lambda table: len({p for row in table for p in row}) > 1))
def test_alpha_is_krippendorffs(table):
    units, _raters, points = flat(table)
    found = ordinal_alpha(units, points, rounds=20)
    assert found.value == pytest.approx(alpha_of_oracle(table), abs=1e-9)
    assert found.units == len(table)


def test_single_scores_count_for_nothing():
    table = [[n % 5, (n + n % 2) % 5] for n in range(15)]
    units, _raters, points = flat(table)
    alone = ordinal_alpha(units, points)
    more = ordinal_alpha([*units, "x", "y"], [*points, 0, 9])
    assert more == alone


def test_bootstrap_is_repeatable_and_holds_the_value():
    units, _raters, points = flat([[n % 6, (n + (n % 3 == 0)) % 6] for n in range(60)])
    first = ordinal_alpha(units, points, seed=1)
    assert first == ordinal_alpha(units, points, seed=1)
    assert first.low < first.value < first.high <= 1
    wide = ordinal_alpha(units[:24], points[:24], seed=1)
    assert wide.high - wide.low > first.high - first.low


@pytest.mark.parametrize("measure", [ordinal_alpha, icc1])
def test_agreement_needs_ten_units_and_some_difference(measure):
    units, _raters, points = flat([[n % 5, n % 5] for n in range(9)])
    with pytest.raises(TooFew) as few:
        measure([*units, 99], [*points, 3])
    assert (few.value.found, few.value.needed) == (9, 10)
    with pytest.raises(AllTheSame):
        measure(list(range(12)) * 2, [4] * 24)


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")  # of the oracle's own code
@pytest.mark.parametrize(("units", "raters"), [(10, 2), (10, 4), (30, 2), (60, 3)])
def test_icc_is_pingouins(units, raters):
    draw = np.random.default_rng(units * raters)
    table = draw.normal(0, 5, (units, 1)) + draw.normal(0, 4, (units, raters))
    unit, rater, points = flat(table.tolist())
    data = pandas.DataFrame({"unit": unit, "rater": rater, "points": points})
    oracle = pingouin.intraclass_corr(data, targets="unit", raters="rater", ratings="points")
    one = oracle.set_index("Type").loc["ICC(1,1)"]
    found = icc1(unit, points)
    assert found.value == pytest.approx(one["ICC"], abs=1e-6)
    interval = one["CI95"]
    assert [found.low, found.high] == pytest.approx(list(interval), abs=0.08)


def test_icc_of_unequal_groups_is_near_the_true_share():
    draw = np.random.default_rng(5)
    cells = []
    for unit in range(600):
        level = draw.normal(0, 3)
        cells += [(unit, level + draw.normal(0, 4)) for _one in range(2 + unit % 3)]
    units, points = zip(*cells, strict=True)
    found = icc1(units, points)
    assert found.value == pytest.approx(9 / 25, abs=0.05)
    assert found.low < 9 / 25 < found.high


def test_mean_difference_counts_each_unit_once():
    units, points = [1, 1, 2, 2, 2, 3], [10, 14, 0, 3, 6, 90]
    assert mean_difference(units, points) == pytest.approx((4 + (3 + 6 + 3) / 3) / 2)
    with pytest.raises(TooFew):
        mean_difference([1, 2], [3, 4])


@settings(max_examples=40, deadline=None)
@given(rows_of_points)
def test_mean_difference_is_that_of_all_pairs(table):
    units, _raters, points = flat(table)
    each = [np.mean([abs(a - b) for a, b in combinations(row, 2)]) for row in table]
    assert mean_difference(units, points) == pytest.approx(float(np.mean(each)))


def least_squares(units, raters, points):
    """Return the raters' effects of unit + rater with the weighted mean 0, by a general solver."""
    unit, rater = np.array(units), np.array(raters)
    design = np.zeros((len(unit), unit.max() + 1 + rater.max() + 1))
    design[np.arange(len(unit)), unit] = 1
    design[np.arange(len(unit)), unit.max() + 1 + rater] = 1
    effect = np.linalg.lstsq(design, np.array(points), rcond=None)[0][unit.max() + 1 :]
    return effect - np.average(effect, weights=np.bincount(rater))


@pytest.mark.parametrize("seed", range(3))
def test_raw_severity_is_the_least_squares_of_shared_units(seed):
    units, raters, points, _true = simulated(units=60, seed=seed)
    shared = [n for n, unit in enumerate(units) if units.count(unit) > 1]
    pick = [[column[n] for n in shared] for column in (units, raters, points)]
    numbered = {unit: n for n, unit in enumerate(sorted(set(pick[0])))}
    expected = least_squares([numbered[unit] for unit in pick[0]], pick[1], pick[2])
    found = severity(units, raters, points)
    assert {one.rater: one.raw for one in found} == pytest.approx(
        {one.rater: expected[one.rater] for one in found}, abs=1e-5
    )


def test_severity_finds_who_is_severe():
    units, raters, points, true = simulated()
    found = severity(units, raters, points)
    assert {one.rater for one in found} == set(range(12))
    severe = true - true.mean()
    errors = [one.adjusted - severe[one.rater] for one in found]
    assert np.sqrt(np.mean(np.square(errors))) < 1
    assert all(abs(one.adjusted) <= abs(one.raw) for one in found)


def test_shrinking_comes_nearer_to_the_truth_where_scores_are_few():
    raw, adjusted = [], []
    for seed in range(30):
        draw = np.random.default_rng(seed)
        true = draw.normal(0, 2, 20)
        raters = [r for r in range(20) for _one in range(6)]
        points = [50 + true[r] + draw.normal(0, 8) for r in raters]
        for one in severity(range(len(raters)), raters, points):
            raw.append((one.raw - true[one.rater]) ** 2)
            adjusted.append((one.adjusted - true[one.rater]) ** 2)
    assert np.mean(adjusted) < 0.6 * np.mean(raw)


def test_raters_without_a_shared_unit_are_compared_with_everybody():
    """Each application is scored by one plan: the only comparison is with the mean of all."""
    plans = ["A"] * 5 + ["B"] * 5 + ["C"] * 4
    found = severity(range(14), plans, [40.0] * 5 + [50.0] * 5 + [45.0] * 4)
    assert [(one.rater, one.scores) for one in found] == [("A", 5), ("B", 5)]
    assert [one.raw for one in found] == pytest.approx([-5, 5])


def test_groups_that_share_nothing_are_compared_within():
    units = [n for n in range(10) for _one in range(2)] + [n + 10 for n in range(10) for _ in "ab"]
    raters = ["a", "b"] * 10 + ["c", "d"] * 10
    points = [10.0, 20.0] * 10 + [60.0, 64.0] * 10
    raw = {one.rater: one.raw for one in severity(units, raters, points)}
    assert raw == pytest.approx({"a": -5, "b": 5, "c": -2, "d": 2})


def test_severity_needs_two_raters_with_five_scores():
    with pytest.raises(TooFew) as few:
        severity(range(9), ["a"] * 5 + ["b"] * 4, [1.0] * 9)
    assert (few.value.found, few.value.needed) == (1, 2)
    with pytest.raises(TooFew):
        severity([], [], [])


def test_all_scores_the_same_make_nobody_severe():
    found = severity(range(12), ["a", "b"] * 6, [7.0] * 12)
    assert [(one.raw, one.adjusted) for one in found] == [(0, 0), (0, 0)]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1000), st.integers(-20, 20))
def test_severity_does_not_know_the_level_of_the_points(seed, shift):
    units, raters, points, _true = simulated(units=40, raters=5, seed=seed)
    first = {one.rater: one.raw for one in severity(units, raters, points)}
    again = {one.rater: one.raw for one in severity(units, raters, [p + shift for p in points])}
    assert again == pytest.approx(first, abs=1e-5)


def test_same_everywhere_names_who_has_one_answer_to_everything():
    raters = ["a"] * 5 + ["b"] * 5 + ["c"] * 4
    assert same_everywhere(raters, [3] * 5 + [3, 3, 3, 3, 4] + [5] * 4) == ["a"]
    assert same_everywhere([], []) == []


def test_distribution_counts_every_value_there_can_be():
    assert distribution([0, 5, 5, 3], 5) == [1, 0, 0, 1, 0, 2]
    assert distribution([], 5) == [0] * 6


@given(st.lists(st.integers(0, 90)))
def test_rank_is_one_more_than_who_is_higher(values):
    assert ranks(values) == [1 + sum(other > value for other in values) for value in values]


@pytest.mark.parametrize(("highest", "size"), [(5, 2), (5, 3), (60, 2)])
def test_samples_drawn_together_are_those_drawn_one_by_one(highest, size):
    rng = np.random.default_rng(5)
    table = np.clip(rng.integers(0, highest, (40, 1)) + rng.integers(0, 3, (40, size)), 0, highest)
    draw = np.random.default_rng(7)
    one_by_one = [
        krippendorff.alpha(
            table[draw.integers(0, 40, 40)].T,
            value_domain=np.arange(highest + 1),
            level_of_measurement="ordinal",
        )
        for _round in range(30)
    ]
    found = ordinal_alpha(np.repeat(np.arange(40), size), table.ravel(), seed=7, rounds=30)
    assert [found.low, found.high] == pytest.approx(np.percentile(one_by_one, (2.5, 97.5)))
