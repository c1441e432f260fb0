"""Whole numbers as people write them: what could mean two numbers is refused, never guessed."""

import pytest
from django.core.exceptions import ValidationError

from core.forms import CountField, PortalForm


class CountForm(PortalForm):
    """Asks for one count."""

    members = CountField(min_value=1, max_value=10_000_000)


def answer(text):
    """Return what is understood, else the sentences."""
    form = CountForm({"members": text})
    return form.cleaned_data["members"] if form.is_valid() else form.errors["members"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        (" 1240 ", 1240),
        ("1,240", 1240),
        ("1 240", 1240),
        ("1\u00a0240", 1240),
        ("1\u202f240", 1240),
        ("1,240,000", 1_240_000),
        ("007", 7),
    ],
)
def test_a_whole_number_is_understood_with_and_without_marks(text, number):
    assert answer(text) == number


REFUSED = [
    "1.000", "12.000", "12.0", "1.5", "1,5", "1,50", "1,2400", "1,,240", ",240", "1,240 000",
    "1234,567", "1,240.00", "1.240,00", "1 2 3", "-5", "+5", "1e3", "0x10", "1_000", "many", "\u0663",
]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_an_example(text):
    assert answer(text) == ["Write a whole number, such as 1,240."]


@pytest.mark.parametrize("text", ["1.000", "1,5"])
def test_the_field_refuses_outside_a_form_too(text):
    with pytest.raises(ValidationError) as refusal:
        CountField().clean(text)
    assert refusal.value.messages == ["Write a whole number, such as 1,240."]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Enter an answer."),
        ("0", "Enter 1 or more."),
        ("10,000,001", "Enter 10000000 or less."),
    ],
)
def test_empty_and_out_of_bounds_keep_their_sentences(text, sentence):
    assert answer(text) == [sentence]
