"""What a reviewer sees without looking for it: where keys go, messages, buttons, the save state."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import Organisation
from scoring.domain import calibration
from scoring.models import CalibrationScore
from tests.browser.scoring import work
from tests.browser.test_scoring_keys import choose, criterion, points, saved
from tests.browser.visitor import PHONE
from tests.scoring.building import store

__all__ = ["work"]
pytestmark = pytest.mark.browser
LAPTOP = {"width": 1280, "height": 800}
SMALL = {"width": 1000, "height": 700}
LONG = "Stevenson Ranch Orchard Family Health Center and Wellness Clinics of the Valley"
ABOVE = "([one, other]) => one.getBoundingClientRect().bottom <= other.getBoundingClientRect().top"


def whole(page, button):
    """The button is inside the window with all of its height, and so is the page's edge."""
    box = button.bounding_box()
    size = page.viewport_size
    assert box["y"] + box["height"] <= size["height"]
    assert box["x"] + box["width"] <= size["width"]


def test_the_first_key_goes_to_the_first_criterion_without_points(come_in, work, visitors):
    store(work.sheet, points={"1.1": 4})
    page = come_in(work.ana).go(work.page)
    expect(criterion(page, "1.2")).to_have_class(re.compile("criterion--current"))
    assert page.evaluate("[scrollY, document.querySelector('#rubric').scrollTop]") == [0, 0]
    assert page.evaluate("document.activeElement === document.body")
    page.keyboard.press("3")
    expect(criterion(page, "1.2").locator("input[value='3']")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("2")
    saved(page)
    page.reload()
    assert points(work.sheet) == {"1.1": 4, "1.2": 3, "1.3": 2}
    assert visitors.faults == []


def test_another_window_of_ones_own_is_named_under_the_points(come_in, work, visitors):
    visitor = come_in(work.ana, viewport=LAPTOP)
    one, two = visitor.go(work.page), visitor.context.new_page()
    two.goto(work.page)
    choose(one, "1.2", 3)
    saved(one)
    choose(two, "1.2", 5)
    note = criterion(two, "1.2").locator(".points + .field-notice--conflict")
    expect(note).to_contain_text("You saved another version in another window at ")
    expect(note.get_by_role("button", name="Take the other one")).to_be_in_viewport(ratio=1)
    foot = two.locator(".sheet__foot").element_handle()
    two.wait_for_function(ABOVE, arg=[note.element_handle(), foot])  # it glides into place
    note.get_by_role("button", name="Take the other one").click()
    expect(criterion(two, "1.2").locator("input[value='3']")).to_be_checked()
    assert [fault for fault in visitors.faults if "status of 409" not in fault] == []


def test_a_private_note_that_differs_is_unfolded(come_in, work, visitors):
    visitor = come_in(work.ana, viewport=LAPTOP)
    one, two = visitor.go(work.page), visitor.context.new_page()
    two.goto(work.page)
    for page, text in ((one, "Mine"), (two, "Mine too")):
        criterion(page, "1.1").get_by_text("Private note", exact=True).click()
        page.get_by_label("Private note on 1.1, only for you").fill(text)
        if page is one:
            saved(page)
    note = criterion(two, "1.1").locator("textarea + .field-notice--conflict")
    expect(note.locator("blockquote")).to_have_text("Mine")
    expect(note.get_by_role("button", name="Keep this one")).to_be_in_viewport(ratio=1)
    assert [fault for fault in visitors.faults if "status of 409" not in fault] == []


@pytest.mark.parametrize("size", [LAPTOP, SMALL])
def test_save_and_submit_are_whole_under_a_long_head(come_in, work, visitors, size):
    Organisation.objects.filter(pk=work.application.practice_id).update(name=LONG)
    page = come_in(work.ana, viewport=size).go(work.page)
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    foot = page.locator(".sheet__foot")
    for name in ("Save", "Submit scores"):
        whole(page, foot.get_by_role("button", name=name, exact=True))
    page.mouse.wheel(0, 5000)
    page.get_by_role("contentinfo").get_by_role("link").first.scroll_into_view_if_needed()
    assert visitors.faults == []


def test_on_a_phone_the_bar_says_what_is_saved(come_in, work, visitors):
    page = come_in(work.ana, viewport=PHONE).go(work.page)
    bar = page.locator("[data-score-bar]")
    bar.get_by_role("link", name="Rubric").click()
    choose(page, "3.1", 4)
    expect(bar.locator(".save-state")).to_have_text(re.compile(r"^Saved \d"))
    expect(bar.locator(".save-state")).to_be_in_viewport(ratio=1)
    page.context.set_offline(True)
    choose(page, "3.2", 4)
    expect(bar.locator(".save-state")).to_have_text(re.compile("^Not saved"))
    page.context.set_offline(False)
    expect(bar.locator(".save-state")).to_have_text(re.compile(r"^Saved \d"))


def test_the_practice_sheet_fits_a_laptop_and_a_phone(come_in, work, visitors):
    cycle = work.application.cycle
    sample = cycle.definition.samples[0]
    plan = work.lead.organisation
    calibration.open_round(plan, cycle=cycle, samples=[sample.key], required=False, by=work.lead)
    visitor = come_in(work.ana, viewport=LAPTOP)
    page = visitor.go(f"/reviews/practice/{sample.key}/")
    button = page.get_by_role("button", name="Submit the practice sheet")
    whole(page, button)
    page.keyboard.press("4")
    saved(page)
    assert list(CalibrationScore.objects.values_list("code", "points")) == [("1.1", 4)]
    visitor.look(sample.title)
    assert visitors.faults == []
