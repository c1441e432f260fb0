import pytest
from hypothesis import given
from hypothesis import strategies as st

from selection.engine.intervals import NINETY_FIVE, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 0, 0.0, 1.0),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 10, 0.0179, 0.4042),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_known_intervals(part, whole, low, high):
    found = wilson(part, whole)
    assert found == pytest.approx((low, high), abs=0.0001)


@given(st.integers(1, 10_000), st.data())
def test_the_ends_are_the_shares_at_which_the_count_is_as_far_out_as_can_be(whole, data):
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole)
    assert 0 <= low <= part / whole <= high <= 1
    for end in (low, high):
        if 0 < end < 1:
            error = (end * (1 - end) / whole) ** 0.5
            assert abs(part / whole - end) == pytest.approx(NINETY_FIVE * error, rel=1e-6)


@given(st.integers(1, 500), st.data())
def test_the_other_side_has_the_mirrored_interval(whole, data):
    part = data.draw(st.integers(0, whole))
    low, high = wilson(part, whole)
    assert wilson(whole - part, whole) == pytest.approx((1 - high, 1 - low))
