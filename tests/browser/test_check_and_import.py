"""The check before sign-up and the import of papers, by hand, on a phone and a desktop."""

import re

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from applications.models import Application, MemberCount
from programs.models import PlanCounty
from tests.applications.importing.building import file_of, row_for
from tests.browser.conftest import PASSWORD
from tests.factories.accounts import OrganisationFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.browser


@pytest.fixture
def plan(transactional_db):
    plan = OrganisationFactory(kind="mcp", name="CalViva Health", slug="calviva")
    PlanCounty.objects.create(plan=plan, county="Fresno")
    return plan


def test_a_visitor_gets_the_answer_and_a_person_does_not_type_it_twice(visitors, colleague, plan):
    CycleFactory()
    visitor = visitors()
    page = visitor.go("/apply/check/")
    visitor.look("Can your practice apply?")
    expect(page.get_by_label("On which day did you send it?")).to_be_hidden()
    page.get_by_text("Pediatrics", exact=True).click()
    page.get_by_label("How many Medi-Cal members").fill("1,020")
    page.get_by_label("In which county").select_option("Fresno")
    page.get_by_role("group", name=re.compile("survey")).get_by_text("Yes", exact=True).click()
    page.get_by_label("On which day did you send it?").fill("2026-01-05")
    page.get_by_role("group", name=re.compile("PhmCAT")).get_by_text("Not yet").click()
    page.get_by_role("button", name="See my answer").click()
    expect(page.get_by_text("You can start now and finish this later")).to_be_visible()
    visitor.look("Can your practice apply?")
    page.get_by_text("CalViva Health").click()
    page.get_by_role("button", name="Keep this plan").click()
    expect(page.get_by_text("You chose CalViva Health.")).to_be_visible()
    hat = colleague(Role.PRACTICE_OWNER, "Ana Ruiz")
    hat.is_active = False
    hat.save()
    visitor.sign_in(hat.user.email, PASSWORD)
    expect(page).not_to_have_url(re.compile("login"))
    page.goto("/practice/new/")
    page.get_by_label("Legal name of the practice").fill("Fresno Family Medicine")
    page.locator("#main form").get_by_role("button").last.click()
    expect(page.get_by_text("We filled in what you told us in the check")).to_be_visible()
    row = MemberCount.objects.get()
    assert (row.plan, row.members) == (plan, 1020)
    assert visitors.faults == []


def test_a_lead_imports_papers_after_looking(visitors, colleague, plan, tmp_path):
    cycle = CycleFactory()
    rows = [row_for(cycle, plan, 1), row_for(cycle, plan, 2, npi="12", practice_name="x" * 150)]
    path = tmp_path / "papers.csv"
    path.write_bytes(file_of(cycle, rows))
    visitor = visitors()
    page = visitor.sign_in(colleague(Role.MCP_LEAD, "Lee Chan", plan).user.email, PASSWORD)
    page.get_by_role("link", name="Applications", exact=True).click()
    page.get_by_role("link", name="Import applications").click()
    visitor.look("Import paper applications")
    page.get_by_label("CSV file").set_input_files(str(path))
    page.get_by_role("button", name="Check this file").click()
    visitor.look("Check the import")
    assert Application.objects.count() == 0
    page.get_by_role("button", name="Import 1 application and leave the rest out").click()
    expect(page.get_by_text("1 application imported.")).to_be_visible()
    assert Application.objects.count() == 1
    assert visitors.faults == []
