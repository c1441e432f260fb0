import pytest

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from notifications.models import OutboxEmail
from scoring.domain import confirming, differences, recommending, scores, settling
from scoring.enums import Ending, Purpose
from scoring.models import Assignment, PlannedRecommendation
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import (
    a_lead,
    a_reviewer,
    give,
    hand_in,
    in_review,
    recommend,
    scored,
    submitted,
)
from tests.scoring.settling import apart

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def cycle(db):
    return CycleFactory()


def marks(effects):
    return {one.application.pk: one.mark for one in effects}


def confirm(rows, lead):
    rows = list(Application.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
    seen = marks(confirming.effects(rows))
    return confirming.confirm_many(seen, seen=seen, by=lead)


def take_back(rows, lead):
    rows = list(Application.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk"))
    seen = marks(confirming.undo_effects(rows))
    return confirming.take_back(seen, seen=seen, by=lead)


def stored(row):
    row.refresh_from_db()
    return row.status, row.mcp_score, row.priority_points, row.adjusted_score, row.score_basis


def steps(row):
    found = ApplicationTransition.objects.filter(application=row).order_by("pk")
    return list(found.values_list("name", "actor"))


def test_many_are_confirmed_as_each_would_be_alone(lead, cycle):
    one = in_review(lead, cycle=cycle, population="pregnant", tribal=True)
    two = in_review(lead, cycle=cycle, population="adults_chronic")
    hand_in(one.sheet, 61)
    hand_in(give(two.application, lead), 41)
    hand_in(two.sheet, 40)
    emails = OutboxEmail.objects.count()
    found = confirm([one.application, two.application], lead)
    assert [(o.official.score, o.official.basis, o.added, o.problem) for o in found] == [
        (61, "one_sheet", 35, ""),
        (41, "mean_of_2", 0, ""),
    ]
    assert stored(one.application) == (Status.SCORED, 61, 35, 96, "one_sheet")
    assert stored(two.application) == (Status.SCORED, 41, 0, 41, "mean_of_2")
    assert steps(two.application)[-1] == ("confirm_score", lead.label)
    assert one.application.scored_at is not None
    assert OutboxEmail.objects.count() == emails


def test_what_is_not_ready_is_left_alone_with_its_reason(lead, cycle):
    waiting = in_review(lead, cycle=cycle)
    nobody = submitted(lead, cycle=cycle)
    differing = apart(lead, cycle=cycle).application
    over = scored(lead=lead, cycle=cycle).application
    recommend(over, recommended=True, reason="Good.", note="", by=lead)
    done = scored(lead=lead, cycle=cycle).application
    ready = in_review(lead, cycle=cycle)
    hand_in(ready.sheet, 70)
    rows = [waiting.application, nobody, differing, over, done, ready.application]
    before = [stored(row) for row in rows]
    assert [one.problem for one in confirm(rows, lead)] == [
        f"Still to submit their scores: {waiting.reviewer.user.full_name}.",
        "Nobody scores it yet.",
        "Its sheets differ too much. Settle the difference first.",
        "It is “recommended” now.",
        "Its score is confirmed already.",
        "",
    ]
    assert [stored(row) for row in rows[:-1]] == before[:-1]
    assert stored(ready.application)[:2] == (Status.SCORED, 70)


def test_settled_difference_decides_and_a_third_reader_is_ended(lead, cycle):
    case = apart(lead, cycle=cycle)
    reader = a_reviewer(lead)
    settling.assign_third(case.application, reviewer=reader, by=lead)
    third = Assignment.objects.get(purpose=Purpose.THIRD_READER)
    hand_in(third.sheet, 50)
    confirm([case.application], lead)
    assert stored(case.application)[:2] == (Status.SCORED, 50)
    assert case.application.score_basis == "third_reader"


def test_sheet_that_changed_since_the_lead_looked_is_not_confirmed(lead, cycle):
    review = in_review(lead, cycle=cycle)
    hand_in(review.sheet, 61)
    rows = [Application.objects.get(pk=review.application.pk)]
    seen = marks(confirming.effects(rows))
    hand_in(give(review.application, lead), 63)
    [one] = confirming.confirm_many(seen, seen=seen, by=lead)
    assert (one.stale, one.problem) == (True, "It has changed since you looked. Read it again.")
    assert stored(review.application)[:2] == (Status.IN_REVIEW, None)
    [one] = confirming.confirm_many(seen, seen={}, by=lead)
    assert one.stale


def test_second_call_changes_nothing(lead, cycle):
    review = in_review(lead, cycle=cycle)
    hand_in(review.sheet, 61)
    confirm([review.application], lead)
    before = steps(review.application)
    [again] = confirm([review.application], lead)
    assert again.problem == "Its score is confirmed already."
    assert steps(review.application) == before


def test_conflict_that_the_portal_finds_now_ends_the_review_and_confirms_nothing(lead, cycle):
    review = in_review(lead, cycle=cycle)
    hand_in(review.sheet, 61)
    own = MembershipFactory.build(
        user=review.reviewer.user, organisation=review.application.practice
    )
    own.role = Role.PRACTICE_CONTRIBUTOR
    own.save()
    Assignment.objects.filter(pk=review.sheet.assignment_id).update(ended_at=None, ended_kind="")
    seen = marks(confirming.effects([review.application]))
    [one] = confirming.confirm_many(seen, seen=seen, by=lead)
    assert one.problem == "Nobody scores it yet."
    assert stored(review.application)[:2] == (Status.IN_REVIEW, None)
    kind = Assignment.objects.values_list("ended_kind", flat=True).get(
        application=review.application
    )
    assert kind == Ending.CONFLICT


def test_another_plan_confirms_nothing(lead, cycle):
    review = in_review(lead, cycle=cycle)
    hand_in(review.sheet, 61)
    assert confirm([review.application], a_lead()) == []
    assert stored(review.application)[0] == Status.IN_REVIEW


@pytest.mark.parametrize("number", [1, 3])
def test_confirming_costs_the_same_for_one_and_three(
    lead, cycle, number, django_assert_num_queries
):
    rows = []
    for _ in range(number):
        review = in_review(lead, cycle=cycle)
        hand_in(review.sheet, 61)
        rows.append(review.application)
    seen = marks(confirming.effects(rows))
    with django_assert_num_queries(21):
        confirming.confirm_many(seen, seen=seen, by=lead)
    assert {stored(row)[0] for row in rows} == {Status.SCORED}


def test_scores_are_taken_back_until_the_hand_over(lead, cycle):
    one, two, over = (scored(lead=lead, cycle=cycle).application for _ in range(3))
    recommend(over, recommended=True, reason="Good.", note="", by=lead)
    recommending.prepare([one.pk], words=recommending.Words(True, "Strong."), by=lead)
    found = take_back([one, two, over], lead)
    assert [o.problem for o in found] == [
        "",
        "",
        "It is handed over already. DHCS can send it back.",
    ]
    assert stored(one) == (Status.IN_REVIEW, None, None, None, "")
    assert stored(two)[:2] == (Status.IN_REVIEW, None)
    assert (one.scored_at, two.scored_at) == (None, None)
    assert stored(over)[0] == Status.RECOMMENDED
    assert not PlannedRecommendation.objects.exists()
    last = ApplicationTransition.objects.filter(application=one).last()
    assert (last.name, last.reason, last.actor) == (
        "reopen_scoring",
        "The plan took the confirmed score back.",
        lead.label,
    )
    assert differences.picture(one).submitted
    confirm([one, two], lead)
    assert stored(two)[:2] == (Status.SCORED, 54)


def test_recommendation_prepared_since_the_lead_looked_keeps_the_score(lead, cycle):
    row = scored(lead=lead, cycle=cycle).application
    seen = marks(confirming.undo_effects([row]))
    recommending.prepare([row.pk], words=recommending.Words(True, "Strong."), by=lead)
    [one] = confirming.take_back(seen, seen=seen, by=lead)
    assert one.stale
    assert stored(row)[0] == Status.SCORED
    assert PlannedRecommendation.objects.count() == 1


def test_one_score_is_taken_back_from_its_page(lead, cycle):
    row = scored(lead=lead, cycle=cycle).application
    scores.reopen_scoring(row, by=lead)
    assert stored(row)[:2] == (Status.IN_REVIEW, None)
