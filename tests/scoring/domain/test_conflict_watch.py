"""When the portal looks for conflicts again: joining, a new address, submitting, leading."""

import pytest
from allauth.account.signals import email_changed
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.domain import invitations, people
from accounts.enums import Role
from accounts.models import Invitation
from applications import emails
from applications.domain import messages
from applications.domain.submission import withdraw
from applications.enums import ConflictOutcome, ConflictSource, Status
from applications.models import Application, ConflictCheck, Practice, Submission
from applications.queries import applications_visible_to
from applications.signals import submitted as came_in
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.domain import assignments, conflict_watch, conflicts, recommending, scores
from scoring.enums import Ending
from scoring.models import Assignment, ScoreSheet
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import PracticeFactory
from tests.scoring.building import a_lead, a_reviewer, give, hand_in, in_review, scored, submitted
from tests.scoring.conflicting import check, declare, stored
from tests.scoring.settling import apart

pytestmark = pytest.mark.django_db
FAILED, SYSTEM = ConflictOutcome.FAILED, ConflictSource.SYSTEM
TIN = "t" * 64


def join(hat, practice, role=Role.PRACTICE_CONTRIBUTOR):
    return people.add(
        email=hat.user.email, full_name=hat.user.full_name, role=role, organisation=practice
    )


def near(hat, practice, role=Role.PRACTICE_OWNER):
    """Give a hat without the portal looking, as an import or an older version did."""
    return MembershipFactory(user=hat.user, organisation=practice, role=role)


def same_tin(hat):
    return (hat.user_id, "same_tin", SYSTEM, FAILED)


def test_a_reviewer_who_joins_the_practice_loses_the_application(as_hat):
    review = in_review()
    declare(review.application, review.reviewer)
    hand_in(review.sheet)
    OutboxEmail.objects.all().delete()
    join(review.reviewer, review.application.practice)
    assert same_tin(review.reviewer) in stored(review.application)
    assert Assignment.objects.get().ended_kind == Ending.CONFLICT
    assert ScoreSheet.objects.get().voided_at is not None
    assert [row.to for row in OutboxEmail.objects.all()] == [review.lead.user.email]
    page = as_hat(review.reviewer).get(reverse("scoring:sheet", args=[review.sheet.pk]))
    assert page.status_code == 404


def test_an_accepted_invitation_is_looked_at(hat_of):
    review = in_review()
    owner = hat_of(Role.PRACTICE_OWNER, review.application.practice)
    address, role = review.reviewer.user.email, Role.PRACTICE_CONTRIBUTOR
    invitation = invitations.invite(email=address, role=role, by=owner)
    invitations.accept(invitation, user=review.reviewer.user)
    assert Invitation.objects.get().accepted_at is not None
    assert same_tin(review.reviewer) in stored(review.application)
    assert Assignment.objects.get().ended_kind == Ending.CONFLICT


def test_a_lead_who_joins_a_practice_of_the_same_tin_is_barred():
    review = in_review()
    elsewhere = PracticeFactory(tin_digest=TIN).organisation
    Practice.objects.filter(pk=review.application.practice_id).update(tin_digest=TIN)
    join(review.lead, elsewhere)
    assert same_tin(review.lead) in stored(review.application)
    assert list(applications_visible_to(review.lead)) == []
    assert Assignment.objects.get().ended_at is None


def test_who_works_for_the_practice_and_comes_to_lead_is_barred():
    review = in_review()
    new = MembershipFactory(organisation=review.application.practice)
    hat = people.add(
        email=new.user.email,
        full_name=new.user.full_name,
        role=Role.MCP_LEAD,
        organisation=review.lead.organisation,
    )
    assert same_tin(hat) in stored(review.application)
    assert list(applications_visible_to(hat)) == []


def test_a_colleague_with_the_reviewers_domain_is_a_warning():
    review = in_review()
    user = review.reviewer.user
    user.email = "rev@clinic.org"
    user.save()
    people.add(
        email="ana@clinic.org",
        full_name="Ana",
        role=Role.PRACTICE_OWNER,
        organisation=review.application.practice,
    )
    assert stored(review.application) == {(user.pk, "email_domain", SYSTEM, FAILED)}
    assert Assignment.objects.get().ended_at is None


@pytest.mark.parametrize("whose", ["reviewer", "practice"])
def test_a_new_address_is_looked_at(whose):
    review = in_review()
    own = MembershipFactory(
        organisation=review.application.practice, user__email="ana@clinic.org"
    ).user
    user, other = review.reviewer.user, own
    if whose == "practice":
        user, other = other, user
    user.email = f"new@{other.email.partition('@')[2]}"
    user.save()
    email_changed.send(type(user), request=None, user=user)
    found = ConflictCheck.objects.get(rule="email_domain")
    assert (found.person, found.hard) == (review.reviewer.user, False)


def test_another_practice_closes_nothing():
    review = in_review()
    join(review.reviewer, PracticeFactory(tin_digest=TIN).organisation)
    assert stored(review.application) == set()
    assert Assignment.objects.get().ended_at is None


def test_a_lead_who_works_for_the_practice_that_submits_is_barred():
    lead = a_lead()
    application = submitted(lead)
    owner = near(lead, application.practice)
    came_in.send(Application, applications=[application], by=owner)
    assert same_tin(lead) in stored(application)
    assert list(applications_visible_to(lead)) == []


@pytest.mark.parametrize(
    "name", ["application", "conflicts", "own_conflict", "difference", "packet", "return"]
)
def test_a_lead_of_the_practice_never_opens_its_pages(as_hat, name):
    review = in_review()
    near(review.lead, review.application.practice)
    web = as_hat(review.lead)
    assert web.get(reverse(f"scoring:{name}", args=[review.application.pk])).status_code == 404
    assert same_tin(review.lead) in stored(review.application)


@pytest.mark.parametrize("name", ["confirm", "recommend", "assign", "undo"])
def test_a_lead_who_left_the_practice_does_not_act(as_hat, name):
    review = scored() if name in ("recommend", "undo") else in_review()
    hat = near(review.lead, review.application.practice)
    hat.is_active = False
    hat.save()
    before = review.application.status
    response = as_hat(review.lead).post(
        reverse(f"scoring:{name}", args=[review.application.pk]),
        {"recommended": "yes", "reason": "Good", "note": "", "reviewer": review.reviewer.pk},
    )
    assert response.status_code == 404
    review.application.refresh_from_db()
    assert review.application.status == before
    assert same_tin(review.lead) in stored(review.application)


def test_a_lead_of_the_practice_does_not_settle(as_hat):
    far = apart()
    near(far.lead, far.application.practice)
    url = reverse("scoring:consensus", args=[far.application.pk])
    assert as_hat(far.lead).post(url, {}).status_code == 404
    assert far.application.reference not in str(
        as_hat(far.lead).get(reverse("scoring:disagreements")).content
    )


def test_a_lead_of_the_practice_does_not_hand_it_over(as_hat):
    review = scored()
    words = recommending.Words(recommended=True, reason="Yes")
    recommending.prepare_one(review.application, words=words, by=review.lead)
    mark = recommending.ready_counts(review.application.cycle, review.lead).mark
    near(review.lead, review.application.practice)
    as_hat(review.lead).post(reverse("scoring:hand_over"), {"mark": mark})
    review.application.refresh_from_db()
    assert review.application.status == Status.SCORED


def test_confirming_looks_at_the_reviewers_and_keeps_what_it_found():
    review = in_review()
    hand_in(review.sheet)
    near(review.reviewer, review.application.practice)
    with pytest.raises(WrongState, match=f"conflict of interest: {review.reviewer.user.full_name}"):
        scores.confirm(review.application, by=review.lead)
    review.application.refresh_from_db()
    assert review.application.mcp_score is None
    assert Assignment.objects.get().ended_kind == Ending.CONFLICT
    with pytest.raises(DomainError, match="Nobody has scored"):
        scores.confirm(review.application, by=review.lead)


def test_confirming_goes_on_with_the_other_sheet():
    review = in_review()
    hand_in(review.sheet, 50)
    hand_in(give(review.application, review.lead), 54)
    near(review.reviewer, review.application.practice)
    with pytest.raises(WrongState):
        scores.confirm(review.application, by=review.lead)
    assert scores.confirm(review.application, by=review.lead).mcp_score == 54


def test_a_lead_of_the_practice_does_not_confirm_by_any_way():
    review = in_review()
    hand_in(review.sheet)
    near(review.lead, review.application.practice)
    with pytest.raises(DomainError, match="Another lead has to act"):
        scores.confirm(review.application, by=review.lead)
    assert same_tin(review.lead) in stored(review.application)


def test_what_was_cleared_stays_open():
    review = in_review()
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=review.lead.organisation)
    join(review.lead, review.application.practice)
    found = ConflictCheck.objects.get(rule="same_tin")
    conflicts.clear(found, reason="Left in 2009.", by=other)
    hand_in(review.sheet)
    assert scores.confirm(review.application, by=review.lead).status == Status.SCORED


@pytest.mark.parametrize("count", [1, 3])
def test_joining_costs_the_same_for_one_review_and_three(count, django_assert_num_queries):
    lead = a_lead()
    reviewer, practice = a_reviewer(lead), PracticeFactory().organisation
    for _ in range(count):
        assignments.assign(submitted(lead), reviewer=reviewer, by=lead)
    hat = near(reviewer, practice)
    with django_assert_num_queries(8):  # with the savepoints of three transactions
        conflict_watch.after_joining(hat)


@pytest.mark.parametrize("kind", ["message", "arrived", "withdrawn"])
def test_a_barred_lead_gets_no_email_of_the_application(hat_of, kind):
    review = in_review()
    application = review.application
    barred = MembershipFactory(role=Role.MCP_LEAD, organisation=review.lead.organisation)
    owner = hat_of(Role.PRACTICE_OWNER, application.practice)
    for both in (False, True):
        check(application, (review.lead if both else barred).user)
        OutboxEmail.objects.all().delete()
        if kind == "message":
            messages.send(application, text=f"Our story {both}", by=owner)
        elif kind == "arrived":
            emails.submitted(application, Submission.objects.get(application=application))
        else:
            if both:
                continue
            withdraw(application, reason="We close.", by=owner)
        told = set(OutboxEmail.objects.filter(kind=kind).values_list("to", flat=True))
        leads = {barred.user.email, review.lead.user.email}
        assert told & leads == (set() if both else {review.lead.user.email})


def test_many_that_come_in_at_once_are_looked_at_together():
    seen = []
    for count in (1, 3):
        lead = a_lead()
        rows = [submitted(lead) for _one in range(count)]
        for row in rows:
            near(lead, row.practice)
        by = near(lead, rows[0].practice, Role.PRACTICE_CONTRIBUTOR)
        applications = Application.objects.filter(pk__in=[row.pk for row in rows])
        applications = list(applications.select_related("cycle", "designated_mcp"))
        with CaptureQueriesContext(connection) as queries:
            came_in.send(Application, applications=applications, by=by)
        assert [same_tin(lead) in stored(row) for row in rows] == [True] * count
        assert list(applications_visible_to(lead)) == []
        seen.append(len(queries))
    assert seen[1] <= seen[0]
