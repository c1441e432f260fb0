"""Nothing before the last "Saved" is lost, and what was not saved comes back.

Two real sessions in one answer, and a connection that fails in the worst moments. More of autosave is in
test_autosave.py; what a killed server does is in tests/faults/test_web_restart.py.
"""

import contextlib
import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Error, expect

from applications.models import Practice
from tests.browser.conftest import PASSWORD
from tests.browser.writing import DISPARITY, SAVED, WHY, answer_of, field, line

pytestmark = pytest.mark.browser
SENTENCES = ("One, ", "two, ", "three, ", "four. ")


def stored(draft, key=WHY):
    return answer_of(draft, key)[0]


def type_into(page, key, text):
    field(page, key).press("Control+End")
    page.keyboard.type(text)


def die(page):
    """End the page's process at once: it gets no chance to send what it has."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    page.close()


def restored(page):
    return page.locator(".restored a")


def test_whatever_the_line_calls_saved_is_stored_while_the_connection_comes_and_goes(
    come_in, owner, draft, url
):
    visitor = come_in(owner)
    page = visitor.go(url)
    field(page).fill("Now: ")
    expect(line(page)).to_have_text(SAVED)
    kept = typed = "Now: "
    for number, sentence in enumerate(SENTENCES):
        visitor.context.set_offline(number % 2 == 0)
        type_into(page, WHY, sentence)
        typed += sentence
        if number % 2:
            expect(line(page)).to_have_text(SAVED)
            kept = typed
        else:
            expect(line(page)).to_have_text("Not saved – trying again")
        assert stored(draft) == kept.strip()
    page = visitor.go(url)
    expect(field(page)).to_have_value(typed.strip())
    assert restored(page).count() == 0


def test_an_answer_that_got_lost_on_its_way_back_is_no_conflict_with_oneself(
    come_in, owner, draft, url
):
    visitor = come_in(owner)
    page = visitor.go(url)
    lost = []

    def store_and_cut(route):
        lost.append(route.fetch().status)
        route.abort()

    page.route(f"**{url}", store_and_cut, times=1)
    type_into(page, WHY, " And more.")
    expect(line(page)).to_have_text("Not saved – trying again")
    assert lost == [200]
    assert stored(draft).endswith(" And more.")
    type_into(page, WHY, " And the rest.")
    expect(line(page)).to_have_text(SAVED)
    assert stored(draft).endswith(" And more. And the rest.")
    assert page.locator(".field-notice--conflict").count() == 0


def test_a_browser_that_dies_without_a_connection_has_the_text_when_it_is_opened_again(
    come_in, owner, draft, url
):
    visitor = come_in(owner)
    page = visitor.go(url)
    type_into(page, WHY, " Saved part.")
    expect(line(page)).to_have_text(SAVED)
    visitor.context.set_offline(True)
    type_into(page, WHY, " Unsaved part.")
    type_into(page, DISPARITY, " Another field.")
    before = {key: field(page, key).input_value() for key in (WHY, DISPARITY)}
    expect(line(page)).to_have_text("Not saved – trying again")
    die(page)
    assert stored(draft).endswith(" Saved part.")

    visitor.context.set_offline(False)
    page = visitor.context.new_page()
    page.goto(url)
    expect(page.get_by_text("We put back 2 answers that were not saved:")).to_be_visible()
    assert {key: field(page, key).input_value() for key in before} == before
    expect(line(page)).to_have_text(SAVED)
    assert {key: stored(draft, key) for key in before} == before
    restored(page).first.click()
    expect(field(page)).to_be_focused()


def test_a_session_that_ends_while_typing_loses_neither_the_saved_nor_the_unsaved(
    come_in, owner, draft, url
):
    page = come_in(owner).go(url)
    type_into(page, WHY, " Before.")
    expect(line(page)).to_have_text(SAVED)
    Session.objects.all().delete()
    type_into(page, WHY, " After.")
    type_into(page, DISPARITY, " After too.")
    before = {key: field(page, key).input_value() for key in (WHY, DISPARITY)}
    expect(line(page)).to_have_text(re.compile("^Not saved – sign in again"))
    assert stored(draft).endswith(" Before.")
    line(page).get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(owner.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Password").press("Enter")
    expect(page.get_by_text("We put back 2 answers that were not saved:")).to_be_visible()
    expect(line(page)).to_have_text(SAVED)
    assert {key: stored(draft, key) for key in before} == before


def test_a_profile_typed_without_a_connection_is_back_after_a_reload(come_in, owner, draft):
    visitor = come_in(owner)
    page = visitor.go("/practice/profile/")
    visitor.context.set_offline(True)
    field(page, "ehr").fill("OpenEMR, from May on")
    expect(line(page)).to_have_text("Not saved – trying again")
    die(page)
    visitor.context.set_offline(False)
    page = visitor.context.new_page()
    page.goto("/practice/profile/")
    expect(restored(page)).to_have_text(["Electronic health record (EHR)"])
    expect(line(page)).to_have_text(SAVED)
    assert Practice.objects.get().ehr == "OpenEMR, from May on"


def test_two_sessions_in_one_answer_keep_both_texts_until_a_person_chooses(
    come_in, owner, contributor, draft, url
):
    first, second = come_in(owner).go(url), come_in(contributor).go(url)
    field(first).fill("What Ana wrote.")
    expect(line(first)).to_have_text(SAVED)
    field(second).fill("What Bo wrote.")
    note = second.locator(".field-notice--conflict")
    expect(note.locator("blockquote")).to_have_text("What Ana wrote.")
    expect(note).to_have_attribute("role", "status")
    expect(field(second)).to_have_value("What Bo wrote.")
    assert stored(draft) == "What Ana wrote."
    second.reload()
    expect(note.locator("blockquote")).to_have_text("What Ana wrote.")
    expect(field(second)).to_have_value("What Bo wrote.")
    note.get_by_role("button", name="Merge both").click()
    note.get_by_role("button", name="Save this").click()
    expect(line(second)).to_have_text(SAVED)
    assert stored(draft) == "What Ana wrote.\n\nWhat Bo wrote."
    field(first).fill("Ana again.")
    expect(first.locator(".field-notice--conflict blockquote")).to_contain_text("What Bo wrote.")
