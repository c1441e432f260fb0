import pytest

from accounts.enums import Role
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import ApplicationTransition
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.domain import conflicts, reopening, scores, sheets
from scoring.models import CriterionScore, PlannedRecommendation, SheetVersion
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import codes_of, hand_in, in_review, recommend, scored, store
from tests.scoring.conflicting import answers

pytestmark = pytest.mark.django_db
WHY = "Criterion 3.1 says 2, your comment praises it."


@pytest.fixture
def review():
    found = in_review()
    hand_in(found.sheet, 54)
    found.sheet.refresh_from_db()
    return found


def plan_it(review):
    return PlannedRecommendation.objects.create(
        application=review.application,
        recommended=True,
        reason="Good",
        planned_by=review.lead.label,
        planned_at=review.application.submitted_at,
    )


def test_reopened_sheet_keeps_points_and_the_version_that_was_submitted(review):
    was = review.sheet.submitted_at
    version = reopening.reopen(review.sheet, reason=f" {WHY} ", by=review.lead)
    review.sheet.refresh_from_db()
    assert (review.sheet.is_submitted, review.sheet.total, review.sheet.given) == (False, 54, 18)
    stored = SheetVersion.objects.get(sheet=review.sheet)
    assert stored == version
    assert (stored.number, stored.total, stored.submitted_at) == (1, 54, was)
    assert (stored.submitted_by, stored.reopened_by) == (review.reviewer.label, review.lead.label)
    assert stored.reason == WHY
    first = {"points": 3, "max_points": 5, "comment": "Clear and specific."}
    assert stored.content == dict.fromkeys(codes_of(review.sheet), first)


def test_reviewer_is_told_with_the_reason_and_submits_again(review):
    OutboxEmail.objects.all().delete()
    reopening.reopen(review.sheet, reason=WHY, by=review.lead)
    email = OutboxEmail.objects.get()
    assert (email.kind, email.to) == ("reopened", review.reviewer.user.email)
    assert email.subject == f"{review.application.reference}: your score sheet is open again"
    assert f"Reason: {WHY}" in email.body
    assert f"/reviews/{review.sheet.pk}/" in email.body
    code = codes_of(review.sheet)[0]
    store(review.sheet, {code: 4})
    sheets.submit(review.sheet, by=review.reviewer)
    reopening.reopen(review.sheet, reason="Again.", by=review.lead)
    assert list(SheetVersion.objects.values_list("number", "total")) == [(1, 54), (2, 55)]
    assert OutboxEmail.objects.filter(kind="reopened").count() == 2


def test_confirmed_score_is_taken_back_with_what_was_only_prepared():
    review = scored(54)
    review.sheet.refresh_from_db()
    plan_it(review)
    reopening.reopen(review.sheet, reason=WHY, by=review.lead)
    application = review.application
    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW
    numbers = (application.mcp_score, application.priority_points, application.adjusted_score)
    assert numbers == (None, None, None)
    assert (application.score_basis, application.scored_at) == ("", None)
    assert not PlannedRecommendation.objects.exists()
    step = ApplicationTransition.objects.order_by("-pk").first()
    assert (step.name, step.reason, step.actor) == ("reopen_scoring", WHY, review.lead.label)
    sheets.submit(review.sheet, by=review.reviewer)
    scores.confirm(application, by=review.lead)
    application.refresh_from_db()
    assert (application.status, application.mcp_score) == (Status.SCORED, 54)


def refused(review, sentence, kind=WrongState):
    before = SheetVersion.objects.count()
    with pytest.raises(kind, match=sentence):
        reopening.reopen(review.sheet, reason=WHY, by=review.lead)
    assert SheetVersion.objects.count() == before


def test_a_reason_is_asked_for(review):
    with pytest.raises(DomainError, match="Write why you reopen this sheet"):
        reopening.reopen(review.sheet, reason="  ", by=review.lead)
    assert SheetVersion.objects.count() == 0


def test_a_second_click_reopens_once(review):
    reopening.reopen(review.sheet, reason=WHY, by=review.lead)
    refused(review, "open already")


def test_not_after_hand_over_until_dhcs_sends_it_back():
    review = scored(54)
    words = {"recommended": True, "reason": "Good.", "note": ""}
    recommend(review.application, **words, by=review.lead)
    review.sheet.refresh_from_db()
    refused(review, "Ask DHCS to send it back first")
    apply_transition(
        review.application, "send_back", by=MembershipFactory(role=Role.DHCS_ANALYST), reason="See"
    )
    reopening.reopen(review.sheet, reason=WHY, by=review.lead)
    review.application.refresh_from_db()
    assert (review.application.status, review.application.recommended) == (Status.IN_REVIEW, None)
    assert review.application.recommendation_reason == ""


def test_not_a_void_sheet(review):
    conflicts.declare(review.application, answers=answers("family"), by=review.reviewer)
    review.sheet.refresh_from_db()
    refused(review, "This review has ended")


def test_not_while_the_practice_corrects(review):
    apply_transition(review.application, "return", by=review.lead, reason="Fix")
    refused(review, "so its scores can't change now")


def test_points_of_the_version_stay_when_the_sheet_changes(review):
    reopening.reopen(review.sheet, reason=WHY, by=review.lead)
    code = codes_of(review.sheet)[0]
    store(review.sheet, {code: 1})
    assert CriterionScore.objects.get(sheet=review.sheet, code=code).points == 1
    assert SheetVersion.objects.get().content[code]["points"] == 3
