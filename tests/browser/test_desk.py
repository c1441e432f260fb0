"""DHCS at one application: axe, every width, folded parts, a note, the way to the next one."""

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from scoring.domain import scores
from selection.domain import flags, notes
from tests.browser.access import look_at
from tests.factories.accounts import OrganisationFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, give, hand_in, in_review, recommend
from tests.scoring.conflicting import check
from tests.selection.building import handed_over

pytestmark = pytest.mark.browser
LONG = "San Joaquin Community Health Center of the Greater Central Valley"


@pytest.fixture
def analyst(transactional_db, colleague):
    department = OrganisationFactory(kind="dhcs", name="Department of Health Care Services")
    return colleague(Role.DHCS_ANALYST, "Helen Zhou", department)


@pytest.fixture
def approver(analyst, colleague):
    return colleague(Role.DHCS_APPROVER, "Ruth Kaplan", analyst.organisation)


@pytest.fixture
def application(analyst, approver):
    """An application with two sheets, a recommendation, a note, flags and a conflict of somebody."""
    review = in_review(a_lead(), cycle=CycleFactory(title="EPT Cohort 1"))
    found = review.application
    found.practice.name = LONG
    found.practice.save()
    hand_in(review.sheet, 54)
    hand_in(give(found, review.lead), 57)
    scores.confirm(found, by=review.lead)
    words = {"recommended": True, "reason": "Strong plan. " * 20, "note": "Ask about staff."}
    recommend(found, **words, by=review.lead)
    notes.add(found, text="Look. " * 80, mentioned=[analyst], colleagues=[analyst], by=approver)
    flags.clear(flags.put(found, label="Legal question", by=analyst), by=approver)
    flags.put(found, label="Averyveryverylongflagwithoutanyspaceinit", by=analyst)
    third = handed_over(found.cycle, 40)
    check(third, approver.user)
    check(third, analyst.user, hard=False, note="We sang in one choir.", rule="other")
    return found


def test_pages_of_the_desk_hold_what_every_page_must(
    come_in, visitors, analyst, approver, application
):
    here = f"/queue/{application.pk}/"
    mine = (here, f"{here}#criteria", f"{here}declare/", "/mentions/", "/queue/conflicts/")
    assert look_at(come_in(analyst), mine, dark=True) == {}
    theirs = (f"{here}conflicts/", "/queue/conflicts/", "/mentions/")
    assert look_at(come_in(approver), theirs, dark=True) == {}
    assert visitors.faults == []


def test_link_on_the_page_opens_the_part_that_it_leads_to(come_in, analyst, application):
    page = come_in(analyst).go(f"/queue/{application.pk}/")
    history = page.locator("#history")
    expect(history.get_by_text("Scored")).to_be_hidden()
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="History").click()
    expect(history.get_by_role("heading", name="Scored")).to_be_visible()
    page.get_by_text("Criterion by criterion").click()
    expect(page.locator(".criteria-table tfoot")).to_contain_text("54")


def test_note_with_a_colleague_works_without_scripts(come_in, analyst, approver, application):
    page = come_in(analyst, java_script_enabled=False).go(f"/queue/{application.pk}/")
    page.get_by_label("Write a note").fill("The members look high.")
    page.get_by_text("Tell colleagues").click()
    page.get_by_text("Ruth Kaplan, DHCS approver").click()
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_text("Your note is kept. Told by email: Ruth Kaplan.")).to_be_visible()
    other = come_in(approver)
    other.go("/queue/")
    other.page.get_by_role("link", name="Mentions 1 new").click()
    expect(other.page.get_by_text("The members look high.")).to_be_visible()


def test_next_walks_the_view(come_in, analyst, application):
    rows = [handed_over(application.cycle, score) for score in (70, 65)]
    page = come_in(analyst).go("/queue/?status=recommended&order=-mcp")
    page.get_by_role("link", name=rows[0].reference).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(rows[0].practice.name)
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(rows[1].practice.name)
    page.get_by_role("link", name="Previous").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(rows[0].practice.name)
    page.get_by_role("link", name="Back to the view").click()
    page.wait_for_url("**/queue/?status=recommended&order=-mcp")
