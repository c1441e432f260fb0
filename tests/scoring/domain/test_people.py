import pytest

from accounts.domain import memberships
from accounts.enums import Role
from accounts.models import Membership
from applications.enums import Status
from core.exceptions import DomainError, WrongState
from scoring.domain import people
from scoring.enums import Ending
from scoring.models import Assignment
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead, a_reviewer, hand_in, in_review

pytestmark = pytest.mark.django_db


@pytest.fixture
def review():
    return in_review()


def test_switching_off_takes_back_what_is_not_submitted(review):
    hat = review.reviewer
    done = in_review(review.lead, cycle=review.application.cycle)
    Assignment.objects.filter(pk=done.sheet.assignment_id).update(reviewer=hat)
    done.sheet.refresh_from_db()
    hand_in(done.sheet)
    other = in_review(review.lead, cycle=review.application.cycle)
    back = people.deactivate(hat, by=review.lead)
    assert [one.pk for one in back] == [review.sheet.assignment_id]
    assert Membership.objects.get(pk=hat.pk).is_active is False
    ended = Assignment.objects.get(pk=review.sheet.assignment_id)
    assert (ended.ended_kind, ended.ended_at is not None) == (Ending.TAKEN_BACK, True)
    name = hat.user.full_name
    assert ended.ended_reason == f"{review.lead.label}: {name} does not work for the plan any more"
    standing = Assignment.objects.filter(ended_at=None).order_by("pk")
    assert [one.pk for one in standing] == [done.sheet.assignment_id, other.sheet.assignment_id]
    review.application.refresh_from_db()
    assert review.application.status == Status.IN_REVIEW
    assert people.deactivate(hat, by=review.lead) == []
    assert Assignment.objects.get(pk=ended.pk).ended_at == ended.ended_at


def test_coming_back_gives_no_review_back(review):
    people.deactivate(review.reviewer, by=review.lead)
    people.reactivate(review.reviewer, by=review.lead)
    assert Membership.objects.get(pk=review.reviewer.pk).is_active is True
    assert Assignment.objects.filter(ended_at=None).count() == 0


def test_another_role_takes_back_what_the_hat_had(review):
    new = people.change_role(review.reviewer, role=Role.MCP_LEAD, by=review.lead)
    assert (new.role, new.user, new.is_active) == (Role.MCP_LEAD, review.reviewer.user, True)
    assert Membership.objects.get(pk=review.reviewer.pk).is_active is False
    ended = Assignment.objects.get()
    assert ended.ended_kind == Ending.TAKEN_BACK
    assert ended.ended_reason.endswith("works for the plan in another role")


def test_the_same_role_changes_nothing(review):
    same = people.change_role(review.reviewer, role=Role.MCP_REVIEWER, by=review.lead)
    assert same == review.reviewer
    assert Assignment.objects.get().ended_at is None


@pytest.mark.parametrize("act", ["deactivate", "change_role"])
def test_nobody_acts_on_oneself(act):
    lead = a_lead()
    MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    more = {"role": Role.MCP_REVIEWER} if act == "change_role" else {}
    with pytest.raises(DomainError, match=r"This is you. Ask another lead"):
        getattr(people, act)(lead, **more, by=lead)
    assert Membership.objects.get(pk=lead.pk).is_active is True


@pytest.mark.parametrize("act", ["deactivate", "reactivate", "change_role"])
def test_nobody_acts_on_another_plan(act, review):
    stranger = a_lead()
    more = {"role": Role.MCP_LEAD} if act == "change_role" else {}
    with pytest.raises(DomainError, match="does not work for your plan"):
        getattr(people, act)(review.reviewer, **more, by=stranger)
    assert Assignment.objects.get().ended_at is None


def test_the_last_lead_stays_and_nothing_is_taken_back(review):
    hat = MembershipFactory(role=Role.MCP_LEAD, organisation=review.lead.organisation)
    memberships.remove(review.lead, by=hat)
    with pytest.raises(DomainError, match="is the only “MCP lead”"):
        people.deactivate(hat, by=review.lead)


def test_who_works_in_another_role_meanwhile_is_not_switched_on(review):
    hat = a_reviewer(review.lead)
    people.change_role(hat, role=Role.MCP_LEAD, by=review.lead)
    with pytest.raises(WrongState, match="works here already as “MCP lead”"):
        people.reactivate(hat, by=review.lead)
