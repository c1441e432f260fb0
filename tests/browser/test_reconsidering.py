"""A request for a reconsideration at a browser, from the letter to the answer; and the reports."""

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from selection.domain import reconsidering
from tests.browser.access import look_at
from tests.factories.programs import CycleFactory
from tests.selection.asking import GROUNDS, a_decided_cohort

LONG = "San Joaquin Community Health Center of the Greater Central Valley and Foothills"


@pytest.fixture
def decided(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")
    cycle = CycleFactory(title="EPT Cohort 1", slug="cohort-1", closed=True)
    found = a_decided_cohort(cycle)
    organisation = found.applications["near"].practice
    organisation.name = LONG
    organisation.save()
    return found


@pytest.fixture
def owner(colleague, decided):
    return colleague(Role.PRACTICE_OWNER, "Ana Ruiz", decided.applications["near"].practice)


@pytest.fixture
def reader(colleague, decided):
    return colleague(Role.DHCS_APPROVER, "Dana Whitfield", decided.reader.organisation)


def test_pages_hold_what_every_page_must(come_in, visitors, decided, owner, reader):
    near = decided.applications["near"]
    row = decided.ask("below")
    waiting = reconsidering.assign(row, to=reader, by=decided.approver)
    practice, desk = come_in(owner), come_in(reader)
    own = (f"/decisions/{near.pk}/letter/", f"/reconsideration/{near.pk}/")
    assert look_at(practice, own, dark=True) == {}
    decided.ask("near")
    assert look_at(practice, own) == {}
    at = ("/reconsiderations/", f"/reconsiderations/{waiting.pk}/", "/reports/", "/decisions/")
    assert look_at(desk, at, dark=True) == {}
    reconsidering.decide(
        waiting, outcome="waitlisted", reasons="Section four was scored; see the sheet.", by=reader
    )
    assert look_at(desk, at[:2]) == {}
    assert visitors.faults == []


def test_owner_asks_with_a_file(come_in, decided, owner, tmp_path):
    near = decided.applications["near"]
    file = tmp_path / "proof.pdf"
    file.write_bytes(b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
    page = come_in(owner).go(f"/decisions/{near.pk}/letter/")
    page.get_by_role("link", name="Ask for a reconsideration").click()
    page.get_by_label("What is wrong with the decision, and why?").fill(GROUNDS)
    page.get_by_label("Files that show it").set_input_files(file)
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_text("Your request is with DHCS.").first).to_be_visible()
    expect(page.get_by_role("link", name="proof.pdf")).to_be_visible()
