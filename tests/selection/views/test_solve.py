from decimal import Decimal
from html import unescape
from urllib.parse import parse_qs, urlparse

import pytest
from django.urls import reverse

from accounts.enums import Role
from selection.domain import scenarios
from selection.domain.cohort_search import carry_out
from selection.engine import Rules
from selection.models import CohortSearch
from selection.views import solve
from tests.factories.programs import CycleFactory
from tests.selection.building import cohort, handed_over, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


def address(cycle, name="solve", *more, **query):
    return reverse(f"selection:{name}", args=[cycle.slug, *more], query=query)


def page_of(web, cycle, status=200, **query):
    response = web.get(address(cycle, **query))
    assert response.status_code == status
    return response


def test_both_answers_are_there_with_links_to_the_workbench(as_hat, analyst, cycle):
    for score in (85, 80, 70):
        handed_over(cycle, score)
    handed_over(cycle, 60, population="pregnant")
    query = {
        "least_population_pregnant": "25",
        "least_population_children_youth": "",
        "budget": "$1,200,000",
        "points_population_pregnant": "0",
    }
    context = page_of(as_hat(analyst), cycle, **query).context
    assert [f["value"] for f in context["lowest"]["figures"]] == ["0", "4", "$1,122,400"]
    assert parse_qs(urlparse(context["lowest"]["use_url"]).query)["threshold"] == ["0"]
    found = context["points"]
    assert [f["value"] for f in found["figures"]] == ["0", "4", "$1,122,400"]
    assert [(r["asked"], r["share"], r["before"], r["after"]) for r in found["rows"]] == [
        ("at least 25%", "25%", 0, 0)
    ]


def test_a_fixed_threshold_stays_and_points_are_found_for_it(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    handed_over(cycle, 60, population="pregnant")
    query = {
        "least_population_pregnant": "50",
        "least_population_children_youth": "",
        "line": "fixed",
        "points_population_pregnant": "3",
    }
    found = page_of(as_hat(analyst), cycle, **query).context["points"]
    assert (found["rules"].threshold, found["rows"][0]["after"]) == (77, 17)
    used = parse_qs(urlparse(found["use_url"]).query)
    assert used["points_population_pregnant"] == ["17"]
    assert used["least_population_pregnant"] == ["50"]


def test_used_rules_are_those_of_the_answer(as_hat, analyst, cycle):
    cohort(cycle)
    web = as_hat(analyst)
    query = {"least_population_pregnant": "40", "least_population_children_youth": ""}
    found = page_of(web, cycle, budget="600000", **query).context
    workbench = web.get(found["points"]["use_url"])
    assert workbench.status_code == 200
    assert workbench.context["result_rules"].threshold == found["points"]["rules"].threshold
    assert workbench.context["figures"]["selected"] == 2


def test_rules_that_are_the_answer_already_have_a_way_back(as_hat, analyst, cycle):
    for score in (85, 80):
        handed_over(cycle, score)
    web = as_hat(analyst)
    query = {
        "threshold": "0",
        "least_population_pregnant": "",
        "least_population_children_youth": "",
    }
    page = page_of(web, cycle, **query)
    text = unescape(page.content.decode())
    assert "These are the rules you came with." in text
    assert ">Go back to the workbench</a>" in text
    workbench = web.get(page.context["lowest"]["use_url"])
    assert workbench.context["result_rules"].threshold == 0


def test_no_two_groups_are_called_alike(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    shares = {"least_practice_type_tribal_program": "5", "least_tribal_yes": "5"}
    context = page_of(as_hat(analyst), cycle, **shares).context
    offered = [label for _group, options in context["criteria"] for _value, label in options]
    assert len(offered) == len(set(offered))
    assert [label for label, *_fields in context["targets"]][-2:] == [
        "Tribal health program (practice type)", "Tribal health program",
    ]  # fmt: skip


def test_what_can_not_be_reached_is_named(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    page = page_of(as_hat(analyst), cycle, least_population_pregnant="50")
    text = unescape(page.content.decode())
    assert "This can't be reached" in text
    assert "(at least 50%): even alone, 0% is the nearest." in text


def test_a_budget_that_pays_for_nobody_says_what_would(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    page = page_of(as_hat(analyst), cycle, budget="100")
    text = unescape(page.content.decode())
    assert "The budget of $100 pays for nobody. Raise it to $280,600 or more." in text


def test_a_list_over_the_budget_at_a_fixed_threshold_is_warned_of(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    handed_over(cycle, 79, population="pregnant")
    query = {
        "least_population_pregnant": "50",
        "least_population_children_youth": "",
        "line": "fixed",
        "budget": "300000",
    }
    page = page_of(as_hat(analyst), cycle, **query)
    assert page.context["points"]["over"] == {"more": "$261,200", "selected": 1, "waiting": 1}
    assert "This list costs $261,200 more than the budget" in unescape(page.content.decode())


def test_a_search_that_takes_long_is_offered_to_a_worker(as_hat, analyst, cycle, monkeypatch):
    monkeypatch.setattr(solve, "SECONDS", -1)
    handed_over(cycle, 80)
    web = as_hat(analyst)
    page = page_of(web, cycle, least_population_pregnant="50")
    assert "Search on in the background" in page.content.decode()
    sent = {"kind": "points", "least_population_pregnant": "50", "line": "fits"}
    response = web.post(address(cycle, "search_start"), sent)
    search = CohortSearch.objects.get()
    assert response.url == address(cycle, "search", search.pk)
    assert search.progress == {"kind": "points", "fit": True}
    assert Rules.from_json(search.rules).targets[-1].minimum == Decimal("0.5")


def test_more_shares_than_can_be_searched_are_refused_in_words(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    query = {f"least_hpi_quartile_{n}": "10" for n in range(1, 5)}
    page = page_of(as_hat(analyst), cycle, **query)
    assert "Ask for a least share of 4 groups at most" in page.content.decode()


def test_a_share_is_added_to_the_address(as_hat, analyst, cycle):
    response = as_hat(analyst).get(address(cycle, add="tribal_yes", threshold="70"))
    assert parse_qs(urlparse(response.url).query, keep_blank_values=True) == {
        "threshold": ["70"],
        "least_tribal_yes": [""],
    }


@pytest.mark.parametrize(
    "query",
    [
        {"budget": "much"},
        {"least_population_pregnant": "101"},
        {"least_population_pregnant": "1e999"},
        {"threshold": "\0"},
        {"points_population_nobody": "3"},
        {"budget": "9" * 40},
        {"pin_reference": "NOBODY", "pin_side": "in", "pin_reason": ""},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_answered(as_hat, analyst, cycle, query):
    handed_over(cycle, 80)
    page = page_of(as_hat(analyst), cycle, status=422, **query)
    assert "No answers yet" in page.content.decode()


def test_nobody_handed_over_has_its_sentence(as_hat, analyst, cycle):
    assert "No application is handed over yet" in page_of(as_hat(analyst), cycle).content.decode()


def test_the_published_answer_is_found_through_the_page(as_hat, analyst, cycle):
    cohort(cycle)
    page = page_of(as_hat(analyst), cycle)
    assert page.context["fits"]
    assert page.context["scenario"] is None


def test_somebody_elses_private_scenario_is_not_there(as_hat, analyst, approver, cycle):
    handed_over(cycle, 80)
    rules = published(cycle, threshold=60)
    private = scenarios.create(
        cycle=cycle, name="Mine", note="", rules=rules, is_shared=False, by=approver
    )
    page_of(as_hat(analyst), cycle, status=404, scenario=private.pk)
    assert page_of(as_hat(approver), cycle, scenario=private.pk).context["scenario"] == private


def test_an_auditor_reads_and_starts_nothing(as_hat, hat_of, cycle):
    handed_over(cycle, 80)
    web = as_hat(hat_of(Role.AUDITOR))
    assert "Search for the best cohort" not in page_of(web, cycle).content.decode()
    assert web.post(address(cycle, "search_start"), {"kind": "cohort"}).status_code == 403
    assert not CohortSearch.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_queries_do_not_grow(as_hat, analyst, cycle, count, django_assert_max_num_queries):
    for score in range(count):
        handed_over(cycle, 80 - score)
    web = as_hat(analyst)
    page_of(web, cycle)
    with django_assert_max_num_queries(9):
        page_of(web, cycle)


def test_a_search_is_started_followed_and_shown(as_hat, analyst, cycle):
    cohort(cycle)
    web = as_hat(analyst)
    sent = {"kind": "cohort", "budget": "600000", "least_population_pregnant": "",
            "least_population_children_youth": ""}  # fmt: skip
    response = web.post(address(cycle, "search_start"), sent)
    search = CohortSearch.objects.get()
    url = address(cycle, "search", search.pk)
    assert response.url == url
    waiting = web.get(url).content.decode()
    assert 'hx-trigger="every 2s"' in waiting
    assert "Cancel the search" in waiting
    carry_out(search.pk)
    done = unescape(web.get(url).content.decode())
    assert "hx-trigger" not in done
    assert "For comparison only" in done
    assert "Proven: no other choice" in done
