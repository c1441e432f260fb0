"""The USWDS crispy pack: labels, help, errors by the field and in a summary that links to it."""

import re

import pytest
from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.template import Context, Template

from core.forms import PortalForm


class VisitForm(PortalForm):
    """One field of each kind."""

    name = forms.CharField(label="Practice name", help_text="As on your license.")
    plan = forms.ChoiceField(label="Plan", choices=[("", "Choose"), ("a", "Plan A")])
    story = forms.CharField(
        label="Story", widget=forms.Textarea(attrs={"data-word-limit": 50}), required=False
    )
    focus = forms.ChoiceField(
        label="Focus",
        choices=[("x", "Children"), ("y", "Adults")],
        widget=forms.RadioSelect,
        help_text="Choose one.",
    )
    kinds = forms.MultipleChoiceField(
        label="Kinds",
        choices=[("x", "Small"), ("y", "Large")],
        widget=forms.CheckboxSelectMultiple,
    )
    paper = forms.FileField(label="Paper")
    agree = forms.BooleanField(label="I may sign")
    key = forms.CharField(widget=forms.HiddenInput, required=False)


class GroupedForm(VisitForm):
    """The same fields with one group named."""

    def get_layout(self):
        """Return one group of two fields."""
        return Layout(Fieldset("Your practice", "name", "plan"))


def crispy(form):
    """Render a form with the crispy tag."""
    source = "{% load crispy_forms_tags %}{% crispy form %}"
    return Template(source).render(Context({"form": form, "csrf_token": "token"}))


def tag(html, pattern):
    """Return the one tag that matches."""
    found = re.findall(pattern, html)
    assert len(found) == 1, found
    return found[0]


def test_blank_form_has_labels_help_and_no_summary():
    html = crispy(VisitForm())
    assert '<label class="usa-label" for="id_name">Practice name' in html
    assert 'id="id_name_helptext"' in html
    control = tag(html, r'<input[^>]*name="name"[^>]*>')
    assert 'aria-describedby="id_name_helptext"' in control
    assert re.search(r'class=" ?usa-input"', control)
    assert "required" not in control
    assert "error-summary" not in html
    assert html.count("<form") == 0


def test_optional_fields_say_so_and_required_ones_do_not():
    html = crispy(VisitForm())
    assert html.count("(optional)") == 1


def test_select_and_textarea_have_their_classes():
    html = crispy(VisitForm())
    assert re.search(r'class=" ?usa-select"', tag(html, r"<select[^>]*>"))
    area = tag(html, r"<textarea[^>]*>")
    assert re.search(r'class=" ?usa-textarea"', area)
    assert 'data-word-limit="50"' in area


def test_radios_are_tiles_in_a_fieldset_with_a_legend():
    html = crispy(VisitForm({"focus": "y"}))
    fieldset = tag(html, r'<fieldset[^>]*id="id_focus"[^>]*>')
    assert 'aria-describedby="id_focus_helptext"' in fieldset
    assert '<legend class="usa-legend">Focus' in html
    chosen = tag(html, r'<input[^>]*id="id_focus_1"[^>]*>')
    assert "checked" in chosen
    assert "usa-radio__input--tile" in chosen
    assert '<label class="usa-radio__label" for="id_focus_1">Adults</label>' in html


def test_wrong_form_links_each_error_to_its_field():
    html = crispy(VisitForm({"name": ""}))
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', html)
    assert links == [
        ("id_name", "Practice name – Enter an answer."),
        ("id_plan", "Plan – Choose an answer."),
        ("id_focus_0", "Focus – Choose an answer."),
        ("id_kinds_0", "Kinds – Choose an answer."),
        ("id_paper", "Paper – Choose a file."),
        ("id_agree", "I may sign – Tick this box to go on."),
    ]
    for target, _text in links:
        assert f'id="{target}"' in html


def test_summary_can_take_focus():
    assert 'tabindex="-1"' in tag(crispy(VisitForm({})), r"<div[^>]*data-error-summary[^>]*>")


def test_wrong_field_is_described_by_help_and_error():
    html = crispy(VisitForm({"name": ""}))
    control = tag(html, r'<input[^>]*name="name"[^>]*>')
    assert 'aria-describedby="id_name_helptext id_name_error"' in control
    assert 'aria-invalid="true"' in control
    assert "usa-input--error" in control
    assert 'id="id_name_error"' in html
    fieldset = tag(html, r'<fieldset[^>]*id="id_focus"[^>]*>')
    assert 'aria-describedby="id_focus_helptext id_focus_error"' in fieldset


def test_errors_of_the_whole_form_are_in_the_summary():
    form = VisitForm({})
    form.add_error(None, "The cycle closed at 5:00 pm PT.")
    assert "<li><span>The cycle closed at 5:00 pm PT.</span></li>" in crispy(form)


def test_nothing_typed_is_lost_in_a_wrong_form():
    html = crispy(VisitForm({"story": "Our <story>", "kinds": ["y"]}))
    assert "Our &lt;story&gt;" in html
    assert "checked" in tag(html, r'<input[^>]*id="id_kinds_1"[^>]*>')


def test_layout_gives_a_legend_and_keeps_hidden_fields():
    html = crispy(GroupedForm({"key": "k1"}))
    assert '<legend class="usa-legend usa-legend--large">Your practice</legend>' in html
    assert 'name="key"' in html
    assert html.count("data-error-summary") == 1


@pytest.mark.parametrize("pattern", [r"\sstyle=", r"\son\w+=", r"<script", r"<style"])
def test_markup_has_nothing_inline(pattern):
    assert not re.search(pattern, crispy(VisitForm({"name": ""})))


def test_filter_renders_a_form_without_a_helper():
    class Plain(forms.Form):
        email = forms.EmailField(label="Email")

    source = "{% load crispy_forms_tags %}{{ form|crispy }}"
    html = Template(source).render(Context({"form": Plain({"email": "x"})}))
    assert 'href="#id_email"' in html
    assert "usa-input--error" in tag(html, r'<input[^>]*name="email"[^>]*>')


def test_token_comes_with_post_forms_only():
    class Search(PortalForm):
        form_method = "get"
        q = forms.CharField(label="Search", required=False)

    assert "csrfmiddlewaretoken" in crispy(VisitForm())
    assert "csrfmiddlewaretoken" not in crispy(Search())
