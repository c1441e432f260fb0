from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import DomainError
from programs.packaged import packaged_definition
from programs.payment import (
    PaymentError,
    band_for,
    milestone_schedule,
    per_milestone,
    potential_payment,
)

BANDS = packaged_definition().payment.bands

# Members, band, dollars per member, total, per milestone for 25 and for 23.
VECTORS = [
    (1, "A", "580.00", "580.00", "23.20", "25.22"),
    (500, "A", "580.00", "290000.00", "11600.00", "12608.70"),
    (501, "B", "397.00", "198897.00", "7955.88", "8647.70"),
    (920, "D", "305.00", "280600.00", "11224.00", "12200.00"),
    (1000, "D", "305.00", "305000.00", "12200.00", "13260.87"),
    (1001, "E", "300.00", "300300.00", "12012.00", "13056.52"),
    (7000, "V", "50.25", "351750.00", "14070.00", "15293.48"),
    (14500, "EE", "33.30", "482850.00", "19314.00", "20993.48"),
    (60001, "QQ", "23.00", "1380023.00", "55200.92", "60001.00"),
    (138000, "VV", "23.00", "3174000.00", "126960.00", "138000.00"),
]


@pytest.mark.parametrize(("members", "code", "amount", "total", "by_25", "by_23"), VECTORS)
def test_payment_vectors(members, code, amount, total, by_25, by_23):
    band = band_for(members, BANDS)
    assert (band.code, band.amount) == (code, Decimal(amount))
    assert str(potential_payment(members, BANDS)) == total
    assert str(per_milestone(members, 25, BANDS)) == by_25
    assert str(per_milestone(members, 23, BANDS)) == by_23


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        (0, "The number of members has to be 1 or more. You gave 0."),
        (-5, "The number of members has to be 1 or more. You gave -5."),
        (
            138_001,
            (
                "The payment table ends at 138,000 members. "
                "For 138,001 members, ask DHCS what applies."
            ),
        ),
    ],
)
def test_members_outside_the_table_are_refused(members, sentence):
    with pytest.raises(PaymentError) as refusal:
        potential_payment(members, BANDS)
    assert str(refusal.value) == sentence
    assert isinstance(refusal.value, DomainError)


@pytest.mark.parametrize("count", [0, 1, 22, 24, 26])
def test_other_milestone_counts_are_refused(count):
    with pytest.raises(PaymentError) as refusal:
        per_milestone(920, count, BANDS)
    assert str(refusal.value) == f"A practice has 23 or 25 milestones, not {count}."


@pytest.mark.parametrize("total", ["0", "-1", "0.15"])
def test_total_too_small_to_divide_is_refused(total):
    with pytest.raises(PaymentError, match="too small"):
        milestone_schedule(Decimal(total), 25)


def test_last_milestone_takes_the_remainder():
    parts = milestone_schedule(Decimal("290000.00"), 23)
    assert parts[:-1] == [Decimal("12608.70")] * 22
    assert parts[-1] == Decimal("12608.60")


@given(members=st.integers(1, 138_000), count=st.sampled_from([23, 25]))
def test_milestones_add_up_for_every_member_count(members, count):
    total = potential_payment(members, BANDS)
    parts = milestone_schedule(total, count)
    assert len(parts) == count
    assert sum(parts) == total
    assert all(part == part.quantize(Decimal("0.01")) and part >= 0 for part in parts)
    assert abs(parts[-1] - parts[0]) <= Decimal("0.13")


@given(members=st.integers(1, 138_000))
def test_every_member_count_falls_in_exactly_one_band(members):
    found = [band for band in BANDS if band.members_from <= members <= band.members_to]
    assert found == [band_for(members, BANDS)]
