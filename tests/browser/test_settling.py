"""The lead's hands: settle a difference, prepare recommendations, hand over; pages without a fault."""

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from applications.enums import Status
from scoring.models import Adjudication
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_reviewer, scored
from tests.scoring.settling import apart

pytestmark = pytest.mark.browser


def test_lead_settles_recommends_and_hands_over(come_in, colleague):
    lead = colleague(Role.MCP_LEAD, "Lee Lead")
    cycle = CycleFactory()
    case = apart(lead, (50, 40), cycle=cycle)
    others = [scored(total, lead=lead, cycle=cycle).application for total in (80, 65)]
    a_reviewer(lead)
    visitor = come_in(lead)
    total = settle(visitor, case)
    page = visitor.page
    page.get_by_role("button", name=f"Confirm {total} points").click()
    visitor.look(case.application.practice.name)
    recommend(visitor, [case.application, *others])
    page.get_by_role("link", name="Hand over 3 applications").click()
    visitor.look("Hand over to DHCS")
    page.get_by_role("button", name="Hand over 3 applications").click()
    visitor.look("Recommend")
    expect(page.get_by_text("3 applications are handed over to DHCS.")).to_be_visible()
    for row in (case.application, *others):
        row.refresh_from_db()
        assert row.status == Status.RECOMMENDED


def settle(visitor, case) -> int:
    """Set 3 points with a reason wherever the sheets differ; the total is told while choosing."""
    page = visitor.go("/plan/disagreements/")
    visitor.look("Disagreements")
    page.get_by_role("link", name=case.application.practice.name).click()
    visitor.look("Difference between the sheets")
    groups = page.locator(".difference__set")
    for index in range(groups.count()):
        group = groups.nth(index)
        group.locator(".points__label", has_text="3").click()
        group.get_by_role("textbox").fill("Both readers see dates and names.")
    expect(page.locator("[data-left]")).to_have_text("0")
    told = int(page.locator("[data-sum]").inner_text())
    page.get_by_role("button", name="Settle with these points").click()
    visitor.look(case.application.practice.name)
    assert Adjudication.objects.get().total == told
    return told


def recommend(visitor, applications) -> None:
    """Tick every application, say the words, look at the effects, save."""
    page = visitor.go("/plan/recommend/")
    visitor.look("Recommend")
    for row in applications:
        page.locator(f"#pick-{row.pk}").check()
    page.get_by_text("Recommend", exact=True).last.click()
    page.get_by_label("Reason", exact=True).fill("A strong and specific plan.")
    page.get_by_role("button", name="Look at the effects").click()
    visitor.look("Look at the effects")
    page.get_by_role("button", name=f"Prepare {len(applications)} recommendations").click()
    visitor.look("Recommend")
