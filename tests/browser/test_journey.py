"""One real application in a real browser, with the real servers behind it and real mail."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.enums import Role
from accounts.models import Organisation
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from notifications.models import OutboxEmail
from programs.models import Cycle, PlanCounty
from scoring.models import ScoreSheet
from tests.factories.applications import answer_for
from tests.factories.programs import CycleFactory

pytestmark = [pytest.mark.browser, pytest.mark.processes]

OWNER = "ana.ruiz@fresno.example"
PRACTICE = "Fresno Family Medicine"
PLAN = "Valley Health Plan"
PASSWORD = "orange-groves-in-april"


@pytest.fixture
def cycle(transactional_db):
    return CycleFactory(title="EPT Cohort 1", slug="cohort-1")


@pytest.fixture
def plan(cycle):
    found = Organisation.objects.create(kind="mcp", name=PLAN, slug="valley-health-plan")
    PlanCounty.objects.create(plan=found, county="Fresno")
    return found


def test_application_goes_from_sign_up_to_decision_email_in_a_browser(
    visitors, come_in, colleague, services, cycle, plan
):
    lead = colleague(Role.MCP_LEAD, "Lee Lead", plan)
    reviewer = colleague(Role.MCP_REVIEWER, "Ravi Reviewer", plan)
    analyst = colleague(Role.DHCS_ANALYST, "Alex Analyst")
    approver = colleague(Role.DHCS_APPROVER, "Avery Approver", analyst.organisation)

    owner = visitors()
    sign_up(owner, services)
    set_up_practice(owner)
    fill_in_practice(owner)
    fill_in_questions(owner, cycle.definition)
    sign(owner, cycle.definition)
    application = Application.objects.get()
    assert application.status == Status.SUBMITTED
    receipt = services.wait_for_mail(OWNER, 2)
    assert application.reference in receipt["Subject"] + receipt.get_content()

    lead_page = come_in(lead)
    assign(lead_page, application, reviewer)
    told = services.wait_for_mail(reviewer.user.email)
    assert application.reference in told["Subject"] + told.get_content()
    score(come_in(reviewer), application)
    confirm_and_recommend(lead_page, application)

    Cycle.objects.update(closes_at=timezone.now() - timedelta(minutes=1))
    propose(come_in(analyst), application)
    approve_and_release(come_in(approver))
    application.refresh_from_db()
    assert (application.status, application.adjusted_score) == (Status.SELECTED, 102)
    steps = ApplicationTransition.objects.values_list("name", flat=True)
    assert list(steps) == ["submit", "start_review", "confirm_score", "recommend", "select"]

    letter = services.wait_for_mail(OWNER, 3)
    assert PRACTICE in letter.get_content()
    assert application.reference in letter["Subject"] + letter.get_content()
    stored = OutboxEmail.objects.get(kind="selected")
    assert letter["Message-ID"].startswith(f"<{stored.message_uid}@")
    owner.go("/home/")
    owner.look(PRACTICE)
    expect(owner.page.get_by_text("Your practice is selected")).to_be_visible()
    assert [message["To"] for message in services.mail()].count(OWNER) == 3
    assert visitors.faults == []


def sign_up(owner, services):
    page = owner.go("/")
    owner.look(page.get_by_role("heading", level=1).inner_text())
    page.get_by_role("link", name="Create an account").first.click()
    owner.look("Create an account")
    page.get_by_label("Your full name").fill("Ana Ruiz")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    owner.look("Enter the code from your email")
    message = services.wait_for_mail(OWNER)
    page.get_by_label("Code").fill(code_in(message))
    page.get_by_role("button", name="Confirm email address").click()


def code_in(message):
    """Return the code, which stands on a line of its own."""
    [code] = re.findall(r"^([A-Z0-9-]{6,9})\s*$", message.get_content(), re.MULTILINE)
    return code


def set_up_practice(owner):
    page = owner.page
    owner.look("Get started")
    page.get_by_role("link", name="Set up practice").click()
    owner.look("Set up your practice")
    page.get_by_label("Legal name of the practice").fill(PRACTICE)
    page.get_by_role("button", name="Set up practice").click()
    owner.look(PRACTICE)
    page.get_by_role("button", name="Start application").click()


def fill_in_practice(owner):
    page = owner.page
    owner.look("Practice")
    page.get_by_label("Organizational NPI").fill("1234567893")
    page.get_by_label("Taxpayer ID (TIN)").fill("94-1234567")
    tick(page.get_by_label("Family medicine"))
    tick(page.get_by_label("Small independent"))
    page.get_by_label("Electronic health record (EHR)").fill("OpenEMR")
    go_on(page)
    owner.look("Clinic sites")
    page.get_by_role("button", name="Add a site").click()
    page.get_by_label("Site name").fill("Main Street")
    page.get_by_label("Street address").fill("1 Main Street")
    page.get_by_label("City").fill("Fresno")
    page.get_by_label("ZIP code").fill("93701")
    go_on(page)
    owner.look("Medi-Cal members and plan")
    page.get_by_role("button", name="Add a plan").click()
    page.get_by_label("Medi-Cal plan (MCP)").select_option(label=PLAN)
    page.get_by_label("Assigned members").fill("920")
    page.get_by_label("Counted on").fill("2026-01-31")
    page.get_by_label("Plan that scores your application").select_option(label=PLAN)
    go_on(page)


def fill_in_questions(owner, definition):
    page = owner.page
    for section in definition.sections:
        if section.kind != "questions":
            continue
        owner.look(section.title)
        for question in section.questions:
            answer(page, question, answer_for(question, definition))
        if section.questions[-1].kind == "long_text":
            page.keyboard.type(".")
        expect(page.locator("[data-save-state]")).to_have_text(re.compile(r"^Saved \d"))
        go_on(page)


def answer(page, question, value):
    control = page.locator(f"form[data-autosave] [name={question.key}]")
    if question.kind in ("yes_no", "choice", "multi_choice"):
        for one in value if isinstance(value, list) else [value]:
            tick(control.and_(page.locator(f"[value='{one}']")))
    else:
        control.fill(value)


def sign(owner, definition):
    page = owner.page
    owner.look("Review and sign")
    for statement in definition.attestations:
        tick(page.get_by_label(statement.text))
    page.get_by_label("Your full name").fill("Ana Ruiz")
    page.get_by_label("Your title").fill("Owner")
    page.get_by_role("button", name="Submit application").click()
    owner.look("Confirm that it is you")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm and go on").click()
    owner.look("Your application is submitted")
    expect(page.get_by_text("SHA-256 of the content")).to_be_visible()
    page.get_by_role("link", name="Home", exact=True).click()
    owner.look(PRACTICE)


def assign(lead, application, reviewer):
    page = lead.page
    lead.look("Overview")
    page.get_by_role("link", name="Applications", exact=True).click()
    lead.look("Applications")
    page.get_by_role("link", name=PRACTICE).click()
    lead.look(PRACTICE)
    option = page.get_by_role("option", name=reviewer.user.full_name)
    page.get_by_label("Reviewer", exact=True).select_option(value=option.get_attribute("value"))
    page.get_by_role("button", name="Assign reviewer").click()
    lead.look(PRACTICE)


def score(reviewer, application):
    page = reviewer.page
    reviewer.look("My reviews")
    page.get_by_role("button", name="Score next").click()
    reviewer.look("Do you have a conflict of interest?")
    for question in page.locator("form.declare fieldset").all():
        tick(question.get_by_label("No", exact=True))
    page.get_by_role("button", name="Send my answers").click()
    reviewer.look(PRACTICE)
    page.keyboard.press("j")
    codes = [one.code for one in application.cycle.definition.criteria()]
    for code in codes:
        page.keyboard.press("5")
        expect(page.locator(f"[data-criterion='{code}'] input[value='5']")).to_be_checked()
        page.keyboard.press("j")
    expect(page.locator("[data-total]")).to_have_text("90")
    expect(page.locator("[data-missing]")).to_have_text("0")
    for code in codes:
        page.get_by_label(f"Comment on {code}", exact=True).fill("Complete and specific.")
    expect(page.locator("[data-save-state]")).to_have_text(re.compile(r"^Saved \d"))
    page.get_by_role("button", name="Submit scores").click()
    reviewer.look("My reviews")
    sheet = ScoreSheet.objects.get()
    assert (sheet.total, sheet.given, sheet.is_submitted) == (90, len(codes), True)


def confirm_and_recommend(lead, application):
    page = lead.go(f"/plan/{application.pk}/")
    lead.look(PRACTICE)
    page.get_by_role("button", name="Confirm 90 points").click()
    lead.look(PRACTICE)
    tick(page.get_by_label("Recommend", exact=True))
    page.get_by_label("Reason", exact=True).fill("A strong and specific plan.")
    page.get_by_role("button", name="Save the recommendation").click()
    lead.look(PRACTICE)
    page.get_by_role("link", name="Look at what is ready").click()
    lead.look("Hand over to DHCS")
    page.get_by_role("button", name="Hand over 1 application").click()
    lead.look("Recommend")


def propose(analyst, application):
    page = analyst.page
    analyst.look("Queue")
    page.get_by_role("link", name=application.reference).click()
    analyst.look(PRACTICE)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Workbench").click()
    analyst.look("Workbench")
    expect(page.get_by_label("Key figures")).to_contain_text("1 selected of 1")
    page.get_by_role("link", name="Propose…").click()
    analyst.look("Propose 1 decision")
    page.get_by_label("Why do you propose this?").fill("The published rules, as announced.")
    page.get_by_role("button", name="Propose 1 decision").click()
    expect(page.get_by_text("The published rules, as announced.")).to_be_visible()


def approve_and_release(approver):
    page = approver.page
    approver.look("Queue")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Decisions").click()
    approver.look("Decisions")
    page.get_by_role("main").get_by_role("link", name=re.compile("^Proposal")).first.click()
    page.get_by_role("button", name="Approve 1 decision").click()
    approver.look("Confirm that it is you")
    page.get_by_label("Password").fill("a-long-walk-by-the-sea")
    page.get_by_role("button", name="Confirm and go on").click()
    expect(page.get_by_text("The proposal is approved.")).to_be_visible()
    page.get_by_role("button", name="Release 1 decision").click()
    expect(page.get_by_role("button", name="Release 1 decision")).to_be_hidden()


def go_on(page):
    page.get_by_role("button", name="Save and continue").click()


def tick(control):
    """Click the label, as the control itself is drawn by it."""
    control.page.locator(f"label[for='{control.get_attribute('id')}']").click()
    expect(control).to_be_checked()
