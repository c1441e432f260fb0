"""Marking a passage on a touch screen, where a tap may take the selection away before it clicks."""

import pytest
from playwright.sync_api import expect

from scoring.models import Highlight
from tests.browser.scoring import WHY, work
from tests.browser.test_scoring_keys import SELECT
from tests.browser.visitor import PHONE

__all__ = ["work"]
pytestmark = pytest.mark.browser
TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
LOSE = """
() => {
  const button = document.querySelector("[data-mark]");
  const down = { bubbles: true, cancelable: true, pointerType: "touch" };
  button.dispatchEvent(new PointerEvent("pointerdown", down));
  getSelection().removeAllRanges();
  return new Promise((done) => setTimeout(() => {
    button.dispatchEvent(new PointerEvent("pointerup", down));
    button.click();
    done();
  }, 50));
}
"""


def open_sheet(come_in, work):
    page = come_in(work.ana, **TOUCH).go(work.page)
    page.locator("#answer-population_why").scroll_into_view_if_needed()
    return page


def test_a_passage_is_marked_by_tapping(come_in, work, visitors):
    page = open_sheet(come_in, work)
    menu = page.locator("[data-highlight-menu]")
    page.evaluate(SELECT, [3, 30])
    expect(menu).to_be_in_viewport(ratio=1)
    assert [box["height"] >= 44 for box in boxes(menu)] == [True, True]
    menu.get_by_role("button", name="Highlight", exact=True).tap()
    marks = page.locator("mark.highlight")
    expect(marks).to_have_text([WHY[3:30]])
    expect(menu).to_be_hidden()
    page.evaluate(SELECT, [0, 2])
    menu.get_by_role("button", name="Highlight with note").tap()
    page.get_by_label("Note, only for you").fill("Who is we?")
    menu.get_by_role("button", name="Highlight with this note").tap()
    expect(marks).to_have_text([WHY[0:2], WHY[3:30]])
    found = Highlight.objects.order_by("start").values_list("quote", "note")
    assert list(found) == [("We", "Who is we?"), (WHY[3:30], "")]
    assert visitors.faults == []


def boxes(menu):
    return [one.bounding_box() for one in menu.locator("> button").all()]


def test_a_tap_that_takes_the_selection_away_still_marks(come_in, work, visitors):
    page = open_sheet(come_in, work)
    page.evaluate(SELECT, [3, 30])
    expect(page.locator("[data-highlight-menu]")).to_be_visible()
    page.evaluate(LOSE)
    expect(page.locator("mark.highlight")).to_have_text([WHY[3:30]])
    assert visitors.faults == []


def test_the_menu_stays_at_its_words_while_the_page_moves(come_in, work, visitors):
    page = open_sheet(come_in, work)
    page.evaluate(SELECT, [3, 30])
    menu = page.locator("[data-highlight-menu]")
    before = menu.bounding_box()["y"]
    page.evaluate("scrollBy(0, 60)")
    page.wait_for_function(
        "top => document.querySelector('[data-highlight-menu]').getBoundingClientRect().top < top",
        arg=before - 30,
    )
    page.evaluate("getSelection().removeAllRanges()")
    expect(menu).to_be_hidden()
    assert visitors.faults == []
