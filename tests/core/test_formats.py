"""Numbers and typed dates are the same in every language; only days in words differ."""

from datetime import date

import pytest
from django.utils import translation
from django.utils.formats import date_format, get_format, localize_input, sanitize_separators

SHARED = (
    "DATE_INPUT_FORMATS",
    "DECIMAL_SEPARATOR",
    "FIRST_DAY_OF_WEEK",
    "NUMBER_GROUPING",
    "THOUSAND_SEPARATOR",
)


@pytest.mark.parametrize(
    ("language", "words"), [("es", "8 de diciembre de 2023"), ("zh-hant", "2023年12月8日")]
)
def test_only_days_in_words_follow_the_language(language, words):
    here = {name: get_format(name, lang="en") for name in SHARED}
    assert {name: get_format(name, lang=language) for name in SHARED} == here
    with translation.override(language):
        assert date_format(date(2023, 12, 8), use_l10n=True) == words
        assert (localize_input(1.5), sanitize_separators("1.5")) == ("1.5", "1.5")
