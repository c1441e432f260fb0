"""Solving, searching, comparing and fairness at a browser: as every page must be, and by keyboard."""

import re

import pytest
from playwright.sync_api import expect

from accounts.enums import Role
from selection.domain import cohort_search, scenarios
from selection.models import CohortSearch
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
    practice = cohort(found)["near"].practice
    practice.name = LONG
    practice.save()
    for _number in range(10):
        handed_over(found, 70, county="San Bernardino")
    return found


def test_pages_hold_what_every_page_must(come_in, visitors, analyst, cycle):
    scenarios.create(
        cycle=cycle, name=LONG, note="", rules=published(cycle), is_shared=False, by=analyst
    )
    search = cohort_search.start(cycle=cycle, rules=published(cycle, targets=()), by=analyst)
    cohort_search.carry_out(search.pk)
    visitor = come_in(analyst)
    at = "/selection/cohort-1"
    paths = (
        f"{at}/solve/", f"{at}/solve/?least_population_children_youth=&threshold=60",
        f"{at}/solve/?least_tribal_yes=50", f"{at}/search/{search.pk}/",
        f"{at}/compare/", f"{at}/compare/?a=published&b=threshold%3D70", f"{at}/fairness/",
    )  # fmt: skip
    assert look_at(visitor, paths, dark=True) == {}
    assert visitors.faults == []


def test_an_answer_is_asked_for_and_taken_over(come_in, analyst, cycle):
    page = come_in(analyst).go("/selection/cohort-1/solve/")
    page.get_by_label("at least Children and youth, percent").fill("")
    page.get_by_label("at least Pregnant people, percent").fill("30")
    page.get_by_label("Budget (dollars)").fill("900,000")
    page.keyboard.press("Enter")
    answer = page.get_by_role("region", name="Smallest points that reach the shares")
    expect(answer.get_by_role("row", name=re.compile("Pregnant people"))).to_contain_text("33.33%")
    answer.get_by_role("link", name="Use these rules").click()
    expect(page).to_have_url(re.compile(r"/selection/cohort-1/\?.*budget=900000"))
    expect(page.get_by_label("Key figures")).to_contain_text("3 selected of 15")


def test_a_search_is_followed_without_a_hand(come_in, analyst, cycle):
    page = come_in(analyst).go("/selection/cohort-1/solve/?least_population_children_youth=")
    page.get_by_role("button", name="Search for the best cohort").click()
    expect(page.get_by_text("Waiting to start")).to_be_visible()
    cohort_search.carry_out(CohortSearch.objects.get().pk)
    expect(page.get_by_text("Proven: no other choice")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel the search")).to_be_hidden()


def test_a_search_is_cancelled(come_in, analyst, cycle):
    page = come_in(analyst).go("/selection/cohort-1/solve/")
    page.get_by_role("button", name="Search for the best cohort").click()
    page.get_by_role("button", name="Cancel the search").click()
    expect(page.get_by_text("The search is cancelled.")).to_be_visible()
