from datetime import timedelta

import pytest
from django.utils import timezone

from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import Application
from applications.queries import applications_visible_to
from scoring.domain import assignments, conflict_effects, people, scores
from scoring.enums import Ending
from scoring.models import Adjudication, Assignment, PlannedRecommendation
from scoring.needs import Need
from scoring.queries.needs import conditions, moment, need_counts, with_need
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import (
    a_lead,
    give,
    hand_in,
    in_review,
    recommend,
    scored,
    store,
    submitted,
)
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def cycle():
    return CycleFactory()


def needs_of(application, lead, at=None):
    """Return the needs of one application, and check that the counts say the same."""
    application.refresh_from_db()
    cycle = application.cycle
    at = moment(cycle, at or timezone.now())
    mine = applications_visible_to(lead).filter(cycle=cycle)
    found = {need for need in Need if with_need(mine, need, at).filter(pk=application.pk).exists()}
    if mine.count() == 1:
        assert {Need(name) for name, n in need_counts(mine, at).items() if n} == found
    return found


def plan_it(application, at=None):
    return PlannedRecommendation.objects.create(
        application=application, recommended=True, reason="Good.", planned_by="Lee",
        planned_at=at or timezone.now(),
    )  # fmt: skip


def test_every_need_has_a_condition_in_the_same_order(cycle):
    at = moment(cycle, timezone.now())
    assert list(conditions(at)) == list(Need)


def test_nobody_has_it(lead, cycle):
    assert needs_of(submitted(lead, cycle=cycle), lead) == {Need.UNASSIGNED}


def test_a_new_review_waits_for_the_answers_on_conflicts_only(lead, cycle):
    review = in_review(lead, cycle=cycle)
    assert needs_of(review.application, lead) == {Need.UNDECLARED}
    declare(review.application, review.reviewer)
    assert needs_of(review.application, lead) == set()


@pytest.mark.parametrize(
    ("days", "started", "found"),
    [
        (-8, False, set()),
        (-6, False, {Need.AT_RISK}),
        (-6, True, set()),
        (1, True, {Need.OVERDUE}),
        (1, False, {Need.OVERDUE}),
    ],
)
def test_the_due_date_comes_near_and_passes(lead, cycle, days, started, found):
    review = in_review(lead, cycle=cycle)
    declare(review.application, review.reviewer)
    if started:
        store(review.sheet, {"1.1": 3})
    at = cycle.scoring_due_at + timedelta(days=days)
    assert needs_of(review.application, lead, at) == found


def test_a_conflict_asks_for_a_new_reviewer_until_there_is_one(lead, cycle):
    review = in_review(lead, cycle=cycle)
    declare(review.application, review.reviewer, "family")
    assert needs_of(review.application, lead) == {Need.CONFLICT}
    other = give(review.application, lead)
    declare(review.application, other.assignment.reviewer)
    assert needs_of(review.application, lead) == set()


@pytest.mark.parametrize(
    ("kind", "need"), [(Ending.DECLINED, Need.DECLINED), (Ending.TAKEN_BACK, Need.UNASSIGNED)]
)
def test_a_review_that_ended_asks_for_another(lead, cycle, kind, need):
    review = in_review(lead, cycle=cycle)
    Assignment.objects.update(ended_at=timezone.now(), ended_kind=kind)
    assert needs_of(review.application, lead) == {need}


def test_what_was_corrected_waits_to_be_resumed(lead, cycle):
    review = in_review(lead, cycle=cycle)
    declare(review.application, review.reviewer)
    scores.return_to_practice(review.application, reason="Add the members.", by=lead)
    assert needs_of(review.application, lead) == set()
    owner = MembershipFactory(organisation=review.application.practice)
    apply_transition(review.application, "submit", by=owner)
    assert needs_of(review.application, lead) == {Need.CORRECTED}
    assignments.resume(review.application, by=lead)
    assert needs_of(review.application, lead) == set()


def test_sheets_that_are_in_wait_for_the_score(lead, cycle):
    review = in_review(lead, cycle=cycle)
    hand_in(review.sheet)
    assert needs_of(review.application, lead) == {Need.TO_CONFIRM}
    Adjudication.objects.create(
        application=review.application, total_spread=12, opened_at=timezone.now()
    )
    assert needs_of(review.application, lead) == {Need.DIFFERENCE}
    third = give(review.application, lead)
    declare(review.application, third.assignment.reviewer)
    Adjudication.objects.update(third=third.assignment)
    assert needs_of(review.application, lead) == set()
    people.deactivate(third.assignment.reviewer, by=lead)
    assert needs_of(review.application, lead) == {Need.DIFFERENCE}


def test_a_score_waits_for_a_recommendation_and_for_the_hand_over(lead, cycle):
    application = scored(lead=lead, cycle=cycle).application
    assert needs_of(application, lead) == {Need.TO_RECOMMEND}
    plan_it(application)
    assert needs_of(application, lead) == {Need.TO_HAND_OVER}
    recommend(application, recommended=True, reason="Good.", note="", by=lead)
    assert needs_of(application, lead) == set()


def test_what_dhcs_sent_back_waits_until_it_is_prepared_again(lead, cycle, analyst):
    application = scored(lead=lead, cycle=cycle).application
    recommend(application, recommended=True, reason="Good.", note="", by=lead)
    apply_transition(application, "send_back", by=analyst, reason="Look again.")
    assert needs_of(application, lead) == {Need.SENT_BACK}
    plan_it(application)
    assert needs_of(application, lead) == {Need.TO_HAND_OVER}


@pytest.mark.parametrize("prepared", [False, True])
def test_a_score_that_holds_a_void_sheet_has_to_be_taken_back(lead, cycle, prepared):
    review = scored(lead=lead, cycle=cycle)
    if prepared:
        plan_it(review.application)
    declare(review.application, review.reviewer, "family")
    assert needs_of(review.application, lead) == {Need.VOID_SHEET}
    scores.reopen_scoring(review.application, by=lead)
    assert needs_of(review.application, lead) == {Need.CONFLICT}


def test_what_is_closed_to_the_lead_is_not_counted(lead, cycle):
    review = in_review(lead, cycle=cycle)
    conflict_effects.close(review.application, lead.user_id, by=lead)
    declare(review.application, MembershipFactory(user=lead.user), "family")
    mine = applications_visible_to(lead).filter(cycle=cycle)
    assert set(need_counts(mine, moment(cycle, timezone.now())).values()) == {0}


def test_ended_ones_need_nothing(lead, cycle):
    for status in (Status.SELECTED, Status.NOT_SELECTED, Status.WITHDRAWN):
        submitted(lead, cycle=cycle, status=status)
    mine = applications_visible_to(lead).filter(cycle=cycle)
    assert Application.objects.count() == 3
    assert set(need_counts(mine, moment(cycle, timezone.now())).values()) == {0}
