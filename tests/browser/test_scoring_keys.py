"""The score page in a browser: keys, autosave in two tabs, highlights, search, a phone, no scripts."""

import re

import pytest
from playwright.sync_api import expect

from scoring.models import CriterionComment, CriterionNote, CriterionScore, Highlight
from tests.browser.scoring import WHY, work
from tests.browser.visitor import PHONE
from tests.scoring.building import fill, store

__all__ = ["work"]
pytestmark = pytest.mark.browser
SAVED = re.compile(r"^Saved \d")
SELECT = """
([start, end]) => {
  const text = document.querySelector("[data-passage=population_why]").firstChild;
  const range = document.createRange();
  range.setStart(text, start);
  range.setEnd(text, end);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}
"""


def saved(page):
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)


def criterion(page, code):
    return page.locator(f"[data-criterion='{code}']")


def points(sheet):
    rows = CriterionScore.objects.filter(sheet=sheet, points__isnull=False)
    return dict(rows.values_list("code", "points"))


def choose(page, code, value):
    criterion(page, code).locator("label.points__label", has_text=str(value)).click()


def test_a_criterion_is_scored_by_keys_alone(come_in, work, visitors):
    page = come_in(work.ana).go(work.page)
    page.keyboard.press("j")
    page.keyboard.press("5")
    first = criterion(page, "1.1")
    expect(first.locator("input[value='5']")).to_be_focused()
    expect(first.locator("[data-comment-needed]")).to_be_visible()
    page.keyboard.press("d")
    expect(first.locator("[data-levels]")).to_have_attribute("open", "")
    page.keyboard.press("c")
    expect(page.get_by_label("Comment on 1.1", exact=True)).to_be_focused()
    page.keyboard.type("3 of 4 jkdcn?")
    expect(first.locator("[data-comment-needed]")).to_be_hidden()
    expect(first.locator("input[value='5']")).to_be_checked()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("Call them")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("3")
    page.keyboard.press("k")
    expect(first.locator("input[value='5']")).to_be_focused()
    expect(page.locator("[data-total]")).to_have_text("8")
    expect(page.locator("[data-missing]")).to_have_text("16")
    saved(page)
    assert points(work.sheet) == {"1.1": 5, "1.2": 3}
    assert CriterionComment.objects.get().text == "3 of 4 jkdcn?"
    assert CriterionNote.objects.get().text == "Call them"
    assert visitors.faults == []


def test_keys_are_listed_and_can_be_switched_off_for_good(come_in, work, visitors):
    page = come_in(work.ana).go(work.page)
    page.keyboard.press("?")
    help_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(help_).to_be_visible()
    page.keyboard.press("5")
    help_.get_by_text("Use single-key shortcuts").click()
    help_.get_by_role("button", name="Close").click()
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(help_).to_be_hidden()
    page.reload()
    page.keyboard.press("j")
    page.keyboard.press("5")
    expect(page.locator("[data-total]")).to_have_text("0")
    page.get_by_role("button", name="Keyboard shortcuts").click()
    help_.get_by_text("Use single-key shortcuts").click()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("4")
    saved(page)
    assert points(work.sheet) == {"1.1": 4}
    assert visitors.faults == []


def test_submitting_by_keys_shows_what_is_missing_then_asks(come_in, work, visitors):
    fill(work.sheet, 54)
    store(work.sheet, {"2.1": None, "3.1": 0}, {"3.1": ""})
    page = come_in(work.ana).go(work.page)
    page.keyboard.press("Control+Enter")
    link = page.locator("[data-missing-list]").get_by_role("link")
    expect(link).to_have_count(2)
    expect(link.first).to_be_focused()
    link.first.click()
    expect(criterion(page, "2.1").locator("input").first).to_be_focused()
    page.keyboard.press("2")
    link.last.click()
    page.keyboard.type("Nothing is described.")
    page.keyboard.press("Control+Enter")
    ask = page.get_by_role("dialog", name="Submit these scores?")
    expect(ask).to_be_visible()
    work.sheet.refresh_from_db()
    assert not work.sheet.is_submitted
    ask.get_by_role("button", name="Go on scoring").click()
    expect(ask).to_be_hidden()
    page.keyboard.press("Control+Enter")
    ask.get_by_role("button", name="Submit scores").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My reviews")
    work.sheet.refresh_from_db()
    assert (work.sheet.is_submitted, work.sheet.total) == (True, 50)
    assert visitors.faults == []


def test_two_tabs_of_one_sheet_lose_no_point(come_in, work, visitors):
    visitor = come_in(work.ana)
    one, two = visitor.go(work.page), visitor.context.new_page()
    two.goto(work.page)
    choose(one, "1.1", 4)
    choose(one, "1.2", 3)
    saved(one)
    choose(two, "1.1", 2)
    choose(two, "1.3", 1)
    note = two.locator(".field-notice--conflict")
    expect(note.locator("blockquote")).to_have_text("4")
    expect(criterion(two, "1.1").locator("input[value='2']")).to_be_checked()
    note.get_by_role("button", name="Keep this one").click()
    saved(two)
    assert points(work.sheet) == {"1.1": 2, "1.2": 3, "1.3": 1}
    work.sheet.refresh_from_db()
    assert (work.sheet.total, work.sheet.given) == (6, 3)
    assert [fault for fault in visitors.faults if "status of 409" not in fault] == []


def test_two_reviewers_score_one_application_apart(come_in, work, visitors):
    ana, bo = come_in(work.ana).go(work.page), come_in(work.bo).go(f"/reviews/{work.other.pk}/")
    choose(ana, "1.1", 4)
    choose(bo, "1.1", 1)
    saved(ana)
    saved(bo)
    assert (points(work.sheet), points(work.other)) == ({"1.1": 4}, {"1.1": 1})
    ana.reload()
    expect(criterion(ana, "1.1").locator("input[value='4']")).to_be_checked()
    assert visitors.faults == []


def test_a_passage_is_marked_by_key_and_by_menu(come_in, work, visitors):
    visitor = come_in(work.ana)
    page = visitor.go(work.page)
    page.evaluate(SELECT, [3, 30])
    page.keyboard.press("h")
    marks = page.locator("mark.highlight")
    expect(marks).to_have_text([WHY[3:30]])
    page.evaluate(SELECT, [0, 2])
    page.get_by_role("button", name="Highlight with note").click()
    page.get_by_label("Note, only for you").fill("Who is we?")
    page.get_by_role("button", name="Highlight with this note").click()
    expect(marks).to_have_text([WHY[0:2], WHY[3:30]])
    found = Highlight.objects.order_by("start").values_list("start", "end", "quote", "note")
    assert list(found) == [(0, 2, "We", "Who is we?"), (3, 30, WHY[3:30], "")]
    item = page.locator(".highlights__item")
    item.last.get_by_label("Note").fill("Good number")
    item.last.get_by_role("button", name="Save note").click()
    expect(page.locator(".highlights__state")).to_have_text("The note is saved.")
    item.first.get_by_role("button", name="Remove highlight").click()
    expect(item).to_have_count(1)
    expect(marks).to_have_text([WHY[3:30]])
    page.reload()
    expect(marks).to_have_text([WHY[3:30]])
    item.get_by_role("link", name="Show in the text").click()
    expect(marks).to_be_in_viewport()
    expect(item.get_by_label("Note")).to_have_value("Good number")
    visitor.look(work.application.practice.name)
    assert visitors.faults == []


def test_search_marks_every_place_and_goes_round(come_in, work, visitors):
    page = come_in(work.ana).go(work.page)
    page.keyboard.press("/")
    page.keyboard.type("Panels each MONTH")
    state = page.locator("[data-find-state]")
    expect(state).to_have_text("1 of 1")
    expect(page.locator("#answer-population_why")).to_be_in_viewport()
    page.get_by_label("Search in this application").fill("zzz")
    expect(state).to_have_text("Not found")
    page.get_by_label("Search in this application").fill("famil")
    expect(state).to_have_text(re.compile(r"^1 of \d+$"))
    count = int(state.inner_text().split()[-1])
    for _ in range(count):
        page.keyboard.press("Enter")
    expect(state).to_have_text(f"1 of {count}")
    assert visitors.faults == []


def test_on_a_phone_a_bar_switches_and_each_pane_keeps_its_place(come_in, work, visitors):
    visitor = come_in(work.ana, viewport=PHONE)
    page = visitor.go(work.page)
    bar = page.locator("[data-score-bar]")
    rubric, application = page.locator("#rubric"), page.locator("#application")
    expect(rubric).to_be_hidden()
    page.locator("#answer-population_why").scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    bar.get_by_role("link", name="Rubric").click()
    expect(application).to_be_hidden()
    choose(page, "1.1", 4)
    expect(bar).to_contain_text("4 / 90 · 1 of 18 done")
    expect(bar.get_by_role("button", name="Submit")).to_be_in_viewport()
    bar.get_by_role("link", name="Application").click()
    expect(application).to_be_visible()
    assert abs(page.evaluate("scrollY") - place) < 3
    visitor.look(work.application.practice.name)
    assert visitors.faults == []


def test_without_scripts_everything_is_saved_by_buttons(come_in, work, visitors):
    visitor = come_in(work.ana, java_script_enabled=False)
    page = visitor.go(work.page)
    choose(page, "1.1", 4)
    criterion(page, "1.1").get_by_text("Private note", exact=True).click()
    page.get_by_label("Private note on 1.1, only for you").fill("Mine")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-total]")).to_have_text("4")
    expect(page.get_by_label("Private note on 1.1, only for you")).to_have_value("Mine")
    page.get_by_text("Mark a passage by its words").click()
    label = page.locator("#answer-population_why h3").inner_text()
    page.get_by_label("Answer", exact=True).select_option(label=label)
    page.get_by_label("Words to mark, copied from the answer").fill("review panels each month")
    page.get_by_role("button", name="Highlight", exact=True).click()
    expect(page.locator("mark.highlight")).to_have_text("review panels each month")
    page.get_by_role("button", name="Remove highlight").click()
    expect(page.locator("mark.highlight")).to_have_count(0)
    assert visitors.faults == []
