"""The lead's overview, list and team: axe, every width, dark colours, keyboard reach."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from accounts.domain import invitations
from accounts.enums import Role
from scoring.domain import assignments, team
from tests.browser.access import look_at
from tests.factories.accounts import OrganisationFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import hand_in, store, submitted

LONG = "San Joaquin Community Health Center of the Greater Central Valley"


@pytest.fixture
def lead(transactional_db, colleague):
    plan = OrganisationFactory(kind="mcp", name="Central California Alliance for Health")
    return colleague(Role.MCP_LEAD, "Lee Chan", plan)


@pytest.fixture
def reviewer(lead, colleague):
    """A reviewer who is away and has a done, a started and an untouched review; one is for nobody."""
    cycle = CycleFactory(title="EPT Cohort 1")
    hat = colleague(Role.MCP_REVIEWER, "Alexandra Featherstonehaugh-Villanueva", lead.organisation)
    for number in range(4):
        application = submitted(lead, cycle=cycle, county="San Bernardino", members=60_000)
        application.practice.name = f"{LONG} {number}"
        application.practice.save()
        if number:
            sheet = assignments.assign(application, reviewer=hat, by=lead).sheet
        if number == 1:
            hand_in(sheet)
        if number == 2:
            store(sheet, {"1.1": 3})
    today = team.today()
    team.add_absence(hat, first_day=today, last_day=today + timedelta(3), by=lead)
    invitations.invite(email="cy@plan.example", role=Role.MCP_REVIEWER, by=lead)
    return hat


def test_pages_of_the_lead_hold_what_every_page_must(come_in, visitors, lead, reviewer):
    visitor = come_in(lead)
    paths = (
        "/plan/overview/", "/plan/", "/plan/?need=undeclared", "/plan/?q=nothing", "/plan/team/",
        f"/plan/team/{reviewer.pk}/", f"/plan/team/{reviewer.pk}/off/",
        f"/plan/team/{reviewer.pk}/role/",
    )  # fmt: skip
    assert look_at(visitor, paths, dark=True) == {}
    assert visitors.faults == []


def test_a_lead_comes_from_a_count_to_the_rows_behind_it(come_in, lead, reviewer):
    visitor = come_in(lead)
    page = visitor.page
    visitor.look("Overview")
    page.get_by_role("link", name="Submitted", exact=True).click()
    visitor.look("Applications")
    expect(page.get_by_text("1 application matches.")).to_be_visible()
    expect(page.locator(".plan-list tbody tr")).to_have_count(1)
    page.get_by_label("Reviewer", exact=True).select_option(label=reviewer.user.full_name)
    page.get_by_role("button", name="Filter").click()
    visitor.look("Applications")
    expect(page.get_by_text("No application matches")).to_be_visible()
