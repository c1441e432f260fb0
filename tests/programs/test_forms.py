import pytest

from programs.forms import EstimateForm
from programs.packaged import packaged_definition

BANDS = packaged_definition().payment.bands
NOT_A_NUMBER = "Write the number of members as a whole number, such as 920."


@pytest.mark.parametrize(
    ("text", "members"),
    [("920", 920), (" 1,001 ", 1001), ("138 000", 138_000), ("0920", 920), ("1", 1)],
)
def test_counts_are_read_as_people_write_them(text, members):
    form = EstimateForm({"members": text}, bands=BANDS)
    assert form.is_valid()
    assert form.cleaned_data == {"members": members}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Write the number of members, such as 920."),
        ("abc", NOT_A_NUMBER),
        ("9.5", NOT_A_NUMBER),
        ("-", NOT_A_NUMBER),
        ("²", NOT_A_NUMBER),
        ("٩٢٠", NOT_A_NUMBER),
        ("9" * 5000, NOT_A_NUMBER),
        ("0", "The number of members has to be 1 or more. You gave 0."),
        ("-5", "The number of members has to be 1 or more. You gave -5."),
        (
            "138001",
            (
                "The payment table ends at 138,000 members. "
                "For 138,001 members, ask DHCS what applies."
            ),
        ),
    ],
)
def test_other_values_are_answered_with_a_sentence(text, sentence):
    form = EstimateForm({"members": text}, bands=BANDS)
    assert form.errors == {"members": [sentence]}
