"""The limit of open reviews is a person's: two roles in a plan don't make it two limits."""

import pytest

from accounts.enums import Role
from core.exceptions import DomainError
from scoring.domain import assignments, automatic, giving, team
from scoring.domain.room import rooms
from scoring.models import Assignment
from scoring.queries import reviewers_of
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, a_reviewer, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def hats(lead):
    """Return two hats of one person: a reviewer that takes one review, and a lead without a limit."""
    first = a_reviewer(lead)
    second = MembershipFactory(user=first.user, organisation=lead.organisation, role=Role.MCP_LEAD)
    limit(first, 1, lead)
    return first, second


def limit(hat, number, lead):
    team.set_profile(hat, max_open=number, counties=[], specialties=[], by=lead)


def test_the_other_role_does_not_pass_the_limit(lead, hats):
    first, second = hats
    assignments.assign(submitted(lead), reviewer=first, by=lead)
    with pytest.raises(DomainError, match=r"has reached the limit of open reviews \(1\)"):
        assignments.assign(submitted(lead), reviewer=second, by=lead)
    [verdict] = giving.give([(submitted(lead), second)], by=lead)
    assert verdict.reason == "Has reached the limit of open reviews (1)."
    assert Assignment.objects.count() == 1


@pytest.mark.parametrize(("other", "least"), [(None, 1), (0, 0), (3, 1)])
def test_the_smaller_limit_counts(lead, hats, other, least):
    first, second = hats
    limit(second, other, lead)
    found = rooms(lead.organisation, hats)
    assert [found[hat.pk].limit for hat in hats] == [least, least]
    shown = {hat.pk: hat.max_open for hat in reviewers_of(lead.organisation)}
    assert (shown[first.pk], shown[second.pk], shown[lead.pk]) == (least, least, None)


def test_a_role_that_is_switched_off_limits_nothing(lead, hats):
    first, second = hats
    first.is_active = False
    first.save()
    assert rooms(lead.organisation, [second])[second.pk].limit is None


def test_another_plan_limits_nothing(hats):
    other = a_lead()
    there = MembershipFactory(
        user=hats[0].user, organisation=other.organisation, role=Role.MCP_REVIEWER
    )
    assert rooms(other.organisation, [there])[there.pk].limit is None


def test_the_automatic_assignment_keeps_the_persons_limit(lead, hats):
    cycle = CycleFactory()
    for _one in range(3):
        submitted(lead, cycle=cycle)
    limit(hats[0], None, lead)
    limit(hats[1], 1, lead)
    run = automatic.prepare(lead.organisation, cycle=cycle, reviewers_each=1, by=lead)
    assert len(run.pairs) == 1
