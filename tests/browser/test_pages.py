"""Every main page on a narrow screen, and the two that must work without scripts."""

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from accounts.models import Organisation
from applications.enums import Status
from applications.models import Answer, Application
from scoring.domain import assignments
from scoring.models import CriterionScore, ScoreSheet
from tests.browser.visitor import DESKTOP, NARROW
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.browser

PUBLIC = (
    "/",
    "/estimate/?members=920",
    "/cycles/{cycle}/",
    "/accounts/login/",
    "/accounts/signup/",
)
PRACTICE = (
    "/home/",
    "/practice/",
    "/practice/profile/",
    "/practice/sites/",
    "/practice/members/",
    "/application/{draft}/population/",
    "/application/{draft}/review/",
)
LEAD = ("/plan/", "/plan/{submitted}/", "/plan/{submitted}/conflicts/")
REVIEWER = (
    "/reviews/",
    "/reviews/{sheet}/",
    "/reviews/done/",
    "/reviews/conflicts/",
    "/reviews/declare/",
    "/reviews/{sheet}/declare/",
    "/reviews/{sheet}/decline/",
)
DHCS = ("/queue/", "/queue/{recommended}/", "/selection/cohort-1/", "/decisions/")


@pytest.fixture
def cycle(transactional_db):
    return CycleFactory(title="EPT Cohort 1", slug="cohort-1")


@pytest.fixture
def plan(cycle):
    name = "Central California Alliance for Health and Community Care"
    return OrganisationFactory(kind="mcp", name=name, slug="central-california")


@pytest.fixture
def draft(cycle, plan):
    return complete(ApplicationFactory(cycle=cycle, designated_mcp=plan))


@pytest.fixture
def sheet(cycle, plan, colleague):
    """An empty score sheet; `sheet.lead` and `sheet.reviewer` are the hats that see it."""
    application = ApplicationFactory(cycle=cycle, designated_mcp=plan, status=Status.SUBMITTED)
    lead = colleague(Role.MCP_LEAD, "Lee Lead", plan)
    reviewer = colleague(Role.MCP_REVIEWER, "Ravi Reviewer", plan)
    assignments.assign(application, reviewer=reviewer, by=lead)
    declare(application, reviewer)
    found = ScoreSheet.objects.get()
    found.lead, found.reviewer, found.application = lead, reviewer, application
    return found


def look_at(visitor, paths, **names):
    """Open every page and return those that failed or scroll sideways, with the reason."""
    faults = {}
    for path in paths:
        visitor.go(path.format(**names))
        found = visitor.sideways()
        if visitor.status != 200 or found:
            faults[path] = (visitor.status, found)
    return faults


def test_public_pages_fit_a_narrow_screen(visitors, cycle):
    visitor = visitors(viewport=NARROW)
    assert look_at(visitor, PUBLIC, cycle=cycle.slug) == {}


def test_pages_of_the_practice_fit_a_narrow_screen(come_in, colleague, draft):
    owner = colleague(Role.PRACTICE_OWNER, "Ana Ruiz", draft.practice)
    assert look_at(come_in(owner, viewport=NARROW), PRACTICE, draft=draft.pk) == {}


def test_pages_of_the_plan_fit_a_narrow_screen(come_in, sheet):
    lead = come_in(sheet.lead, viewport=NARROW)
    assert look_at(lead, LEAD, submitted=sheet.application.pk) == {}
    reviewer = come_in(sheet.reviewer, viewport=NARROW)
    assert look_at(reviewer, REVIEWER, sheet=sheet.pk) == {}


@pytest.mark.parametrize("size", [NARROW, DESKTOP], ids=["narrow", "desktop"])
def test_pages_of_dhcs_fit_every_screen(come_in, colleague, cycle, plan, size):
    """On a desktop too: the queue is the widest table there is."""
    chosen = {"cycle": cycle, "designated_mcp": plan, "members": 60_000}
    application = ApplicationFactory(status=Status.RECOMMENDED, **chosen)
    ApplicationFactory(status=Status.NOT_RECOMMENDED, **chosen)
    ApplicationFactory(status=Status.RETURNED, **chosen)
    Application.objects.update(population="behavioral_health", practice_types=["fqhc"])
    name = "Los Angeles Southgate Community Health Center and Neighborhood Clinic"
    Organisation.objects.filter(kind="practice").update(name=name)
    visitor = come_in(colleague(Role.DHCS_ANALYST, "Alex Analyst"), viewport=size)
    assert look_at(visitor, DHCS, recommended=application.pk) == {}


def test_section_is_saved_by_its_button_without_scripts(come_in, colleague, draft):
    owner = colleague(Role.PRACTICE_OWNER, "Ana Ruiz", draft.practice)
    visitor = come_in(owner, java_script_enabled=False)
    page = visitor.go(f"/application/{draft.pk}/population/")
    page.get_by_label("Why this population?").fill("Typed without any script.")
    page.get_by_role("button", name="Save and come back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(draft.practice.name)
    stored = Answer.objects.get(application=draft, key="population_why")
    assert (stored.value, stored.version) == ("Typed without any script.", 2)
    assert visitor.faults == []


def test_scores_are_saved_by_the_button_without_scripts(come_in, sheet):
    visitor = come_in(sheet.reviewer, java_script_enabled=False)
    page = visitor.go(f"/reviews/{sheet.pk}/")
    page.locator("[data-criterion='1.1'] label", has_text="4").click()
    page.get_by_label("Comment on 1.1").fill("Serves most of the county.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[data-total]")).to_have_text("4")
    [score] = CriterionScore.objects.all()
    assert (score.code, score.points) == ("1.1", 4)
    sheet.refresh_from_db()
    assert (sheet.total, sheet.given, sheet.is_submitted) == (4, 1, False)
    assert visitor.faults == []
