import threading

import pytest
from django.db import connection
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership, User
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.domain import assignments, scores
from scoring.enums import Ending
from scoring.models import Assignment, CriterionScore, ScoreSheet
from scoring.needs import Need
from scoring.queries.needs import moment, with_need
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import (
    ApplicationFactory,
    a_lead,
    a_reviewer,
    give,
    hand_in,
    in_review,
    send_back_and_again,
    submitted,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return a_lead()


def points_in(sheet):
    return dict(CriterionScore.objects.filter(sheet=sheet).values_list("code", "points"))


def sent():
    return list(OutboxEmail.objects.order_by("pk").values_list("kind", "to"))


def steps():
    return list(ApplicationTransition.objects.order_by("pk").values_list("name", flat=True))


def test_assign_stores_the_review_starts_it_and_writes_to_the_reviewer(lead):
    application, reviewer = submitted(lead), a_reviewer(lead)
    assignment = assignments.assign(application, reviewer=reviewer, by=lead)

    stored = Assignment.objects.get()
    assert stored == assignment
    assert (stored.application, stored.reviewer) == (application, reviewer)
    assert (stored.assigned_by, stored.ended_at, stored.ended_reason) == (lead.label, None, "")
    sheet = ScoreSheet.objects.get()
    assert sheet.assignment == stored
    assert (sheet.total, sheet.given, sheet.started_at, sheet.is_submitted) == (0, 0, None, False)
    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW
    step = ApplicationTransition.objects.get()
    assert (step.name, step.from_status, step.to_status) == (
        "start_review",
        Status.SUBMITTED,
        Status.IN_REVIEW,
    )
    assert (step.actor, step.side) == (lead.label, "mcp")
    email = OutboxEmail.objects.get()
    assert (email.kind, email.to) == ("assigned", reviewer.user.email)
    assert application.reference in email.subject + email.body
    assert f"/reviews/{sheet.pk}/" in email.body


def test_second_reviewer_joins_without_another_step(lead):
    application, first, second = submitted(lead), a_reviewer(lead), a_reviewer(lead)
    for reviewer in (first, second):
        assignments.assign(application, reviewer=reviewer, by=lead)
    assert steps() == ["start_review"]
    assert sent() == [("assigned", first.user.email), ("assigned", second.user.email)]


def test_lead_may_review_too(lead):
    assignment = assignments.assign(submitted(lead), reviewer=lead, by=lead)
    assert assignment.reviewer == lead


@pytest.mark.parametrize(
    "status",
    [s for s in Status.values if s not in (Status.SUBMITTED, Status.IN_REVIEW)],
)
def test_assign_is_refused_in_any_other_state(lead, status):
    application = ApplicationFactory(status=status, designated_mcp=lead.organisation)
    with pytest.raises(WrongState, match="reviewers can't be assigned any more"):
        assignments.assign(application, reviewer=a_reviewer(lead), by=lead)
    application.refresh_from_db()
    assert application.status == status
    assert (Assignment.objects.count(), steps(), sent()) == (0, [], [])


@pytest.mark.parametrize("case", ["other_plan", "inactive", "practice", "dhcs"])
def test_assign_is_refused_for_who_does_not_review_for_the_plan(lead, case):
    reviewer = {
        "other_plan": lambda: a_reviewer(a_lead()),
        "inactive": lambda: MembershipFactory(
            role=Role.MCP_REVIEWER, organisation=lead.organisation, is_active=False
        ),
        "practice": lambda: MembershipFactory(
            role=Role.PRACTICE_OWNER, organisation=lead.organisation
        ),
        "dhcs": lambda: MembershipFactory(role=Role.DHCS_ANALYST),
    }[case]()
    application = submitted(lead)
    with pytest.raises(DomainError, match="does not review for this plan"):
        assignments.assign(application, reviewer=reviewer, by=lead)
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert (Assignment.objects.count(), ScoreSheet.objects.count(), sent()) == (0, 0, [])


def test_assign_twice_is_refused_by_name(lead):
    review = in_review(lead)
    name = review.reviewer.user.full_name
    with pytest.raises(DomainError, match=f"^{name} already has this application.$"):
        assignments.assign(review.application, reviewer=review.reviewer, by=lead)
    assert Assignment.objects.count() == 1
    assert sent() == [("assigned", review.reviewer.user.email)]


def test_resume_after_a_resubmission_goes_on_with_the_same_sheet(lead):
    review = in_review(lead)
    owner = MembershipFactory(organisation=review.application.practice)
    application = send_back_and_again(review, by=owner)
    assert application.status == Status.SUBMITTED

    assignments.resume(application, by=lead)
    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW
    assert Assignment.objects.get().sheet == review.sheet
    assert steps() == ["start_review", "return", "submit", "start_review"]
    told = OutboxEmail.objects.filter(kind="assigned").values_list("to", flat=True)
    assert list(told) == [review.reviewer.user.email] * 2


def test_submitted_sheet_stays_as_signed_and_a_copy_goes_on(lead):
    review = in_review(lead)
    hand_in(review.sheet, 54)
    owner = MembershipFactory(organisation=review.application.practice)
    application = send_back_and_again(review, by=owner)

    review.sheet.refresh_from_db()
    assert (review.sheet.total, review.sheet.is_submitted) == (54, True)
    assert review.sheet.assignment.ended_at is not None
    fresh = Assignment.objects.get(ended_at=None).sheet
    assert (fresh.total, fresh.given, fresh.is_submitted) == (54, 18, False)
    assert points_in(fresh) == points_in(review.sheet)

    assignments.resume(application, by=lead)
    with pytest.raises(DomainError, match="Still to submit"):
        scores.confirm(application, by=lead)


@pytest.mark.parametrize("off", ["hat", "user"])
def test_who_was_switched_off_gets_no_fresh_sheet(lead, off):
    review = in_review(lead)
    other = hand_in(give(review.application, lead), 50)
    hand_in(review.sheet, 54)
    rows = {"hat": Membership.objects.filter(pk=review.reviewer.pk),
            "user": User.objects.filter(pk=review.reviewer.user_id)}  # fmt: skip
    rows[off].update(is_active=False)
    scores.return_to_practice(review.application, reason="Add the members.", by=lead)
    standing = Assignment.objects.filter(ended_at=None)
    assert [one.reviewer_id for one in standing] == [other.assignment.reviewer_id]
    review.sheet.refresh_from_db()
    assert (review.sheet.total, review.sheet.is_submitted) == (54, True)
    assert review.sheet.assignment.ended_kind == Ending.RETURNED
    apply_transition(review.application, "submit", by=lead)
    needs = with_need(
        Application.objects.all(), Need.UNASSIGNED, moment(review.application.cycle, timezone.now())
    )
    assert list(needs) == []
    standing.update(ended_at=timezone.now(), ended_kind=Ending.TAKEN_BACK, ended_reason="x")
    assert list(needs.all()) == [review.application]


def test_resume_needs_a_reviewer_and_a_submitted(lead):
    waiting = submitted(lead)
    with pytest.raises(DomainError, match="Nobody has this application"):
        assignments.resume(waiting, by=lead)
    review = in_review(lead)
    with pytest.raises(WrongState):
        assignments.resume(review.application, by=lead)


def test_end_takes_the_review_back_and_it_can_be_given_again(lead):
    review = in_review(lead)
    ended = assignments.end(review.sheet.assignment, reason="On leave", by=lead)
    assert ended.ended_at is not None
    assert ended.ended_reason == f"{lead.label}: On leave"
    again = assignments.end(ended, reason="Twice", by=lead)
    assert (again.ended_at, again.ended_reason) == (ended.ended_at, ended.ended_reason)

    new = assignments.assign(review.application, reviewer=review.reviewer, by=lead)
    assert new != ended
    assert Assignment.objects.filter(ended_at=None).get() == new


def test_end_is_refused_when_the_sheet_is_submitted(lead):
    review = in_review(lead)
    hand_in(review.sheet)
    with pytest.raises(WrongState, match="the assignment stands"):
        assignments.end(review.sheet.assignment, reason="On leave", by=lead)
    assert Assignment.objects.get().ended_at is None


def test_ended_assignments_are_not_waited_for(lead):
    review = in_review(lead)
    other = give(review.application, lead)
    assignments.end(other.assignment, reason="On leave", by=lead)
    hand_in(review.sheet, 60)
    assert scores.confirm(review.application, by=lead).mcp_score == 60


@pytest.mark.django_db(transaction=True)
def test_two_leads_assigning_one_person_at_once_make_one_review(bell):
    lead = a_lead()
    application, reviewer = submitted(lead), a_reviewer(lead)
    outcomes, start = [], threading.Barrier(2)

    def run():
        try:
            start.wait()
            assignments.assign(application, reviewer=reviewer, by=lead)
            outcomes.append("assigned")
        except DomainError as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refusal = f"{reviewer.user.full_name} already has this application."
    assert sorted(outcomes) == sorted(["assigned", refusal])
    assert (Assignment.objects.count(), ScoreSheet.objects.count()) == (1, 1)
    assert (steps(), sent()) == (["start_review"], [("assigned", reviewer.user.email)])
