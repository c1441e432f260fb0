"""The workbench by keyboard, with the result following; without scripts; as every page must be."""

import re

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from applications.models import Application
from selection.domain import scenarios
from tests.browser.access import look_at
from tests.factories.programs import CycleFactory
from tests.selection.building import cohort, handed_over, published

LONG = "San Joaquin Community Health Center of the Greater Central Valley and Foothills"


@pytest.fixture
def analyst(transactional_db, colleague):
    return colleague(Role.DHCS_ANALYST, "Dana Whitfield")


@pytest.fixture
def cycle(transactional_db):
    found = CycleFactory(title="EPT Cohort 1", slug="cohort-1", closed=True)
    applications = cohort(found)
    handed_over(found, 76, county="Kern", members=12_000)
    Application.objects.filter(pk=applications["near"].pk).update(county="Los Angeles")
    practice = applications["above"].practice
    practice.name = LONG
    practice.save()
    return found


def test_arrow_keys_move_the_line_and_everything_follows(come_in, visitors, analyst, cycle):
    visitor = come_in(analyst)
    page = visitor.go("/selection/cohort-1/")
    figures, said = page.get_by_label("Key figures"), page.get_by_role("status").first
    expect(figures).to_contain_text("2 selected of 6")
    threshold = page.get_by_label("Threshold (points)")
    threshold.focus()
    page.keyboard.press("ArrowDown")
    expect(figures).to_contain_text("3 selected of 6")
    expect(page).to_have_url(re.compile(r"/selection/cohort-1/\?threshold=76$"))
    expect(threshold).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(figures).to_contain_text("4 selected of 6")
    expect(page).to_have_url(re.compile(r"\?threshold=75$"))
    expect(said).to_have_text("4 selected of 6. $1.1M of $97.0M.")
    expect(page.get_by_text("in from 75")).to_be_visible()
    expect(page.get_by_text("Not saved")).to_be_visible()
    page.get_by_label("Budget (dollars)").fill("300,000")
    expect(figures).to_contain_text("1 selected of 6")
    expect(page).to_have_url(re.compile(r"\?threshold=75&budget=300000$"))
    page.go_back()
    expect(figures).to_contain_text("4 selected of 6")
    expect(page.get_by_label("Budget (dollars)")).to_have_value("97,000,000")
    assert visitors.faults == []


def test_a_fault_is_told_and_the_figures_stay(come_in, analyst, cycle):
    page = come_in(analyst).go("/selection/cohort-1/")
    page.get_by_label("Threshold (points)").fill("501")
    expect(page.get_by_text("Threshold (points) – Enter 500 or less.")).to_be_visible()
    expect(page.get_by_label("Key figures")).to_contain_text("2 selected of 6")
    page.get_by_label("Threshold (points)").fill("76")
    expect(page.get_by_text("Enter 500 or less.")).to_have_count(0)


def test_a_pin_waits_until_its_row_is_whole(come_in, analyst, cycle):
    reference = Application.objects.get(mcp_score=60, population="adults_chronic").reference
    page = come_in(analyst).go("/selection/cohort-1/")
    page.get_by_text("More rules").click()
    page.get_by_label("Reference, row 1").fill(reference)
    page.get_by_label("Why, row 1").fill("The only clinic of its county.")
    expect(page.get_by_label("Key figures")).to_contain_text("2 selected of 6")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Key figures")).to_contain_text("3 selected of 6")
    assert f"pin_reference={reference}" in page.url


def test_everything_works_without_scripts(come_in, analyst, cycle):
    page = come_in(analyst, java_script_enabled=False).go("/selection/cohort-1/")
    page.get_by_label("Threshold (points)").fill("75")
    page.get_by_role("button", name="Show result").click()
    expect(page.get_by_label("Key figures")).to_contain_text("4 selected of 6")
    assert "threshold=75" in page.url
    page.get_by_text("Add a criterion or a target").click()
    page.get_by_label("Who", exact=True).select_option(label="HPI quartile 1")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("HPI quartile 1")).to_have_value("5")
    expect(page.get_by_label("Threshold (points)")).to_have_value("75")
    page.get_by_role("link", name="Save as…").click()
    page.get_by_label("Name").fill("One point lower")
    page.get_by_role("button", name="Save scenario").click()
    expect(page.get_by_label("Threshold (points)")).to_have_value("75")
    expect(page.get_by_role("heading", name="One point lower")).to_be_visible()


def test_pages_hold_what_every_page_must(come_in, visitors, analyst, cycle):
    row = scenarios.create(
        cycle=cycle, name=LONG, note=LONG, rules=published(cycle, threshold=75),
        is_shared=True, by=analyst,
    )  # fmt: skip
    scenarios.comment(row, text=LONG, by=analyst)
    visitor = come_in(analyst)
    paths = (
        "/selection/cohort-1/", f"/selection/cohort-1/?scenario={row.pk}&budget=300000",
        "/selection/cohort-1/list/?threshold=60", "/selection/cohort-1/scenarios/",
        "/selection/cohort-1/scenarios/new/?threshold=60",
        f"/selection/cohort-1/scenarios/{row.pk}/",
    )  # fmt: skip
    assert look_at(visitor, paths, dark=True) == {}
    assert visitors.faults == []


def test_a_fault_is_said_by_its_field_and_goes_with_it(come_in, visitors, analyst, cycle):
    page = come_in(analyst).go("/selection/cohort-1/")
    page.get_by_text("More rules").click()
    reference, why = page.get_by_label("Reference, row 1"), page.get_by_label("Why, row 1")
    reference.fill("EPT1-999999-9")
    why.fill("The only clinic of its county.")
    page.keyboard.press("Enter")
    sentence = "No application handed over has the reference EPT1-999999-9. Check it in the queue."
    expect(reference).to_have_accessible_description(sentence)
    expect(reference).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".wb-rules").get_by_text(sentence)).to_be_in_viewport()
    expect(page.get_by_role("alert")).to_have_text([sentence])
    threshold = page.get_by_label("Threshold (points)")
    threshold.fill("501")
    expect(threshold).to_have_accessible_description("Enter 500 or less.")
    expect(page.get_by_role("alert")).to_have_text(["Enter 500 or less."])
    reference.fill(Application.objects.get(mcp_score=60, population="adults_chronic").reference)
    threshold.fill("77")
    expect(page.get_by_label("Key figures")).to_contain_text("3 selected of 6")
    for field in (reference, threshold):
        expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".wb-rules .usa-error-message")).to_have_count(0)


def test_rules_stay_beside_the_figures_and_cover_nothing_below(come_in, analyst, cycle):
    page = come_in(analyst).go("/selection/cohort-1/")
    page.locator("#map-title").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.wb-below').scrollIntoView()")
    panel = page.locator(".wb-panel").bounding_box()
    assert panel["y"] + panel["height"] <= page.locator(".wb-below").bounding_box()["y"]
