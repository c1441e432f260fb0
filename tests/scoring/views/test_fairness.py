from html import unescape

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.models import Application
from scoring import tasks
from scoring.domain import fairness
from scoring.enums import Purpose
from scoring.models import ScoreSheet
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead
from tests.scoring.conflicting import check
from tests.scoring.grading import graded, sheet_of, team

pytestmark = pytest.mark.django_db
PLAN, EVERY = reverse("scoring:fairness"), reverse("scoring:fairness_all")


@pytest.fixture(autouse=True)
def _empty_cache():
    cache.clear()


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def lead():
    return a_lead()


def page_of(web, address):
    response = web.get(address)
    assert response.status_code == 200
    return unescape(response.content.decode())


def pairs(lead, cycle, count=12, strict=8):
    """Applications that two reviewers scored; the second gives `strict` points less."""
    mild, hard = team(lead, "Mila Mild", "Hank Hard")
    rows = [{mild: 40 + n % 40, hard: 40 + n % 40 - strict} for n in range(count)]
    return graded(lead, rows, cycle=cycle)


def test_lead_reads_agreement_severity_and_ranks_of_the_own_plan(as_hat, lead, cycle):
    applications = pairs(lead, cycle)
    other = a_lead()
    pairs(other, cycle)
    page = page_of(as_hat(lead), PLAN)
    assert "Nothing is decided by these figures" in page
    assert page.count("Hank Hard") == 1
    assert "−4.0" in page
    assert "+4.0" in page
    assert "Agreement can't be told yet" not in page
    for application in applications:
        assert application.reference in page
    assert page.count('class="multiples__one"') == 18
    assert "Strict and generous plans" not in page


def test_below_the_minimum_the_page_says_what_is_missing(as_hat, lead, cycle):
    pairs(lead, cycle, count=4)
    page = page_of(as_hat(lead), PLAN)
    assert "This needs at least 10 applications with two sheets. There are 4." in page
    assert "This needs at least 2 reviewers of one plan with 5 submitted sheets each." in page
    assert "There is nothing to adjust" in page


def test_before_the_first_sheet_there_is_a_word_in_place_of_figures(as_hat, lead, cycle):
    graded(lead, [{}], cycle=cycle)
    assert "No sheet is submitted yet" in page_of(as_hat(lead), PLAN)


def test_dhcs_sees_plans_side_by_side_and_is_sent_to_the_page_of_all(as_hat, analyst, lead, cycle):
    reviewers = team(lead, "Ana", "Bo")
    other = a_lead()
    others = team(other, "Cy", "Di")
    graded(lead, [dict.fromkeys(reviewers, 60 + n) for n in range(6)], cycle=cycle)
    graded(other, [dict.fromkeys(others, 40 + n) for n in range(6)], cycle=cycle)
    web = as_hat(analyst)
    assert web.get(PLAN).url == EVERY
    page = page_of(web, EVERY)
    assert "Strict and generous plans" in page
    assert lead.organisation.name in page
    assert "−10.0" in page
    assert "+10.0" in page
    assert reverse("selection:application", args=[Application.objects.first().pk]) in page


def test_void_withdrawn_and_third_sheets_are_left_out(as_hat, lead, cycle):
    applications = pairs(lead, cycle)
    void = ScoreSheet.objects.filter(assignment__application=applications[0]).first()
    ScoreSheet.objects.filter(pk=void.pk).update(voided_at=timezone.now(), void_reason="conflict")
    [third] = team(lead, "Theo Third")
    sheet_of(applications[1], third, 30, Purpose.THIRD_READER)
    report = fairness.report_of(cycle, lead.organisation).report
    assert (report.sheets, report.third, report.twice) == (24, 1, 11)
    assert "1 sheet of a third reader counts" in page_of(as_hat(lead), PLAN)


def test_application_that_is_closed_to_the_lead_is_not_listed(as_hat, lead, cycle):
    applications = pairs(lead, cycle)
    check(applications[0], lead.user)
    page = page_of(as_hat(lead), PLAN)
    assert applications[0].reference not in page
    assert applications[1].reference in page
    assert "closed to you by a conflict of interest" in page


def test_figures_are_kept_until_a_sheet_changes(lead, cycle, django_assert_num_queries):
    pairs(lead, cycle, count=10)
    first = fairness.report_of(cycle, lead.organisation)
    with django_assert_num_queries(1):
        assert fairness.report_of(cycle, lead.organisation) == first
    [late] = team(lead, "Lia Late")
    graded(lead, [{late: 50}], cycle=cycle)
    assert fairness.report_of(cycle, lead.organisation).report.sheets == 21


def test_many_sheets_are_renewed_by_the_worker(lead, cycle, monkeypatch):
    monkeypatch.setattr(fairness, "IN_A_REQUEST", 3)
    assert tasks.renew_fairness() == 0
    pairs(lead, cycle, count=10)
    assert (tasks.renew_fairness(), tasks.renew_fairness()) == (1, 0)
    [late] = team(lead, "Lia Late")
    graded(lead, [{late: 50}], cycle=cycle)
    stale = fairness.report_of(cycle, None)
    assert (stale.report.sheets, stale.is_current) == (20, False)
    assert tasks.renew_fairness() == 1
    renewed = fairness.report_of(cycle, None)
    assert (renewed.report.sheets, renewed.is_current) == (21, True)


def test_old_figures_say_that_sheets_came_since(as_hat, analyst, lead, cycle, monkeypatch):
    monkeypatch.setattr(fairness, "IN_A_REQUEST", 3)
    pairs(lead, cycle, count=10)
    fairness.report_of(cycle, None)
    [late] = team(lead, "Lia Late")
    graded(lead, [{late: 50}], cycle=cycle)
    assert "Sheets were submitted since" in page_of(as_hat(analyst), EVERY)


@pytest.mark.parametrize("query", ["?order=change", "?after=x", "?after=-1", "?after=99999999999"])
def test_order_and_place_in_the_address_never_break_the_page(as_hat, lead, cycle, query):
    pairs(lead, cycle)
    assert "1 to 12 of 12" in page_of(as_hat(lead), PLAN + query)


def test_next_page_goes_on_after_fifty(as_hat, lead, cycle):
    applications = pairs(lead, cycle, count=52)
    page = page_of(as_hat(lead), f"{PLAN}?after=50")
    assert "51 to 52 of 52" in page
    assert {a.reference for a in applications if a.reference in page} == {
        applications[0].reference,
        applications[40].reference,
    }


@pytest.mark.parametrize("count", [12, 30])
def test_page_costs_the_same_whatever_the_rows(
    as_hat, lead, cycle, count, django_assert_num_queries
):
    pairs(lead, cycle, count=count)
    web = as_hat(lead)
    with django_assert_num_queries(8):
        web.get(PLAN)


@pytest.mark.parametrize("role", [Role.PRACTICE_OWNER, Role.MCP_REVIEWER])
def test_others_read_neither_page(as_hat, hat_of, role):
    web = as_hat(hat_of(role))
    assert (web.get(PLAN).status_code, web.get(EVERY).status_code) == (403, 403)


def test_lead_does_not_read_the_page_of_all(as_hat, lead):
    assert as_hat(lead).get(EVERY).status_code == 403


def test_without_a_cycle_the_pages_say_so(as_hat, lead):
    assert "No cycle yet" in page_of(as_hat(lead), PLAN)
