import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.packaged import packaged_definition
from scoring import rubric

CODES = [criterion.code for criterion in packaged_definition().criteria()]


@pytest.mark.parametrize(
    ("totals", "score"),
    [
        ([0], 0),
        ([90], 90),
        ([0, 1], 1),
        ([80, 81], 81),
        ([81, 82], 82),
        ([70, 70, 71], 70),
        ([70, 71, 71], 71),
        ([60, 61, 61, 60], 61),
        ([90, 89], 90),
        ([10, 90], 50),
    ],
)
def test_official_score_is_the_mean_rounded_half_up(totals, score):
    assert rubric.official_score(totals) == score


def test_official_score_of_nobody_is_refused():
    with pytest.raises(ValueError, match="at least one total"):
        rubric.official_score([])


@given(st.lists(st.integers(0, 90), min_size=1, max_size=5))
def test_official_score_is_within_half_a_point_of_the_mean_and_never_below_it(totals):
    score = rubric.official_score(totals)
    distance = score * len(totals) - sum(totals)
    assert -len(totals) < 2 * distance <= len(totals)
    assert rubric.official_score(totals[::-1]) == score


@pytest.mark.parametrize(
    ("points", "total"),
    [
        ({}, 0),
        ({"1.1": None}, 0),
        ({"1.1": 0, "1.2": None, "1.3": 5}, 5),
        (dict.fromkeys(CODES, 5), 90),
    ],
)
def test_total_adds_what_was_given(points, total):
    assert rubric.total_of(points) == total


def test_not_given_lists_absent_and_empty_points_in_the_order_of_the_rubric():
    points = dict.fromkeys(CODES, 0)
    points[CODES[3]] = None
    del points[CODES[0]]
    assert rubric.not_given(points, packaged_definition().rubric) == [CODES[0], CODES[3]]
    assert rubric.not_given(dict.fromkeys(CODES, 0), packaged_definition().rubric) == []


@pytest.mark.parametrize(
    ("value", "comment", "silent"),
    [
        (0, "", ["1.1"]),
        (5, "", ["1.1"]),
        (5, " \n\t ", ["1.1"]),
        (0, "No plan is named.", []),
        (3, "", []),
        (None, "", []),
    ],
)
def test_comment_is_needed_at_the_ends_of_the_scale(value, comment, silent):
    found = rubric.without_comment({"1.1": value}, {"1.1": comment}, [0, 5])
    assert found == silent
    assert rubric.without_comment({"1.1": value}, {"1.1": comment}, []) == []


@pytest.mark.parametrize(("totals", "spread"), [([], 0), ([44], 0), ([70, 61, 66], 9)])
def test_spread_is_the_distance_between_the_ends(totals, spread):
    assert rubric.spread(totals) == spread
