from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.exceptions import DomainError, WrongState
from selection.domain import cohort_search
from selection.domain.cohort_search import ATTEMPTS, LOST_AFTER, POINTS, cancel, carry_out, start
from selection.engine import Share
from selection.enums import SearchState
from selection.models import CohortSearch
from tests.factories.programs import CycleFactory
from tests.selection.building import cohort, handed_over, published

pytestmark = pytest.mark.django_db
PREGNANT = (Share("population", "pregnant", Decimal("0.5")),)


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


def lose(search, attempt=1):
    """Leave a search as a worker does that was killed long ago."""
    long_ago = timezone.now() - LOST_AFTER - timedelta(seconds=1)
    kept = cohort_search.asked_of(search)
    CohortSearch.objects.filter(pk=search.pk).update(
        state=SearchState.RUNNING,
        started_at=long_ago,
        progress={**kept, "attempt": attempt, "heard": long_ago.isoformat()},
    )


def test_a_search_finds_the_best_cohort_beside_that_of_the_rules(cycle, analyst):
    made = cohort(cycle)
    for name, payment in (("above", "600.00"), ("lifted", "200.00"), ("near", "300.00")):
        made[name].potential_payment = Decimal(payment)
        made[name].save()
    rules = published(cycle, budget=Decimal("600.00"), points=(), targets=())
    search = start(cycle=cycle, rules=rules, by=analyst)
    assert (search.state, cohort_search.waiting()) == (SearchState.WAITING, [search.pk])
    carry_out(search.pk)
    search.refresh_from_db()
    assert (search.state, search.gap) == (SearchState.DONE, 0.0)
    assert search.result == {
        "selected": 2,
        "score": 135,
        "cost": "500.00",
        "shares": [],
        "rules_selected": 1,
        "rules_score": 85,
        "rules_cost": "600.00",
        "rules_shares": [],
        "enter": [made["near"].reference, made["lifted"].reference],
        "leave": [made["above"].reference],
    }
    assert search.finished_at >= search.started_at
    assert (carry_out(search.pk), cohort_search.waiting()) == (None, [])


def test_what_cannot_be_kept_is_named(cycle, analyst):
    handed_over(cycle, 80)
    search = start(cycle=cycle, rules=published(cycle, targets=PREGNANT), by=analyst)
    carry_out(search.pk)
    search.refresh_from_db()
    assert search.state == SearchState.IMPOSSIBLE
    nearest = {"attribute": "population", "value": "pregnant", "share": 0.0}
    assert search.result == {"needed": None, "nearest": [nearest]}


def test_points_that_take_long_are_searched_by_a_worker(cycle, analyst):
    handed_over(cycle, 80)
    handed_over(cycle, 70, population="pregnant")
    rules = published(cycle, targets=PREGNANT)
    search = start(cycle=cycle, rules=rules, by=analyst, kind=POINTS)
    carry_out(search.pk)
    search.refresh_from_db()
    assert search.state == SearchState.DONE
    assert search.result == {
        "tried": 8,
        "points": [7],
        "threshold": 77,
        "selected": 2,
        "cost": "561200.00",
        "shares": [0.5],
    }


def test_the_same_search_is_not_started_twice_and_another_waits_its_turn(cycle, analyst, approver):
    rules = published(cycle)
    first = start(cycle=cycle, rules=rules, by=analyst)
    assert start(cycle=cycle, rules=rules, by=analyst).pk == first.pk
    with pytest.raises(WrongState, match="A search of yours is under way"):
        start(cycle=cycle, rules=rules, by=analyst, kind=POINTS)
    assert start(cycle=cycle, rules=rules, by=approver).pk != first.pk


def test_the_best_of_too_many_is_refused_in_words(cycle, analyst, monkeypatch):
    monkeypatch.setattr(cohort_search, "MOST_APPLICATIONS", 1)
    cohort(cycle)
    with pytest.raises(DomainError, match="among 1 applications at most"):
        start(cycle=cycle, rules=published(cycle), by=analyst)
    assert start(cycle=cycle, rules=published(cycle), by=analyst, kind=POINTS).pk


def test_one_that_waits_is_cancelled_at_once(cycle, analyst):
    search = cancel(start(cycle=cycle, rules=published(cycle), by=analyst))
    assert search.state == SearchState.CANCELLED
    assert carry_out(search.pk) is None
    assert cancel(search).finished_at == search.finished_at


def test_one_that_runs_is_cancelled_at_its_next_mark(cycle, analyst, monkeypatch):
    monkeypatch.setattr(cohort_search, "HEARD_EVERY", 0.0)
    for number in range(40):
        payment = Decimal(1000 + number * number * 7919 % 997)
        handed_over(cycle, 60 + number * 7 % 31, potential_payment=payment)
    rules = published(cycle, targets=(), budget=Decimal("20000.01"))
    search = start(cycle=cycle, rules=rules, by=analyst)
    keep = cohort_search._Keeper.keep

    def cancel_first(keeper, *numbers):
        cancel(search)
        return keep(keeper, *numbers)

    monkeypatch.setattr(cohort_search._Keeper, "keep", cancel_first)
    carry_out(search.pk)
    search.refresh_from_db()
    assert search.state == SearchState.CANCELLED
    assert search.finished_at >= search.cancel_asked_at


def test_one_whose_worker_died_is_taken_up_again(cycle, analyst):
    handed_over(cycle, 80)
    search = start(cycle=cycle, rules=published(cycle, targets=()), by=analyst)
    lose(search)
    assert cohort_search.waiting() == [search.pk]
    carry_out(search.pk)
    search.refresh_from_db()
    assert (search.state, search.progress["attempt"]) == (SearchState.DONE, 2)


def test_one_that_is_made_right_now_is_left_alone(cycle, analyst):
    search = start(cycle=cycle, rules=published(cycle), by=analyst)
    lose(search)
    CohortSearch.objects.update(
        progress={"kind": "cohort", "attempt": 1, "heard": timezone.now().isoformat()}
    )
    assert (carry_out(search.pk), cohort_search.waiting()) == (None, [])


def test_one_that_killed_its_workers_is_given_up(cycle, analyst):
    search = start(cycle=cycle, rules=published(cycle), by=analyst)
    lose(search, attempt=ATTEMPTS)
    carry_out(search.pk)
    search.refresh_from_db()
    assert search.state == SearchState.FAILED
    assert cohort_search.waiting() == []


def test_a_dead_search_that_was_cancelled_ends_cancelled(cycle, analyst):
    search = start(cycle=cycle, rules=published(cycle), by=analyst)
    lose(search)
    cancel(search)
    carry_out(search.pk)
    search.refresh_from_db()
    assert search.state == SearchState.CANCELLED


def test_a_fault_is_told_and_frees_the_person(cycle, analyst, caplog, monkeypatch):
    search = start(cycle=cycle, rules=published(cycle), by=analyst)
    CohortSearch.objects.filter(pk=search.pk).update(rules={"points": []})
    carry_out(search.pk)
    search.refresh_from_db()
    assert search.state == SearchState.FAILED
    assert "Search" in caplog.text
    assert start(cycle=cycle, rules=published(cycle), by=analyst).pk != search.pk


def test_the_sweep_makes_what_waits(cycle, analyst):
    handed_over(cycle, 80)
    search = start(cycle=cycle, rules=published(cycle, targets=()), by=analyst)
    assert [carry_out(pk).state for pk in cohort_search.waiting()] == [SearchState.DONE]
    assert CohortSearch.objects.get(pk=search.pk).result["selected"] == 1
