"""Times in Pacific words, in summer and winter, at noon and midnight, in every language."""

from datetime import UTC, date, datetime

import pytest
from django.utils import translation

from core.times import clock, day, day_and_month, long, short, to_the_second

CLOSING = datetime(2023, 12, 9, 1, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2026, 1, 15, 8, 0, tzinfo=UTC), "12:00 am"),
        (datetime(2026, 1, 15, 20, 0, tzinfo=UTC), "12:00 pm"),
        (datetime(2026, 1, 15, 18, 42, tzinfo=UTC), "10:42 am"),
        (datetime(2026, 7, 15, 18, 5, tzinfo=UTC), "11:05 am"),
        (datetime(2026, 7, 16, 6, 59, 59, tzinfo=UTC), "11:59 pm"),
    ],
)
def test_clock_is_pacific_time_of_day(moment, expected):
    assert clock(moment) == expected


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (datetime(2023, 12, 9, 1, 0, tzinfo=UTC), "Fri, Dec 8, 2023, 5:00 pm PT"),
        (datetime(2026, 3, 8, 9, 59, tzinfo=UTC), "Sun, Mar 8, 2026, 1:59 am PT"),
        (datetime(2026, 3, 8, 10, 0, tzinfo=UTC), "Sun, Mar 8, 2026, 3:00 am PT"),
        (datetime(2026, 1, 1, 7, 59, tzinfo=UTC), "Wed, Dec 31, 2025, 11:59 pm PT"),
    ],
)
def test_long_gives_the_pacific_date_and_time(moment, expected):
    assert long(moment) == expected


def test_seconds_are_written_where_a_second_decides():
    assert to_the_second(CLOSING) == "Fri, Dec 8, 2023, 5:00:01 pm PT"
    assert to_the_second(datetime(2023, 12, 8, 8, 0, 9, tzinfo=UTC)) == (
        "Fri, Dec 8, 2023, 12:00:09 am PT"
    )


def test_days_are_pacific_days_and_plain_dates_stay():
    assert (day(CLOSING), day_and_month(CLOSING)) == ("Dec 8, 2023", "Dec 8")
    assert (day(date(2023, 12, 9)), day_and_month(date(2023, 12, 9))) == ("Dec 9, 2023", "Dec 9")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en-us",
            ["Fri, Dec 8, 2023, 5:00 pm PT", "Dec 8, 5:00 pm PT", "Dec 8, 2023", "5:00 pm"],
        ),
        (
            "es",
            [
                "vie, 8 dic 2023, 5:00\u00a0p.\u00a0m. (hora del\u00a0Pacífico)",
                "8 dic, 5:00\u00a0p.\u00a0m. (hora del\u00a0Pacífico)",
                "8 dic 2023",
                "5:00\u00a0p.\u00a0m.",
            ],
        ),
        (
            "zh-hant",
            [
                "2023年12月8日（週五）下午5:00（太平洋時間）",
                "12月8日下午5:00（太平洋時間）",
                "2023年12月8日",
                "下午5:00",
            ],
        ),
    ],
)
def test_every_language_has_its_own_order(language, expected):
    with translation.override(language):
        found = [long(CLOSING), short(CLOSING), day(CLOSING), clock(CLOSING)]
    assert found == expected
