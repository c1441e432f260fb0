"""From sign-in to receipt without a mouse: Tab, Shift+Tab, Space, Enter, arrows and letters."""

import re

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from applications.enums import Status
from applications.models import Answer, Submission
from programs.models import PlanCounty
from tests.browser.conftest import PASSWORD
from tests.browser.keyboard import Keyboard
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory, answer_for
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.browser
PLAN = "Valley Health Plan"
TEXT = "Every month."
SAVED = re.compile(r"^Saved \d")


@pytest.fixture
def draft(transactional_db):
    cycle = CycleFactory(title="EPT Cohort 1", slug="cohort-1")
    plan = OrganisationFactory(kind="mcp", name=PLAN, slug="valley-health-plan")
    PlanCounty.objects.create(plan=plan, county="Fresno")
    found = ApplicationFactory(cycle=cycle, designated_mcp=None)
    practice = found.practice.practice
    practice.npi, practice.specialties, practice.practice_types, practice.ehr = "", [], [], ""
    practice.save()
    return found


@pytest.fixture
def owner(colleague, draft):
    return colleague(Role.PRACTICE_OWNER, "Ana Ruiz", draft.practice)


@pytest.fixture
def keys(visitors):
    return Keyboard(visitors(reduced_motion="reduce").page)


def heading(page, text):
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def go_on(keys):
    keys.push(keys.page.get_by_role("button", name="Save and continue"))


def test_an_application_is_written_and_signed_by_keyboard_alone(visitors, keys, owner, draft):
    page = keys.page
    page.goto("/application/")
    sign_in(keys, owner)
    fill_in_practice(keys)
    fill_in_questions(keys, draft.cycle.definition)
    sign(keys, draft.cycle.definition)
    draft.refresh_from_db()
    assert draft.status == Status.SUBMITTED
    assert Submission.objects.get().signed_title == "Owner"
    assert Answer.objects.filter(application=draft).count() == sum(
        question.required for question in draft.cycle.definition.questions()
    )
    assert keys.faults == []
    assert [fault for fault in visitors.faults if "status of 422" not in fault] == []


def sign_in(keys, owner):
    page = keys.page
    heading(page, "Sign in")
    keys.skip()
    keys.write(page.get_by_label("Email"), owner.user.email)
    keys.write(page.get_by_label("Password"), PASSWORD)
    keys.press("Enter")


def fill_in_practice(keys):
    page = keys.page
    heading(page, "Practice")
    keys.skip()
    keys.write(page.get_by_label("Organizational NPI"), "1234567893")
    keys.write(page.get_by_label("Taxpayer ID (TIN)"), "94-1234567")
    keys.tick(page.get_by_label("Family medicine"))
    keys.tick(page.get_by_label("Small independent"))
    keys.write(page.get_by_label("Electronic health record (EHR)"), "OpenEMR")
    keys.press("Shift+Tab")
    expect(page.locator("[data-save-state] + [aria-live=polite]")).to_have_text(SAVED)
    go_on(keys)
    heading(page, "Clinic sites")
    keys.skip()
    keys.push(page.get_by_role("button", name="Add a site"))
    keys.write(page.get_by_label("Site name"), "Main Street")
    keys.write(page.get_by_label("Street address"), "1 Main Street")
    keys.write(page.get_by_label("City"), "Fresno")
    keys.write(page.get_by_label("ZIP code"), "93701")
    go_on(keys)
    heading(page, "Medi-Cal members and plan")
    keys.skip()
    keys.push(page.get_by_role("button", name="Add a plan"), "Space")
    keys.pick(page.get_by_label("Medi-Cal plan (MCP)"), PLAN)
    keys.write(page.get_by_label("Assigned members"), "920")
    keys.write(page.get_by_label("Counted on"), "01312026")
    keys.pick(page.get_by_label("Plan that scores your application"), PLAN)
    go_on(keys)


def fill_in_questions(keys, definition):
    page = keys.page
    for section in definition.sections:
        if section.kind != "questions":
            continue
        heading(page, section.title)
        keys.skip()
        for question in section.questions:
            if question.required:
                answer(keys, question, answer_for(question, definition))
        go_on(keys)


def answer(keys, question, value):
    control = keys.page.locator(f"form[data-autosave] [name={question.key}]")
    if question.kind in ("yes_no", "choice"):
        keys.choose(control, value)
    elif question.kind == "multi_choice":
        keys.tick(control.and_(keys.page.locator(f"[value='{value[0]}']")))
    elif question.kind == "date":
        year, month, day = value.split("-")
        keys.write(control, f"{month}{day}{year}")
    else:
        keys.write(control, TEXT if question.kind == "long_text" else value)


def sign(keys, definition):
    page = keys.page
    heading(page, "Review and sign")
    keys.skip()
    keys.push(page.get_by_role("button", name="Submit application"))
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    first = summary.get_by_role("link").first
    keys.push(first)
    target = first.get_attribute("href")
    expect(page.locator(target)).to_be_focused()
    keys.reach(first, "Shift+Tab")
    for statement in definition.attestations:
        keys.tick(page.get_by_label(statement.text))
    keys.write(page.get_by_label("Your full name"), "Ana Ruiz")
    keys.write(page.get_by_label("Your title"), "Owner")
    keys.push(page.get_by_role("button", name="Submit application"))
    heading(page, "Confirm that it is you")
    keys.write(page.get_by_label("Password"), PASSWORD)
    keys.push(page.get_by_role("button", name="Confirm and go on"))
    heading(page, "Your application is submitted")
