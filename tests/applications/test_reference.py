"""Reference numbers: their form, and the mistypings that the check digit catches."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.reference import reference_for

NUMBERS = st.integers(1, 999_999)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "EPT1-000001-8"),
        (123, "EPT1-000123-0"),
        (719, "EPT1-000719-5"),
        (999_999, "EPT1-999999-6"),
    ],
)
def test_a_reference_has_prefix_number_and_check_digit(number, expected):
    assert reference_for("EPT1", number) == expected


@given(NUMBERS, st.integers(0, 5), st.integers(1, 9))
def test_the_check_digit_changes_with_any_digit(number, place, shift):
    digits = f"{number:06d}"
    wrong = digits[:place] + str((int(digits[place]) + shift) % 10) + digits[place + 1 :]
    assert reference_for("EPT1", int(wrong))[-1] != reference_for("EPT1", number)[-1]
