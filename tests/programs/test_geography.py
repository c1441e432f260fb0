import csv

from programs.domain.reference import PLANS_FILE
from programs.geography import (
    california_zips,
    counties,
    county_of_zip,
    is_california_zip,
)


def test_county_of_known_zips():
    assert county_of_zip("90001") == "Los Angeles"
    assert county_of_zip("95814") == "Sacramento"
    assert county_of_zip("94102") == "San Francisco"


def test_zip_without_a_county_is_in_california_but_has_no_county():
    assert is_california_zip("90085")
    assert county_of_zip("90085") == ""


def test_zips_elsewhere_or_malformed_are_unknown():
    for text in ("10001", "", "9000", "900011", "abcde", "90001-1234"):
        assert county_of_zip(text) == ""
        assert not is_california_zip(text)


def test_all_zips_are_sorted_and_of_five_digits():
    zips = california_zips()
    assert len(zips) > 2500
    assert list(zips) == sorted(set(zips))
    assert all(len(code) == 5 and code.isdigit() for code in zips)


def test_counties_agree_with_the_table_of_plans():
    with PLANS_FILE.open(encoding="utf-8") as stream:
        listed = {row["county"] for row in csv.DictReader(stream)}
    assert set(counties()) == listed
    assert len(listed) == 58
