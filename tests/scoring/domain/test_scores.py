from datetime import timedelta

import pytest
import time_machine

from accounts.enums import Role
from applications.enums import Status
from applications.models import ApplicationTransition
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.domain import scores
from scoring.queries import sheets_of
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead, give, hand_in, in_review, recommend, scored, submitted

pytestmark = pytest.mark.django_db


def last_step(application):
    return ApplicationTransition.objects.filter(application=application).last()


def test_confirm_stores_the_three_numbers_of_one_sheet():
    review = in_review(population="pregnant", tribal=True)
    hand_in(review.sheet, 61)
    scores.confirm(review.application, by=review.lead)

    application = review.application
    application.refresh_from_db()
    numbers = (application.mcp_score, application.priority_points, application.adjusted_score)
    assert numbers == (61, 35, 96)
    assert (application.status, application.score_basis) == (Status.SCORED, "one_sheet")
    assert application.scored_at is not None
    step = last_step(application)
    assert (step.name, step.from_status, step.to_status, step.actor) == (
        "confirm_score",
        Status.IN_REVIEW,
        Status.SCORED,
        review.lead.label,
    )


@pytest.mark.parametrize(
    ("population", "tribal", "points"),
    [
        ("adults_chronic", False, 0),
        ("children_youth", False, 12),
        ("adults_preventive", True, 15),
        ("pregnant", False, 20),
        ("children_youth", True, 27),
        ("pregnant", True, 35),
    ],
)
def test_confirm_adds_the_published_priority_points(population, tribal, points):
    review = scored(50, population=population, tribal=tribal)
    application = review.application
    assert (application.mcp_score, application.priority_points) == (50, points)
    assert application.adjusted_score == 50 + points


@pytest.mark.parametrize(("totals", "score"), [((40, 41), 41), ((40, 40), 40), ((41, 42), 42)])
def test_confirm_takes_the_mean_of_two_sheets_half_up(totals, score):
    review = in_review()
    second = give(review.application, review.lead)
    for sheet, total in zip((review.sheet, second), totals, strict=True):
        hand_in(sheet, total)
    confirmed = scores.confirm(review.application, by=review.lead)
    assert (confirmed.mcp_score, confirmed.score_basis) == (score, "mean_of_2")


def test_confirm_names_who_has_not_submitted():
    review = in_review()
    waiting = give(review.application, review.lead).assignment.reviewer.user.full_name
    hand_in(review.sheet)
    with pytest.raises(DomainError, match=f"^Still to submit their scores: {waiting}.$"):
        scores.confirm(review.application, by=review.lead)
    review.application.refresh_from_db()
    assert (review.application.status, review.application.mcp_score) == (Status.IN_REVIEW, None)


def test_confirm_without_a_reviewer_is_refused():
    lead = a_lead()
    with pytest.raises(DomainError, match="Nobody has scored this application yet"):
        scores.confirm(submitted(lead), by=lead)


def test_confirm_twice_is_refused_and_keeps_the_first():
    review = scored(61)
    at = review.application.scored_at
    with pytest.raises(WrongState, match="is already “scored”. Nothing was changed."):
        scores.confirm(review.application, by=review.lead)
    review.application.refresh_from_db()
    assert (review.application.mcp_score, review.application.scored_at) == (61, at)


@pytest.mark.parametrize(
    ("recommended", "status", "name"),
    [
        (True, Status.RECOMMENDED, "recommend"),
        (False, Status.NOT_RECOMMENDED, "do_not_recommend"),
    ],
)
def test_recommend_hands_over_and_writes_to_nobody(recommended, status, name):
    review = scored()
    emails = OutboxEmail.objects.count()
    words = {"recommended": recommended, "reason": "Strong plan.", "note": "Ask about staff."}
    recommend(review.application, **words, by=review.lead)

    application = review.application
    application.refresh_from_db()
    assert (application.status, application.recommended) == (status, recommended)
    assert application.recommendation_reason == "Strong plan."
    assert application.recommendation_note == "Ask about staff."
    assert last_step(application).name == name
    assert OutboxEmail.objects.count() == emails


def test_recommend_before_the_score_is_confirmed_is_refused():
    review = in_review()
    with pytest.raises(WrongState, match="Its MCP score is not confirmed yet"):
        recommend(review.application, recommended=True, reason="Strong.", note="", by=review.lead)
    review.application.refresh_from_db()
    assert (review.application.status, review.application.recommended) == (Status.IN_REVIEW, None)


def test_return_writes_to_every_owner_and_keeps_the_reason():
    review = in_review()
    practice = review.application.practice
    owners = [MembershipFactory(organisation=practice) for _ in range(2)]
    MembershipFactory(organisation=practice, role=Role.PRACTICE_CONTRIBUTOR)
    MembershipFactory(organisation=practice, is_active=False)
    OutboxEmail.objects.all().delete()
    scores.return_to_practice(review.application, reason="Add the members.", by=review.lead)

    application = review.application
    application.refresh_from_db()
    assert (application.status, application.return_note) == (Status.RETURNED, "Add the members.")
    step = last_step(application)
    assert (step.name, step.reason, step.actor) == ("return", "Add the members.", review.lead.label)
    emails = OutboxEmail.objects.order_by("pk")
    assert {(e.kind, e.to) for e in emails} == {("returned", o.user.email) for o in owners}
    assert len(emails) == 2
    assert all("Add the members." in email.body for email in emails)


def test_return_is_possible_until_scoring_is_due():
    review = in_review()
    cycle, sheets = review.application.cycle, list(sheets_of(review.application))
    with (
        time_machine.travel(cycle.scoring_due_at + timedelta(seconds=1), tick=False),
        pytest.raises(WrongState, match="Scores were due by .*no time left for corrections"),
    ):
        scores.return_to_practice(review.application, reason="Too late.", by=review.lead)
    review.application.refresh_from_db()
    assert (review.application.status, review.application.return_note) == (Status.IN_REVIEW, "")
    assert list(sheets_of(review.application)) == sheets
    with time_machine.travel(cycle.scoring_due_at, tick=False):
        moved = scores.return_to_practice(review.application, reason="In time.", by=review.lead)
    assert moved.status == Status.RETURNED


def test_return_after_the_score_is_confirmed_is_refused():
    review = scored()
    emails = OutboxEmail.objects.count()
    with pytest.raises(WrongState, match="is already “scored”"):
        scores.return_to_practice(review.application, reason="Too late.", by=review.lead)
    review.application.refresh_from_db()
    assert (review.application.status, review.application.return_note) == (Status.SCORED, "")
    assert OutboxEmail.objects.count() == emails
