"""The component tags refuse wrong properties, and money, times and pictures read as promised."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template

from core.components import COMPONENTS, TONE_ICONS
from core.templatetags import ui


def render(source, **context):
    """Render a template text that has the ui tags loaded."""
    return Template("{% load ui %}" + source).render(Context(context))


def test_badge_shows_label_tone_and_icon():
    html = render('{% ui "badge" label=word tone="turn" %}', word="Your turn <now>")
    assert 'class="badge badge--turn"' in html
    assert f"icons.svg#{TONE_ICONS['turn']}" in html
    assert "Your turn &lt;now&gt;" in html


def test_badge_with_unknown_tone_is_neutral():
    assert "badge--neutral" in render('{% ui "badge" label="Draft" tone="pink" %}')


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{% ui "badge" label="x" colour="red" %}', "takes no “colour”"),
        ('{% ui "badge" tone="info" %}', "needs “label”"),
        ('{% ui "bagde" label="x" %}', "no component “bagde”"),
        ("{% ui badge label=1 %}", "in quotes"),
        ('{% ui "badge" "x" %}', "does not understand"),
        ('{% ui "card" title="x" %}', "used with uiblock"),
        ('{% uiblock "badge" label="x" %}y{% enduiblock %}', "used with ui, not uiblock"),
    ],
)
def test_wrong_use_fails_when_compiled(source, message):
    with pytest.raises(TemplateSyntaxError, match=message):
        Template("{% load ui %}" + source)


def test_component_sees_its_properties_only():
    html = render('{% ui "empty_state" title="a" body="b" href="/x" %}', action="secret")
    assert "secret" not in html


def test_block_component_holds_rendered_content():
    html = render('{% uiblock "card" title="People" %}<b>{{ who }}</b>{% enduiblock %}', who="A&B")
    assert "<b>A&amp;B</b>" in html
    assert html.index("People") < html.index("<b>")


def test_notice_works_with_and_without_content():
    plain = render('{% ui "notice" tone="success" title="Sent" body="To you." %}')
    block = render('{% uiblock "notice" tone="error" title="No" %}<i>why</i>{% enduiblock %}')
    assert "notice--success" in plain
    assert "To you." in plain
    assert "<i>why</i>" in block


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_every_component_has_a_template(name):
    assert get_template(f"components/{name}.html")


class TwoTexts(forms.Form):
    points_1 = forms.ChoiceField(choices=[("0", "0"), ("1", "1")])
    comment_1 = forms.CharField(widget=forms.Textarea)
    note_1 = forms.CharField(widget=forms.Textarea)


def criterion(**typed):
    form = TwoTexts(initial={f"{name}_1": text for name, text in typed.items()})
    fields = {name: form[f"{name}_1"] for name in ("points", "comment", "note")}
    source = (
        '{% load ui %}{% ui "rubric_criterion" field=points comment_field=comment note_field=note '
        'code="1.1" title="Plan" max_points=1 %}'
    )
    return Template(source).render(Context(fields))


def test_a_kept_criterion_never_shows_the_texts_of_another():
    first = criterion(points=1, comment="Mine & yours", note="\0comment_control\0")
    second = criterion(points=1, comment="Another", note="Private")
    third = criterion(points=1, comment="\0note_control\0", note="Kept apart")
    assert first.count("Mine &amp; yours</textarea>") == 1
    assert ("Another" in first, "Mine" in second) == (False, False)
    assert (second.count("Another</textarea>"), second.count("Private</textarea>")) == (1, 1)
    assert (third.count("<textarea"), third.count("Kept apart")) == (2, 1)
    assert criterion(points=0, comment="x", note="").count(" checked") == 1
    assert "details open" not in criterion(points=1, comment="x", note="").replace(" data-note", "")
    assert " data-note open>" in second


def test_three_numbers_shows_a_dash_for_what_is_not_known():
    html = render(
        '{% ui "three_numbers" mcp_score=none max_score=90 priority_points=0'
        " adjusted_score=none %}",
        none=None,
    )
    assert html.count("–") == 2
    assert "+0" in html


def test_timeline_marks_where_you_are():
    items = [{"title": "Submitted", "state": "done"}, {"title": "In review", "state": "current"}]
    html = render('{% ui "timeline" items=items %}', items=items)
    assert html.count('aria-current="step"') == 1
    assert "You are here" in html


def test_target_bars_draw_share_and_target_and_repeat_them_in_a_table():
    items = [{"label": "Children", "count": 86, "share": 40.8, "target": 40.0, "note": ""}]
    html = render('{% ui "target_bars" items=items caption="Mix" %}', items=items)
    assert 'width="40.80%"' in html
    assert 'x1="40.00%"' in html
    assert "<title>Children</title>" in html
    assert "40.8%</td>" in html
    assert "style=" not in html


def test_histogram_scales_to_the_highest_bin_and_puts_the_line_before_the_selected():
    bins = [
        {"label": "70", "count": 4, "selected": False},
        {"label": "75", "count": 8, "selected": True},
    ]
    html = render(
        '{% ui "histogram" title="Scores" description="By five" bins=bins line_label="77" %}',
        bins=bins,
    )
    assert 'height="44.00%"' in html
    assert 'height="88.00%"' in html
    assert 'x1="50.00%"' in html
    assert html.count("<tr>") == 3


def test_histogram_without_bins_or_selection_draws_no_line():
    html = render('{% ui "histogram" title="a" description="b" bins=bins %}', bins=[])
    assert "picture__line" not in html


def test_progress_of_nothing_is_empty_not_an_error():
    assert 'width="0.00%"' in render('{% ui "progress" done=0 total=0 label="None" %}')


@pytest.mark.parametrize(
    ("amount", "style", "text"),
    [
        (Decimal("280600.00"), "", "$280,600"),
        (Decimal("11224.00"), "cents", "$11,224.00"),
        (Decimal("12200.435"), "", "$12,200.44"),
        (Decimal(-5), "", "-$5"),
        (None, "", "–"),
    ],
)
def test_dollars(amount, style, text):
    assert ui.dollars(amount, style) == text


def test_times_are_pacific_in_winter_and_summer():
    assert ui.pacific(datetime(2023, 12, 9, 1, 0, tzinfo=UTC)) == "Fri, Dec 8, 2023, 5:00 pm PT"
    assert ui.pacific(datetime(2023, 7, 1, 0, 30, tzinfo=UTC)) == "Fri, Jun 30, 2023, 5:30 pm PT"
    assert ui.pacific_short(datetime(2023, 12, 8, 18, 42, tzinfo=UTC)) == "Dec 8, 10:42 am PT"
    assert ui.pacific(None) == "–"


def test_number_has_thousands():
    assert ui.number(10000) == "10,000"
    assert ui.number(None) == "–"
