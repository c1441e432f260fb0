"""People, invitations and the switcher in a real browser, at phone and desktop width."""

import pytest
from playwright.sync_api import expect

from accounts.domain import invitations
from accounts.enums import Role
from accounts.models import Membership
from tests.accounts.inviting import last_link, run_out
from tests.browser.visitor import NARROW, PHONE
from tests.factories.applications import ApplicationFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.browser
CONTRIBUTOR = Role.PRACTICE_CONTRIBUTOR


@pytest.fixture
def practice(transactional_db):
    cycle = CycleFactory(title="EPT Cohort 1", slug="cohort-1")
    found = ApplicationFactory(cycle=cycle).practice
    found.name = "Fresno Family Medicine"
    found.save()
    return found


@pytest.fixture
def owner(colleague, practice):
    return colleague(Role.PRACTICE_OWNER, "Ana Ruiz", practice)


@pytest.fixture
def crowd(owner, colleague, practice):
    """A contributor, somebody removed, an open invitation and one that has run out."""
    hat = colleague(CONTRIBUTOR, "Bartholomew Featherstonehaugh", practice)
    gone = colleague(CONTRIBUTOR, "Gil Gone", practice)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    invitations.invite(
        email="somebody.with.a.long.name@a-clinic.example", role=CONTRIBUTOR, by=owner
    )
    run_out(invitations.invite(email="late@clinic.example", role=Role.PRACTICE_OWNER, by=owner))
    return hat


def test_pages_of_people_are_sound_at_every_width(visitors, come_in, owner, crowd):
    visitor = come_in(owner)
    page = visitor.go("/people/")
    visitor.look("People")
    page.get_by_role("link", name="Change role – Bartholomew").click()
    visitor.look("Change the role of Bartholomew Featherstonehaugh")
    visitor.go(f"/people/{crowd.pk}/remove/")
    visitor.look("Remove Bartholomew Featherstonehaugh from Fresno Family Medicine")
    link = last_link("somebody.with.a.long.name@a-clinic.example")
    stranger = visitors()
    stranger.go(link)
    stranger.look("Join Fresno Family Medicine")
    visitor.go("/accounts/reauthenticate/")
    visitor.look("Confirm that it is you")
    narrow = come_in(owner, viewport=NARROW)
    for path in ("/people/", f"/people/{crowd.pk}/role/", "/accounts/reauthenticate/"):
        narrow.go(path)
        assert narrow.sideways() == [], path
    stranger.page.set_viewport_size(NARROW)
    assert stranger.sideways() == []
    assert visitors.faults == []


def test_a_colleague_is_invited_and_joins(visitors, come_in, owner, colleague):
    cy = colleague(Role.MCP_REVIEWER, "Cy Moss")
    inviting = come_in(owner)
    page = inviting.go("/people/")
    page.get_by_label("Work email address").fill(cy.user.email)
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_text(f"The invitation to {cy.user.email} is on its way.")).to_be_visible()

    joining = visitors(viewport=PHONE)
    page = joining.go(last_link(cy.user.email))
    page.locator("#main").get_by_role("link", name="Sign in").click()
    page.get_by_label("Email").fill(cy.user.email)
    page.get_by_label("Password").fill("a-long-walk-by-the-sea")
    page.locator("#main").get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Join Fresno Family Medicine").click()
    worn = page.locator(".account__summary")
    expect(worn).to_contain_text("Fresno Family Medicine")
    expect(worn.get_by_text("Practice contributor")).to_be_in_viewport()
    worn.click()
    page.get_by_role("button", name="MCP reviewer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My reviews")
    expect(worn.get_by_text("MCP reviewer")).to_be_in_viewport()
    assert visitors.faults == []
