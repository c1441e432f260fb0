"""Nothing typed is lost: lost connections, ended sessions, two people, buttons pressed too early."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from applications.domain import answers
from applications.enums import Status
from applications.models import Application, HeldText, MemberCount, Practice, Site
from tests.browser.conftest import PASSWORD
from tests.browser.writing import WHY, answer_of, field, saved
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.browser
OFFLINE_NOISE = re.compile(r"the console says Failed to load resource")
DIE_SILENTLY = """for (const kind of ["beforeunload", "pagehide", "visibilitychange"])
    window.addEventListener(kind, (event) => event.stopImmediatePropagation(), true);"""


def copies(page):
    return page.evaluate("() => Object.keys(localStorage).filter(k => k.startsWith('autosave:'))")


def own_faults(visitors):
    return [fault for fault in visitors.faults if not OFFLINE_NOISE.search(fault)]


def test_text_typed_without_a_connection_is_saved_when_it_is_back(come_in, owner, draft, url):
    visitor = come_in(owner)
    page = visitor.go(url)
    visitor.context.set_offline(True)
    field(page).fill("Typed on the train.")
    expect(page.locator("[data-save-state]")).to_have_text("Not saved – trying again")
    assert len(copies(page)) == 1
    visitor.context.set_offline(False)
    saved(page)
    assert answer_of(draft) == ("Typed on the train.", 2)
    assert copies(page) == []


def test_button_pressed_without_a_connection_keeps_the_page_and_works_later(
    come_in, owner, draft, url
):
    visitor = come_in(owner)
    page = visitor.go(url)
    visitor.context.set_offline(True)
    field(page).fill("Typed before the button.")
    page.get_by_role("button", name="Save and come back").click()
    expect(page.locator("[data-save-state]")).to_have_text(re.compile("^Not saved – wait until"))
    assert visitor.path == url
    visitor.context.set_offline(False)
    saved(page)
    page.get_by_role("button", name="Save and come back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(draft.practice.name)
    assert answer_of(draft) == ("Typed before the button.", 2)


def test_text_of_an_ended_session_is_back_after_signing_in_again(
    come_in, owner, draft, url, visitors
):
    visitor = come_in(owner)
    page = visitor.go(url)
    Session.objects.all().delete()
    field(page).fill("Typed after the session ended.")
    expect(page.locator("[data-save-state]")).to_have_text(re.compile("Not saved – sign in again"))
    page.locator("[data-save-state]").get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(owner.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("#main").get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("We put back 1 answer that was not saved:")).to_be_visible()
    expect(field(page)).to_have_value("Typed after the session ended.")
    saved(page)
    assert answer_of(draft) == ("Typed after the session ended.", 2)
    expect(page.locator(".restored a")).to_have_text("Why this population?")


def test_another_person_in_the_same_browser_never_sees_the_first_ones_text(
    come_in, owner, contributor, draft, url
):
    visitor = come_in(owner)
    page = visitor.go(url)
    before = field(page).input_value()
    Session.objects.all().delete()
    field(page).fill("Ana's unsaved text.")
    expect(page.locator("[data-save-state]")).to_have_text(re.compile("Not saved – sign in again"))
    page.locator("[data-save-state]").get_by_role("link", name="Sign in").click()
    visitor.sign_in(contributor.user.email, PASSWORD)
    page = visitor.go(url)
    expect(field(page)).to_have_value(before)
    assert page.locator(".restored").count() == 0
    assert answer_of(draft) == (before, 1)
    assert len(copies(page)) == 1


def test_two_people_in_different_answers_do_not_disturb_each_other(
    come_in, owner, contributor, draft, url, visitors
):
    first, second = come_in(owner).go(url), come_in(contributor).go(url)
    field(first, WHY).fill("Ana writes why.")
    field(second, "disparity").fill("Bo writes the difference.")
    saved(first)
    saved(second)
    field(first, WHY).fill("Ana writes why again.")
    saved(first)
    expect(first.locator("[data-here]")).to_have_text("2 people here: you, Bo Lee")
    assert answer_of(draft)[0] == "Ana writes why again."
    assert answer_of(draft, "disparity")[0] == "Bo writes the difference."
    expect(second.locator("[data-here]")).to_have_text("2 people here: you, Ana Ruiz")
    assert visitors.faults == []


@pytest.mark.parametrize(
    ("button", "expected"),
    [("Keep mine", "Mine."), ("Take theirs", "Theirs.")],
)
def test_a_conflict_is_settled_by_choosing(
    come_in, owner, contributor, draft, url, button, expected
):
    page = come_in(owner).go(url)
    answers.save(draft, values={WHY: "Theirs."}, bases={WHY: 1}, by=contributor)
    field(page).fill("Mine.")
    note = page.locator(".field-notice--conflict")
    expect(note).to_contain_text("Bo Lee saved another version at")
    expect(note.locator("blockquote")).to_have_text("Theirs.")
    field(page, "disparity").fill("Typed meanwhile.")
    page.get_by_role("button", name="Save and continue").click()
    expect(note).to_be_focused()
    note.get_by_role("button", name=button).click()
    expect(field(page)).to_have_value(expected)
    saved(page)
    assert answer_of(draft)[0] == expected
    assert answer_of(draft, "disparity")[0] == "Typed meanwhile."
    assert note.count() == 0


def test_a_button_right_after_the_last_save_goes_on(come_in, owner, draft, url):
    visitor = come_in(owner)
    page = visitor.go(url)
    field(page).fill("Saved already.")
    saved(page)
    page.get_by_role("button", name="Save and come back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(draft.practice.name)


def test_a_conflict_is_settled_by_merging(come_in, owner, contributor, draft, url):
    page = come_in(owner).go(url)
    answers.save(draft, values={WHY: "Theirs."}, bases={WHY: 1}, by=contributor)
    field(page).fill("Mine.")
    page.get_by_role("button", name="Merge both").click()
    area = page.locator(".field-notice--conflict textarea")
    expect(area).to_have_value("Theirs.\n\nMine.")
    area.fill("Theirs and mine.")
    page.get_by_role("button", name="Save this").click()
    saved(page)
    assert answer_of(draft) == ("Theirs and mine.", 3)


def test_text_put_back_over_a_newer_version_is_shown_beside_it(
    come_in, owner, contributor, draft, url
):
    visitor = come_in(owner)
    page = visitor.go(url)
    visitor.context.set_offline(True)
    field(page).fill("Typed long ago.")
    expect(page.locator("[data-save-state]")).to_have_text("Not saved – trying again")
    page.evaluate(DIE_SILENTLY)
    answers.save(draft, values={WHY: "Newer."}, bases={WHY: 1}, by=contributor)
    page.goto("about:blank")
    visitor.context.set_offline(False)
    assert answer_of(draft)[0] == "Newer."
    page = visitor.go(url)
    note = page.locator(".field-notice--conflict")
    expect(note.locator("blockquote")).to_have_text("Newer.")
    expect(field(page)).to_have_value("Typed long ago.")
    assert answer_of(draft)[0] == "Newer."


def test_sites_and_members_are_saved_field_by_field(come_in, owner, draft, visitors):
    MemberCount.objects.all().delete()
    Site.objects.all().delete()
    visitor = come_in(owner)
    page = visitor.go("/practice/sites/")
    page.get_by_role("button", name="Add a site").click()
    page.get_by_label("Site name").fill("Main Street")
    page.get_by_label("ZIP code").fill("93701")
    page.get_by_label("City").fill("Fresno")
    saved(page)
    expect(page.get_by_text("Fresno", exact=True)).to_be_visible()
    visitor.look("Clinic sites")
    page.get_by_label("Street address").fill("1 Main Street")
    page.get_by_role("button", name="Save and continue").click()
    visitor.look("Medi-Cal members and plan")
    assert Site.objects.values_list("name", "street", "county").get() == (
        "Main Street",
        "1 Main Street",
        "Fresno",
    )
    page.get_by_role("button", name="Add a plan").click()
    page.get_by_label("Medi-Cal plan (MCP)").select_option(label="Valley Health Plan")
    page.get_by_label("Assigned members").fill("1,020")
    page.get_by_label("Assigned members").blur()
    expect(page.locator("[data-shown=members-total]")).to_have_text("1,020")
    page.get_by_role("button", name=re.compile("^Remove Valley|^Remove Plan")).click()
    visitor.look("Remove this entry?")
    page.get_by_role("button", name="Remove this entry").click()
    visitor.look("Medi-Cal members and plan")
    assert MemberCount.objects.count() == 0
    assert visitors.faults == []


def test_a_tin_is_saved_when_it_is_left_and_never_kept_in_the_browser(
    come_in, owner, draft, visitors
):
    visitor = come_in(owner)
    page = visitor.go("/practice/profile/")
    tin = page.get_by_label("Taxpayer ID (TIN)")
    visitor.context.set_offline(True)
    tin.fill("94-1234567")
    tin.blur()
    expect(page.locator("[data-save-state]")).to_have_text("Not saved – trying again")
    assert copies(page) == []
    visitor.context.set_offline(False)
    saved(page)
    expect(page.locator("[data-shown=tin]")).to_contain_text("••-•••4567")
    expect(tin).to_have_value("")
    assert Practice.objects.get(pk=draft.practice_id).masked_tin == "••-•••4567"


def test_rows_pasted_without_scripts_are_looked_at_and_added(come_in, owner, draft, visitors):
    OrganisationFactory(kind="mcp", name="Inland Empire Health Plan")
    visitor = come_in(owner, java_script_enabled=False)
    page = visitor.go("/practice/members/")
    page.get_by_text("Paste from a spreadsheet").click()
    page.get_by_label("Cells copied from your spreadsheet").fill("IEHP\t1,200\t11/1/2025")
    page.get_by_role("button", name="Show the rows").click()
    expect(page.get_by_role("cell", name="Inland Empire Health Plan")).to_be_visible()
    page.get_by_role("button", name="Add 1 row").click()
    expect(page.get_by_text("1 row is added.")).to_be_visible()
    assert MemberCount.objects.order_by("-pk").values_list("members", flat=True)[0] == 1200
    assert visitors.faults == []


def test_states_and_counts_follow_what_is_saved(come_in, owner, draft, url):
    page = come_in(owner).go(url)
    state, nav = page.locator("[data-section-state]"), page.locator("[data-nav=population]")
    expect(state).to_have_text("Complete")
    field(page).fill("")
    expect(state).to_have_text("1 thing to fill in")
    expect(nav).to_contain_text("Started")
    field(page).fill("Because of our own numbers.")
    expect(state).to_have_text("Complete")
    expect(nav).to_contain_text("Complete")


def test_button_without_a_connection_says_so_and_keeps_the_page(come_in, owner, url):
    visitor = come_in(owner)
    page = visitor.go(url)
    visitor.context.set_offline(True)
    page.get_by_role("button", name="Save and continue").click()
    expect(page.locator("[data-save-state]")).to_contain_text("You are offline")
    assert visitor.path == url
    visitor.context.set_offline(False)
    page.get_by_role("button", name="Save and come back").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Your population")


def test_refused_text_is_back_in_another_browser_until_it_is_settled(
    come_in, owner, contributor, draft, url
):
    first = come_in(contributor).go(url)
    answers.save(draft, values={WHY: "Theirs."}, bases={WHY: 1}, by=owner)
    field(first).fill("Mine.")
    expect(first.locator(".field-notice--conflict")).to_be_visible()
    page = come_in(contributor).go(url)
    note = page.locator(".field-notice--conflict")
    expect(note.locator("blockquote")).to_have_text("Theirs.")
    expect(field(page)).to_have_value("Mine.")
    expect(page.locator("[data-held]")).to_have_count(0)
    note.get_by_role("button", name="Keep mine").click()
    saved(page)
    assert answer_of(draft)[0] == "Mine."
    assert HeldText.objects.count() == 0


def test_text_that_never_arrived_is_shown_after_signing(come_in, owner, draft, url):
    visitor = come_in(owner)
    page = visitor.go(url)
    visitor.context.set_offline(True)
    field(page).fill("Typed <too> late.")
    expect(page.locator("[data-save-state]")).to_have_text("Not saved – trying again")
    page.close(run_before_unload=False)
    visitor.context.set_offline(False)
    Application.objects.filter(pk=draft.pk).update(
        status=Status.SUBMITTED, submitted_at=draft.created_at
    )
    page = visitor.context.new_page()
    for path in (url, f"/application/{draft.pk}/review/"):
        page.goto(path)
        expect(page.get_by_text("text that never reached the application")).to_be_visible()
        kept = page.locator("[data-leftover] textarea")
        expect(kept).to_have_count(1)
        expect(kept).to_have_value("Typed <too> late.")
        expect(kept).to_have_attribute("readonly", "")
