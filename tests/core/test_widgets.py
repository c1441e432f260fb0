import pytest
from django import forms

from core.widgets import PlainTextarea

ATTRIBUTES = {"rows": 2, "class": "usa-textarea", "id": "id_a", "hidden": True, "disabled": False}


@pytest.mark.parametrize("text", [None, "", "One\r\ntwo", "<b>\"5\" & '6'</b></textarea>", 0])
def test_plain_text_area_is_the_text_area_of_django(text):
    ours = PlainTextarea({"rows": 3}).render("a<b", text, ATTRIBUTES)
    theirs = forms.Textarea({"rows": 3}).render("a<b", text, ATTRIBUTES)
    assert ours == theirs
