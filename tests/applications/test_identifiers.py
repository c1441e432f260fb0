"""NPI and TIN: the published check, what is refused and in what words, and what can be read back."""

import pytest
from cryptography.fernet import InvalidToken
from hypothesis import given
from hypothesis import strategies as st

from applications.identifiers import clean_npi, clean_tin, decrypt, encrypt, tin_digest
from core.exceptions import DomainError

DIGITS = "An NPI has 10 digits, such as 1234567893."
SUM = "This NPI does not add up. Check it for a mistyped or swapped digit."


@pytest.mark.parametrize("text", ["1234567893", " 1234567893 ", "12345 67893", "1245319599"])
def test_an_npi_with_the_right_check_digit_is_accepted(text):
    assert clean_npi(text) == "".join(text.split())


@pytest.mark.parametrize("last", [digit for digit in "0123456789" if digit != "3"])
def test_every_other_check_digit_is_refused(last):
    with pytest.raises(DomainError) as refusal:
        clean_npi("123456789" + last)
    assert str(refusal.value) == SUM


@pytest.mark.parametrize("text", ["1243567893", "2134567893", "1234567839"])
def test_swapped_digits_are_refused(text):
    with pytest.raises(DomainError) as refusal:
        clean_npi(text)
    assert str(refusal.value) == SUM


@pytest.mark.parametrize(
    "text",
    ["", "123456789", "12345678933", "1234-567893", "١٢٣٤٥٦٧٨٩٣", "１２３４５６７８９３", "NPI"],
)
def test_what_is_not_ten_digits_is_refused(text):
    with pytest.raises(DomainError) as refusal:
        clean_npi(text)
    assert str(refusal.value) == DIGITS


@pytest.mark.parametrize("text", ["94-1234567", "941234567", " 94-1234567 "])
def test_a_tin_is_nine_digits(text):
    assert clean_tin(text) == "941234567"


@pytest.mark.parametrize("text", ["", "94-123456", "07-1234567", "000-00-0000", "94-12345678", "x"])
def test_what_is_not_an_employer_number_is_refused(text):
    with pytest.raises(DomainError, match=r"^A TIN has 9 digits, such as 94-1234567\. "):
        clean_tin(text)


@given(st.text(max_size=30))
def test_hostile_identifiers_are_refused_in_words_or_are_digits(text):
    for check, length in ((clean_npi, 10), (clean_tin, 9)):
        try:
            found = check(text)
        except DomainError:
            continue
        assert (found.isascii(), found.isdigit(), len(found)) == (True, True, length)


def test_a_tin_is_unreadable_without_the_key_and_equal_ones_are_found(settings):
    secret = encrypt("941234567")
    assert b"941234567" not in secret
    assert encrypt("941234567") != secret
    assert decrypt(memoryview(secret)) == "941234567"
    keyed = tin_digest("941234567")
    assert (len(keyed), tin_digest("941234567"), keyed == tin_digest("941234568")) == (
        64,
        keyed,
        False,
    )
    settings.FIELD_ENCRYPTION_KEY = "YW5vdGhlci1rZXktb2YtdGhlLXNhbWUtbGVuZ3RoISE="
    assert tin_digest("941234567") != keyed
    with pytest.raises(InvalidToken):
        decrypt(secret)
