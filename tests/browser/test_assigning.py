"""The lead's assignment in a real browser: by hand, by a file, automatically, with what a page must be."""

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from scoring.domain import automatic
from scoring.models import Assignment, AssignmentRun
from tests.scoring.running import World, conflict

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(address, services):
    world = World(6, 2)
    world.away(world.hats[1])
    conflict(world.applications[5], world.hats[0])
    return world


def test_lead_assigns_by_hand(world, colleague, come_in):
    lead = come_in(colleague(Role.MCP_LEAD, "Lena Park", world.plan))
    page = lead.go("/plan/assign/")
    lead.look("Assign reviewers")
    page.get_by_role("button", name="Pick all on this page").click()
    expect(page.get_by_text("6 picked on this page")).to_be_visible()
    page.get_by_label("Reviewer", exact=True).select_option(str(world.hats[0].pk))
    page.get_by_role("button", name="Check before giving").click()
    lead.look("Check the assignment")
    page.get_by_role("button", name="Change the choice").click()
    expect(page.get_by_text("6 picked on this page")).to_be_visible()
    page.get_by_role("button", name="Check before giving").click()
    page.get_by_role("button", name="Give 5 reviews to").click()
    expect(page.get_by_text("5 reviews are given.")).to_be_visible()
    assert Assignment.objects.count() == 5


def test_lead_assigns_by_a_file(world, colleague, come_in):
    lead = come_in(colleague(Role.MCP_LEAD, "Lena Park", world.plan))
    page = lead.go("/plan/assign/file/")
    lead.look("Assign by a file")
    rows = [f"{one.reference};{world.hats[0].user.email}" for one in world.applications]
    data = "\r\n".join(["reference;reviewer_email", *rows]).encode("utf-8-sig")
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": data}
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Check this file").click()
    lead.look("Check the file")
    page.get_by_role("button", name="Give 5 reviews and leave the rest out").click()
    expect(page.get_by_text("5 reviews are given.")).to_be_visible()
    assert Assignment.objects.count() == 5


def test_page_of_a_large_run_follows_the_worker_by_itself(world, colleague, come_in, monkeypatch):
    monkeypatch.setattr(automatic, "IN_A_REQUEST", 0)
    lead = come_in(colleague(Role.MCP_LEAD, "Lena Park", world.plan))
    page = lead.go("/plan/assign/")
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("This is a dry run. Nothing is assigned yet.")).to_be_visible()
    lead.look("Automatic assignment")
    assert (Assignment.objects.count(), AssignmentRun.objects.count()) == (0, 1)
    page.get_by_role("button", name="Give these 5 reviews").click()
    expect(page.get_by_text("Each reviewer has been told in one email.").first).to_be_visible()
    assert Assignment.objects.count() == 5
