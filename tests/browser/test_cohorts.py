"""The public page of a cohort and the records of staff: for every eye, at every width, in both languages."""

import subprocess
import sys

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.enums import Role
from applications.models import Application
from selection.domain import records
from selection.models import DecisionRecord
from selection.queries import cohorts as queries
from tests.browser.access import look_at
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.record.sealing import decided

pytestmark = pytest.mark.browser


@pytest.fixture
def cycle(transactional_db):
    """A decided cohort with a change since, and names as long as they come."""
    queries.summary_of.cache_clear()
    cycle = CycleFactory(closed=True, title="EPT Cohort 1", slug="cohort-1")
    applications, proposal = decided(cycle)
    records.seal_act(
        proposal=proposal, application=applications["near"], outcome="selected",
        reason="promoted", by=MembershipFactory(role=Role.DHCS_APPROVER), at=timezone.now(),
    )  # fmt: skip
    for application in Application.objects.all():
        practice = application.practice
        practice.name = "Los Angeles Southgate Community Health Center and Neighborhood Clinic"
        practice.save()
    return cycle


@pytest.mark.parametrize("language", ["en-US", "es"])
def test_public_pages_read_well_for_everybody(visitors, cycle, language):
    visitor = visitors(locale=language)
    paths = ["/cohorts/", "/cohorts/cohort-1/"]
    assert look_at(visitor, paths, dark=language == "en-US") == {}
    assert visitors.faults == []
    assert visitor.context.cookies() == []


def test_records_read_well_for_staff(come_in, colleague, visitors, cycle):
    visitor = come_in(colleague(Role.DHCS_ANALYST, "Alex Analyst"))
    record = DecisionRecord.objects.get(sequence=2)
    paths = ["/records/", f"/records/{record.pk}/", f"/records/{record.pk}/?check=yes"]
    assert look_at(visitor, paths) == {}
    assert visitors.faults == []
    visitor.go("/records/")
    visitor.page.get_by_role("link", name="Record 2", exact=True).click()
    visitor.page.get_by_role("button", name="Check this record").click()
    expect(visitor.page.get_by_role("status")).to_contain_text("OK: this record holds")


def test_the_lines_of_shell_do_what_the_page_says(visitors, cycle, tmp_path):
    visitor = visitors()
    visitor.go("/cohorts/cohort-1/")
    lines = visitor.page.locator("pre code").inner_text()
    script = lines.replace("python3", sys.executable)
    answer = subprocess.run(
        ["sh", "-eu", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == "OK: 2 record(s), 5 applications\n"


def test_language_is_a_link_that_sets_nothing(visitors, cycle):
    visitor = visitors()
    visitor.go("/cohorts/cohort-1/")
    visitor.page.get_by_role("navigation", name="Language").get_by_role(
        "link", name="Español"
    ).click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "es")
    assert visitor.context.cookies() == []
