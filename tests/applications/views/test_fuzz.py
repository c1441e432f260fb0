"""Hostile text in a section: stored and shown as typed, or refused with a sentence; never an error page."""

import re

import pytest
from django.urls import reverse
from django.utils.html import escape
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from applications.forms.sections import LONGEST_TEXT
from applications.models import Answer

pytestmark = pytest.mark.django_db
NASTY = (
    "\u202e",
    "\u2067",
    "🏥",
    "\x00",
    "<script>",
    "</textarea>",
    "&amp;",
    "'\"",
    "=cmd|' /C calc'!A0",
)
PIECES = st.sampled_from([*NASTY, "{{ x }}", "%s", "\r\n", " ", "\u0085", "\u2028", "é", "漢"])
TEXTS = st.lists(PIECES | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)).map(
    "".join
)
FUZZ = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def post(client, url, application, field, text):
    """Post one answer over what is stored; return status, page and what is stored now."""
    row = Answer.objects.filter(application=application, key=field).first()
    data = {field: text, f"version:{field}": str(row.version if row else 0)}
    response = client.post(url, data)
    after = Answer.objects.filter(application=application, key=field).first()
    return response.status_code, response.content.decode(), after.value if after else None


def as_written(text):
    """Return `text` as a form control holds it: stripped, with every line break as it was."""
    return text.strip() or None


@FUZZ
@given(TEXTS)
@example("".join(NASTY[:3]))
@example("\x00")
@example("x" * (LONGEST_TEXT + 5000))
@example("</textarea><script>alert(1)</script>")
def test_a_long_answer_is_stored_as_typed_or_refused_in_words(as_hat, owner, draft, text):
    url = reverse("applications:section", args=[draft.pk, "population"])
    client = as_hat(owner)
    answer = Answer.objects.filter(application=draft, key="population_why")
    answer.update(value="before")
    kept = list(answer.values_list("value", "version"))
    status, page, stored = post(client, url, draft, "population_why", text)
    if status == 302:
        assert stored == as_written(text)
        shown = client.get(url).content.decode()
        assert escape(stored or "") in shown
    else:
        assert status == 422
        assert "\x00" in text or len(text) > LONGEST_TEXT
        assert list(answer.values_list("value", "version")) == kept
        [summary] = re.findall(r'error-summary__list">(.*?)</ul>', page, re.DOTALL)
        assert 'href="#id_population_why"' in summary
        assert escape(text.strip()[:200]) in page.replace("\ufffd", "\x00")


@FUZZ
@given(TEXTS.filter(bool))
@example("\x00")
@example("9" * 5000)
@example("١٢")
@example("NaN")
def test_other_kinds_of_answers_take_no_nonsense(as_hat, owner, draft, text):
    client = as_hat(owner)
    fields = {
        "prerequisites": ("survey_date", "phmcat_respondents", "phmcat_leadership"),
        "population": ("population",),
        "optional": ("optional_areas",),
    }
    for section, names in fields.items():
        url = reverse("applications:section", args=[draft.pk, section])
        data = dict.fromkeys(names, text) | {f"version:{name}": text for name in names}
        assert client.post(url, data).status_code in (302, 409, 422)
        assert client.get(url).status_code == 200
    values = (
        Answer.objects.filter(application=draft).exclude(value=None).values_list("value", flat=True)
    )
    assert all(re.fullmatch(r"[0-9.-]+", value) for value in values)
