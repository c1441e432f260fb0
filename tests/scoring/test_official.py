import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring import basis, official

CODES = ["1.1", "1.2", "1.3"]


def differ(one, other, **limits):
    sheets = [dict(zip(CODES, points, strict=True)) for points in (one, other)]
    asked = {"limit_total": 9, "limit_criterion": 3} | limits
    return official.difference(sheets, codes=CODES, **asked)


@pytest.mark.parametrize(
    ("one", "other", "spread", "over", "is_over"),
    [
        ((3, 3, 3), (3, 3, 3), 0, (), False),
        ((5, 5, 5), (2, 2, 2), 9, (), False),
        ((5, 5, 5), (2, 2, 1), 10, ("1.3",), True),
        ((5, 0, 3), (1, 4, 3), 0, ("1.1", "1.2"), True),
        ((4, 0, 3), (1, 3, 3), 0, (), False),
    ],
)
def test_difference_is_over_when_it_is_greater_than_a_limit(one, other, spread, over, is_over):
    found = differ(one, other)
    assert (found.spread, found.over, found.is_over) == (spread, over, is_over)


def test_total_may_be_over_where_no_criterion_is():
    found = differ((5, 5, 5), (2, 2, 2), limit_total=8)
    assert (found.over, found.is_over, found.apart) == ((), True, dict.fromkeys(CODES, 3))


def test_one_sheet_never_differs():
    found = official.difference([{"1.1": 5}], codes=CODES, limit_total=0, limit_criterion=0)
    assert (found.spread, found.apart, found.is_over) == (0, {}, False)


def test_third_sheet_counts_for_the_spread():
    sheets = [{"1.1": 1}, {"1.1": 2}, {"1.1": 5}]
    found = official.difference(sheets, codes=CODES, limit_total=9, limit_criterion=3)
    assert (found.apart, found.over) == ({"1.1": 4}, ("1.1",))


@pytest.mark.parametrize(
    ("totals", "way", "expected"),
    [
        ((61,), "lowest", (61, "one_sheet")),
        ((60, 61), "mean_half_up", (61, "mean_of_2")),
        ((60, 61), "lowest", (60, "lowest_of_2")),
        ((60, 61, 70), "highest", (70, "highest_of_3")),
    ],
)
def test_official_score_follows_the_programs_way(totals, way, expected):
    found = official.from_sheets(totals, way)
    assert (found.score, found.basis) == expected
    assert basis.in_words(found.basis)
    assert basis.in_short(found.basis)


def test_official_score_of_nobody_is_refused():
    with pytest.raises(ValueError, match="at least one total"):
        official.from_sheets([], "mean_half_up")


@pytest.mark.parametrize("text", ["", "unknown", "mean_of_x", "median_of_2"])
def test_basis_that_is_not_known_has_no_words(text):
    assert (basis.in_words(text), "median" in basis.in_short(text)) == ("", False)


@given(
    st.lists(st.integers(0, 5), min_size=3, max_size=3),
    st.lists(st.integers(0, 5), min_size=3, max_size=3),
    st.lists(st.integers(0, 5), min_size=3, max_size=3),
)
def test_consensus_total_is_what_both_agree_on_plus_what_was_set(one, other, agreed):
    found = differ(one, other)
    given_points = dict(zip(CODES, agreed, strict=True))
    set_points = {code: given_points[code] for code in found.apart}
    first = dict(zip(CODES, one, strict=True))
    expected = sum(set_points.values()) + sum(
        points for code, points in first.items() if code not in found.apart
    )
    second = dict(zip(CODES, other, strict=True))
    assert official.consensus_total(first, set_points) == expected
    assert official.consensus_total(second, set_points) == expected
