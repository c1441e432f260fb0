"""A kept view is an address that says it all: the same rows and columns for everybody."""

import re
from html import unescape

import pytest
from django.urls import reverse

from selection.models import DeskSettings, SavedView
from tests.factories.programs import CycleFactory
from tests.selection.building import handed_over

pytestmark = pytest.mark.django_db
QUEUE = reverse("selection:queue")
VIEWS = reverse("selection:views")
BULK = reverse("selection:bulk")


@pytest.fixture
def earlier():
    return CycleFactory(closed=True)


@pytest.fixture
def cycle(earlier):
    return CycleFactory()


def text_of(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


def to_keep(text):
    """Return what "Keep this view" on the page would keep."""
    panel = text.split("queue-save__panel")[1].split("</form>")[0]
    return re.search(r'name="query" value="([^"]*)"', panel)[1]


def current(text):
    """Return the tabs that are current."""
    tabs = text.split('<nav class="queue-tabs"')[1].split("</nav>")[0]
    return re.findall(r'aria-current="page">([^<]*)</a>', tabs)


def references(text):
    return re.findall(r'<a class="nowrap" href="[^"]*">([^<]*)</a>', text)


def test_a_kept_view_shows_everybody_the_rows_of_its_cycle(web, as_hat, approver, earlier, cycle):
    here, there = handed_over(earlier, 80), handed_over(cycle, 90)
    text = text_of(web.get(QUEUE, {"cycle": earlier.slug, "hpi": "none"}))
    given = {"name": "Not rated", "is_shared": "on", "query": to_keep(text)}
    address = web.post(VIEWS, given)["Location"]
    assert address == f"{QUEUE}?cycle={earlier.slug}&hpi=none"
    reader = as_hat(approver)
    assert references(text_of(reader.get(QUEUE, {"cycle": cycle.slug}))) == [there.reference]
    opened = text_of(reader.get(address))
    assert references(opened) == [here.reference]
    assert current(opened) == ["Not rated"]
    assert f'href="{address}&order=-members"' in opened


def test_a_view_is_current_when_the_same_is_asked_without_its_cycle(web, analyst, earlier, cycle):
    query = f"cycle={cycle.slug}&hpi=1"
    SavedView.objects.create(owner=analyst.user, name="First", query=query)
    assert current(text_of(web.get(QUEUE, {"cycle": cycle.slug}))) == ["All"]
    assert current(text_of(web.get(QUEUE, {"hpi": "1"}))) == ["First"]
    assert current(text_of(web.get(QUEUE, {"cycle": earlier.slug, "hpi": "1"}))) == []


def test_a_view_of_before_names_no_cycle_and_goes_on_working(web, analyst, earlier, cycle):
    here, there = handed_over(earlier, 80), handed_over(cycle, 90)
    SavedView.objects.create(owner=analyst.user, name="Old", query="hpi=none")
    for one, row in ((earlier, here), (cycle, there)):
        web.get(QUEUE, {"cycle": one.slug})
        text = text_of(web.get(QUEUE, {"hpi": "none"}))
        assert references(text) == [row.reference]
        assert current(text) == ["Old"]
        assert f'href="{QUEUE}?hpi=none" aria-current="page">Old</a>' in text


def test_a_view_of_one_whole_cycle_is_current_instead_of_all(web, analyst, cycle):
    SavedView.objects.create(owner=analyst.user, name="Whole", query=f"cycle={cycle.slug}")
    assert current(text_of(web.get(QUEUE, {"cycle": cycle.slug}))) == ["Whole"]
    assert current(text_of(web.get(QUEUE))) == ["All"]


@pytest.mark.parametrize("columns", [["county", "adjusted"], []])
def test_a_kept_view_names_the_columns_when_they_are_not_the_usual_ones(
    web, as_hat, approver, analyst, cycle, columns
):
    handed_over(cycle, 80)
    web.get(QUEUE, {"cycle": cycle.slug})
    DeskSettings.objects.create(person=analyst.user, columns=columns)
    text = text_of(web.get(QUEUE, {"hpi": "none"}))
    named = f"&columns={'%2C'.join(columns)}" if columns else ""
    assert to_keep(text) == f"cycle={cycle.slug}&hpi=none{named}"
    address = web.post(VIEWS, {"name": "Mine", "query": to_keep(text)})["Location"]
    heads = text_of(web.get(address)).split("<thead>")[1].split("</thead>")[0]
    assert heads in text_of(as_hat(approver).get(address)).split("<tbody>")[0]
    assert current(text_of(web.get(address))) == ["Mine"]
    assert current(text_of(web.get(QUEUE, {"hpi": "none"}))) == ["Mine"]


@pytest.mark.parametrize("slug", ["no-such-cycle", "x" * 200, "a\x00b", "<b>"])
def test_a_cycle_that_is_not_there_is_left_out(web, cycle, slug):
    row = handed_over(cycle, 80)
    web.get(QUEUE, {"cycle": cycle.slug})
    text = text_of(web.get(QUEUE, {"cycle": slug, "hpi": "none"}))
    assert references(text) == [row.reference]
    assert to_keep(text) == f"cycle={cycle.slug}&hpi=none"


def test_acts_on_many_are_about_the_cycle_of_the_page(web, earlier, cycle):
    row = handed_over(earlier, 80)
    text = text_of(web.get(QUEUE, {"cycle": earlier.slug}))
    assert f'action="{BULK}?cycle={earlier.slug}"' in text
    web.get(QUEUE, {"cycle": cycle.slug})  # in another tab
    shown = text_of(web.post(f"{BULK}?cycle={earlier.slug}", {"kind": "release", "pick": row.pk}))
    assert f"{row.reference}, {row.practice.name}: Nobody has it." in shown


def test_way_back_from_an_application_leads_to_the_view(web, cycle):
    row = handed_over(cycle, 80)
    view = f"cycle={cycle.slug}&hpi=none"
    text = text_of(web.get(reverse("selection:application", args=[row.pk]), {"view": view}))
    assert f'<a href="{QUEUE}?{view}">Back to the view</a>' in text
