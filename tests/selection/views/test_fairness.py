from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from selection.domain import scenarios
from selection.models import Decision
from tests.factories.accounts import OrganisationFactory
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import check
from tests.selection.building import handed_over, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def plans(cycle):
    """A strict and a generous plan, far apart: each with nine equal scores and one near the line."""
    strict = OrganisationFactory(kind="mcp", name="Strict Plan")
    mild = OrganisationFactory(kind="mcp", name="Mild Plan")
    for plan, score, near in ((strict, 66, 75), (mild, 70, 78)):
        for _number in range(9):
            handed_over(cycle, score, designated_mcp=plan)
        handed_over(cycle, near, designated_mcp=plan)
    return strict, mild


def page_of(web, cycle, status=200, headers=None, **query):
    url = reverse("selection:fairness", args=[cycle.slug], query=query)
    response = web.get(url, headers=headers)
    assert response.status_code == status
    return response


def test_each_plan_has_its_severity_and_its_rate_with_an_interval(as_hat, analyst, cycle, plans):
    page = page_of(as_hat(analyst), cycle)
    rows = [
        (row["label"], row["severity"], row["selected"], row["pool"], row["rate"], row["interval"])
        for row in page.context["plans"]
    ]
    assert [row[0] for row in rows] == ["Strict Plan", "Mild Plan"]
    assert rows[0][1].startswith("−")
    assert rows[1][1].startswith("+")
    assert [row[2:] for row in rows] == [
        (0, 10, "0.0%", "0% to 28%"),
        (1, 10, "10.0%", "2% to 40%"),
    ]


def test_the_list_without_severity_is_information_and_changes_nothing(
    as_hat, analyst, cycle, plans
):
    page = page_of(as_hat(analyst), cycle)
    context = page.context
    assert (context["entering"], context["leaving"]) == (1, 1)
    shown = [
        (row["enters"], row["plan"], row["before"], row["after"]) for row in context["changes"]
    ]
    assert shown == [(True, "Strict Plan", 75, 77), (False, "Mild Plan", 78, 76)]
    text = unescape(page.content.decode())
    assert "never used to decide" in text
    assert "Information only" in text
    assert not Decision.objects.exists()


def test_too_few_scores_say_so_and_take_nothing_out(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    page = page_of(as_hat(analyst), cycle)
    assert "Too few applications are scored" in page.content.decode()
    assert page.context["changes"] == []
    assert [row["severity"] for row in page.context["plans"]] == ["–"]


def test_groups_are_counted_and_small_counties_left_out(as_hat, analyst, cycle):
    for score in (80, 79, 70):
        handed_over(cycle, score, county="Kern")
    handed_over(cycle, 60, population="pregnant", county="Kern")
    for _number in range(10):
        handed_over(cycle, 60, county="Fresno")
    groups = {
        group["key"]: group["rows"] for group in page_of(as_hat(analyst), cycle).context["groups"]
    }
    shown = {row["label"]: (row["selected"], row["pool"]) for row in groups["population"]}
    assert shown == {"Pregnant people": (1, 1), "Adults with chronic conditions": (2, 13)}
    assert [row["label"] for row in groups["county"]] == ["Fresno"]


def test_the_rules_of_the_address_are_those_judged(as_hat, analyst, cycle):
    handed_over(cycle, 70)
    web = as_hat(analyst)
    assert page_of(web, cycle).context["overall"]["rate"] == "0.0%"
    assert page_of(web, cycle, threshold="70").context["overall"]["rate"] == "100.0%"
    assert page_of(web, cycle, status=422, threshold="x").context["overall"]["rate"] == "0.0%"


def test_part_of_a_page_is_the_panel_alone(as_hat, analyst, cycle):
    handed_over(cycle, 70)
    part = page_of(as_hat(analyst), cycle, headers={"HX-Request-Type": "partial"})
    text = part.content.decode()
    assert text.lstrip().startswith('<div class="fairness-of-list" id="fairness">')
    assert "HX-Request-Type" in part["Vary"]


def test_an_application_closed_by_a_conflict_is_not_named(as_hat, analyst, cycle, plans):
    near = max(plans[0].designated_applications.all(), key=lambda row: row.mcp_score)
    check(near, analyst.user)
    text = page_of(as_hat(analyst), cycle).content.decode()
    assert near.reference not in text
    assert "Hidden from you by a conflict of interest" in text


def test_a_private_scenario_is_for_its_owner(as_hat, analyst, approver, hat_of, cycle):
    private = scenarios.create(
        cycle=cycle, name="Mine", note="", rules=published(cycle), is_shared=False, by=approver
    )
    page_of(as_hat(analyst), cycle, status=404, scenario=private.pk)
    page_of(as_hat(hat_of(Role.AUDITOR)), cycle, status=404, scenario=private.pk)
    page_of(as_hat(approver), cycle, scenario=private.pk)


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(as_hat, analyst, cycle, plans, count, django_assert_max_num_queries):
    for _number in range(count):
        handed_over(cycle, 80, designated_mcp=OrganisationFactory(kind="mcp"))
    web = as_hat(analyst)
    page_of(web, cycle)
    with django_assert_max_num_queries(11):
        page_of(web, cycle)
