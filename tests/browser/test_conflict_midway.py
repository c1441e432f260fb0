"""A conflict of interest that is noted while the score page is open; declaring with real clicks."""

import re

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from applications.models import ConflictCheck
from scoring.domain import assignments, conflicts
from scoring.models import Assignment, CriterionComment
from tests.factories.accounts import OrganisationFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import submitted
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.browser
SAVED = re.compile(r"^Saved \d")
QUESTION = "Do you have a conflict of interest?"
REFUSED = "status of 422"


@pytest.fixture
def plan(transactional_db):
    return OrganisationFactory(kind="mcp", name="Valley Health Plan")


@pytest.fixture
def lead(colleague, plan):
    return colleague(Role.MCP_LEAD, "Lena Ortiz", plan)


@pytest.fixture
def reviewer(colleague, plan):
    return colleague(Role.MCP_REVIEWER, "Ravi Shah", plan)


@pytest.fixture
def sheets(lead, reviewer):
    cycle = CycleFactory(title="EPT Cohort 1", slug="cohort-1")
    found = []
    for name in ("Sierra Family Health", "Mission Street Clinic", "Delta Women's Health"):
        application = submitted(lead, cycle=cycle)
        application.practice.name = name
        application.practice.save()
        found.append(assignments.assign(application, reviewer=reviewer, by=lead).sheet)
    return found


def comment(page):
    return page.get_by_label("Comment on 1.1", exact=True)


def real(visitors):
    """Return the faults but for the refusals that the test asks for."""
    return [fault for fault in visitors.faults if REFUSED not in fault]


def test_a_conflict_while_one_writes_refuses_the_save_and_keeps_the_text(
    visitors, come_in, lead, reviewer, sheets
):
    sheet = sheets[0]
    application = sheet.assignment.application
    application.refresh_from_db()
    declare(application, reviewer)
    page = come_in(reviewer).go(f"/reviews/{sheet.pk}/")
    comment(page).fill("The plan names who does what.")
    expect(page.locator("[data-save-state]")).to_have_text(SAVED)
    conflicts.declare_for(
        application, person=reviewer, rule="family", reason="A cousin owns it.", by=lead
    )
    comment(page).fill("The plan names who does what. By when, too.")
    sentence = "A conflict of interest was declared, so this application is closed to you."
    expect(page.locator("#main").get_by_text(sentence).first).to_be_visible()
    expect(page.locator("[data-save-state]")).not_to_have_text(SAVED)
    expect(comment(page)).to_have_value("The plan names who does what. By when, too.")
    assert CriterionComment.objects.get().text == "The plan names who does what."
    assert real(visitors) == []


def test_questions_for_many_then_for_the_one_with_a_conflict(visitors, come_in, reviewer, sheets):
    visitor = come_in(reviewer)
    page = visitor.go("/reviews/")
    page.get_by_role("link", name="Answer for all of them on one page").click()
    visitor.look(QUESTION)
    page.locator(f"label[for=yes-{sheets[1].pk}]").click()
    page.locator("label[for=id_read]").click()
    page.get_by_role("button", name="Send my answers").click()
    expect(
        page.get_by_text("You have no conflict of interest with 2 applications.")
    ).to_be_visible()
    visitor.look(QUESTION)
    note = page.locator("[name=note_helped]")
    expect(note).to_be_hidden()
    page.locator("label[for=id_answer_helped_1]").click()
    expect(note).to_be_visible()
    for rule in ("employment", "family", "financial", "other"):
        page.locator(f"label[for=id_answer_{rule}_0]").click()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_text("You declared a conflict of interest with Mission")).to_be_visible()
    ended = Assignment.objects.get(pk=sheets[1].assignment_id)
    assert (ended.ended_kind, ConflictCheck.objects.filter(outcome="failed").count()) == (
        "conflict",
        1,
    )
    visitor.go("/reviews/conflicts/")
    visitor.look("Conflicts of interest")
    assert real(visitors) == []


def test_declaring_works_without_scripts(come_in, reviewer, sheets):
    visitor = come_in(reviewer, java_script_enabled=False)
    page = visitor.go(f"/reviews/{sheets[0].pk}/declare/")
    for rule in ("employment", "family", "financial", "helped", "other"):
        page.locator(f"label[for=id_answer_{rule}_0]").click()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sierra Family Health")
    assert visitor.faults == []
