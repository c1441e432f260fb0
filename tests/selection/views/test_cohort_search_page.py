from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from selection.domain import cohort_search, scenarios
from selection.enums import SearchState
from selection.models import CohortSearch
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import check
from tests.selection.building import cohort, handed_over, published

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


def address(search, name="search"):
    return reverse(f"selection:{name}", args=[search.cycle.slug, search.pk])


def ended(search, state, **columns):
    CohortSearch.objects.filter(pk=search.pk).update(state=state, **columns)
    return search


def test_cancelling_ends_one_that_waits(as_hat, analyst, cycle):
    search = cohort_search.start(cycle=cycle, rules=published(cycle), by=analyst)
    response = as_hat(analyst).post(address(search, "search_cancel"), follow=True)
    search.refresh_from_db()
    assert search.state == SearchState.CANCELLED
    assert "The search is cancelled." in response.content.decode()


def test_somebody_elses_search_is_not_there(as_hat, analyst, approver, hat_of, cycle):
    search = cohort_search.start(cycle=cycle, rules=published(cycle), by=analyst)
    for hat in (approver, hat_of(Role.AUDITOR)):
        assert as_hat(hat).get(address(search)).status_code == 404
        assert as_hat(hat).post(address(search, "search_cancel")).status_code == 404


def test_that_of_a_shared_scenario_is_seen_and_not_cancelled_by_others(
    as_hat, analyst, approver, cycle
):
    rules = published(cycle)
    shared = scenarios.create(
        cycle=cycle, name="Ours", note="", rules=rules, is_shared=True, by=analyst
    )
    search = cohort_search.start(cycle=cycle, rules=rules, by=analyst, scenario=shared)
    web = as_hat(approver)
    assert "Cancel the search" not in web.get(address(search)).content.decode()
    assert web.post(address(search, "search_cancel")).status_code == 403


def test_a_changed_scenario_is_not_said_to_be_the_stored_one(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    shared = scenarios.create(
        cycle=cycle, name="Ours", note="", rules=published(cycle), is_shared=True, by=analyst
    )
    web = as_hat(analyst)
    start = reverse("selection:search_start", args=[cycle.slug])
    web.post(start, {"kind": "cohort", "scenario": shared.pk, "threshold": "60"})
    changed = CohortSearch.objects.get()
    assert (changed.scenario, changed.rules["threshold"]) == (None, 60)
    cohort_search.cancel(changed)
    web.post(start, {"kind": "cohort", "scenario": shared.pk})
    assert CohortSearch.objects.latest("pk").scenario == shared


def test_a_second_search_at_once_is_refused_in_words(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    web = as_hat(analyst)
    start = reverse("selection:search_start", args=[cycle.slug])
    web.post(start, {"kind": "cohort"})
    response = web.post(start, {"kind": "cohort", "threshold": "60"}, follow=True)
    assert "A search of yours is under way" in response.content.decode()
    assert CohortSearch.objects.count() == 1


def test_what_stands_in_the_way_is_said(as_hat, analyst, cycle):
    search = cohort_search.start(cycle=cycle, rules=published(cycle), by=analyst)
    nearest = {"attribute": "population", "value": "pregnant", "share": 0.04}
    found = {"needed": "280600.00", "nearest": [nearest]}
    ended(search, SearchState.IMPOSSIBLE, result=found)
    text = unescape(as_hat(analyst).get(address(search)).content.decode())
    assert "with every share kept, $280,600 is the lowest." in text
    assert "(at least 5%): with everything else kept, 4% is the nearest." in text


@pytest.mark.parametrize(
    ("state", "columns", "sentence"),
    [
        (SearchState.FAILED, {}, "The search stopped before it found anything"),
        (SearchState.DONE, {"result": {"nothing": True}}, "Nothing was found in 2 minutes"),
        (SearchState.CANCELLED, {}, "Cancelled"),
        (
            SearchState.RUNNING,
            {"gap": 0.0123, "progress": {"kind": "cohort", "seconds": 3.2, "score": 17_000}},
            "3 seconds · best sum of adjusted scores so far: 17,000 · gap 1.23%",
        ),
        (
            SearchState.DONE,
            {
                "progress": {"kind": "points", "fit": True},
                "result": {"tried": 5_000_000, "below": 61},
            },
            "5,000,000 combinations are tried, among them all whose points add up to less than 61",
        ),
    ],
)
def test_every_state_has_its_sentence(as_hat, analyst, cycle, state, columns, sentence):
    search = cohort_search.start(cycle=cycle, rules=published(cycle), by=analyst)
    ended(search, state, **columns)
    assert sentence in unescape(as_hat(analyst).get(address(search)).content.decode())


def test_points_that_a_worker_found_can_be_used(as_hat, analyst, cycle):
    handed_over(cycle, 80)
    search = cohort_search.start(
        cycle=cycle, rules=published(cycle), by=analyst, kind=cohort_search.POINTS, fit=True
    )
    found = {"points": [13, 22], "threshold": 76, "selected": 2, "cost": "561200.00", "tried": 9}
    ended(search, SearchState.DONE, result=found | {"shares": [0.41, 0.06]})
    page = as_hat(analyst).get(address(search))
    assert [(row["before"], row["after"]) for row in page.context["rows"]] == [(12, 13), (20, 22)]
    used = as_hat(analyst).get(page.context["use_url"])
    assert used.context["result_rules"].threshold == 76
    assert {p.value: p.points for p in used.context["result_rules"].points}["pregnant"] == 22


def test_an_application_closed_by_a_conflict_is_not_named(as_hat, analyst, cycle):
    made = cohort(cycle)
    check(made["near"], analyst.user)
    search = cohort_search.start(cycle=cycle, rules=published(cycle, targets=()), by=analyst)
    cohort_search.carry_out(search.pk)
    search.refresh_from_db()
    assert made["near"].reference in search.result["enter"]
    text = as_hat(analyst).get(address(search)).content.decode()
    assert made["near"].reference not in text
    assert "Hidden from you by a conflict of interest" in text
