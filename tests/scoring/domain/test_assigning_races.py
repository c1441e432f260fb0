"""Two acts at the same moment on one reviewer: neither the limit nor a switched-off hat is passed by."""

import pytest

from accounts.enums import Role
from accounts.models import Membership
from applications.enums import Status
from scoring.domain import applying, assignments, automatic, giving, people, settling, team
from scoring.enums import RunState
from scoring.models import Assignment
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, a_reviewer, in_review, submitted
from tests.scoring.settling import apart
from tests.scoring.waiting import after_the_other_waits, at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("bell")]
FULL = "has reached the limit of open reviews (1)"


def test_limit_holds_when_two_applications_are_assigned_at_once():
    lead = a_lead()
    reviewer, first, second = limited(lead), submitted(lead), submitted(lead)
    error = after_the_other_waits(
        lambda: assignments.assign(first, reviewer=reviewer, by=lead),
        lambda: assignments.assign(second, reviewer=reviewer, by=lead),
    )
    assert FULL in str(error)
    assert held_by(reviewer) == {first.pk}
    second.refresh_from_db()
    assert second.status == Status.SUBMITTED


def test_limit_holds_when_one_is_assigned_while_others_are_given():
    lead = a_lead()
    reviewer, first, second = limited(lead), submitted(lead), submitted(lead)
    verdicts = []
    after_the_other_waits(
        lambda: assignments.assign(first, reviewer=reviewer, by=lead),
        lambda: verdicts.extend(giving.give([(second, reviewer)], by=lead)),
    )
    assert [one.kind for one in verdicts] == [giving.REFUSED]
    assert held_by(reviewer) == {first.pk}


def test_limit_holds_when_one_is_assigned_while_a_run_is_applied():
    lead, cycle = a_lead(), CycleFactory()
    reviewer, first = limited(lead), submitted(lead, cycle=cycle)
    run = automatic.prepare(lead.organisation, cycle=cycle, reviewers_each=1, by=lead)
    other = submitted(lead, cycle=cycle)
    assert run.pairs == [[first.pk, reviewer.pk]]
    error = after_the_other_waits(
        lambda: assignments.assign(other, reviewer=reviewer, by=lead),
        lambda: applying.apply(run, by=lead),
    )
    assert "can't take that many now" in str(error)
    run.refresh_from_db()
    assert (held_by(reviewer), run.state) == ({other.pk}, RunState.READY)


def test_limit_holds_for_a_third_reader():
    found = apart()
    reviewer, other = limited(found.lead), submitted(found.lead)
    error = after_the_other_waits(
        lambda: assignments.assign(other, reviewer=reviewer, by=found.lead),
        lambda: settling.assign_third(found.application, reviewer=reviewer, by=found.lead),
    )
    assert FULL in str(error)
    assert held_by(reviewer) == {other.pk}


@pytest.mark.parametrize("act", ["deactivate", "change_role"])
def test_review_given_while_the_hat_is_switched_off_is_taken_back(act):
    lead = a_lead()
    reviewer, application = a_reviewer(lead), submitted(lead)
    error = after_the_other_waits(
        lambda: assignments.assign(application, reviewer=reviewer, by=lead),
        lambda: switch_off(act, reviewer, lead),
    )
    assert error is None
    assert (held_by(reviewer), Assignment.objects.count()) == (set(), 1)
    assert Membership.objects.get(pk=reviewer.pk).is_active is False


@pytest.mark.parametrize("act", ["deactivate", "change_role"])
def test_hat_that_is_being_switched_off_gets_nothing(act):
    lead = a_lead()
    reviewer, application = a_reviewer(lead), submitted(lead)
    error = after_the_other_waits(
        lambda: switch_off(act, reviewer, lead),
        lambda: assignments.assign(application, reviewer=reviewer, by=lead),
    )
    assert str(error) == "This person does not review for this plan."
    assert Assignment.objects.count() == 0


def test_giving_re_reads_who_was_switched_off():
    lead = a_lead()
    reviewer, application = a_reviewer(lead), submitted(lead)
    verdicts = []
    after_the_other_waits(
        lambda: switch_off("deactivate", reviewer, lead),
        lambda: verdicts.extend(giving.give([(application, reviewer)], by=lead)),
    )
    assert [one.reason for one in verdicts] == ["Does not review for the plan any more."]
    assert Assignment.objects.count() == 0


def test_giving_and_switching_off_over_the_same_applications_never_deadlock():
    lead = a_lead()
    for _round in range(5):
        review, other = in_review(lead), submitted(lead)
        reviewer = review.reviewer
        wanted = [(review.application, a_reviewer(lead)), (other, reviewer)]
        outcomes = at_once(
            lambda wanted=wanted: giving.give(wanted, by=lead),
            lambda reviewer=reviewer: people.deactivate(reviewer, by=lead),
        )
        assert (outcomes, held_by(reviewer)) == (["done", "done"], set())


def limited(lead):
    reviewer = a_reviewer(lead)
    team.set_profile(reviewer, max_open=1, counties=[], specialties=[], by=lead)
    return reviewer


def held_by(hat):
    rows = Assignment.objects.filter(reviewer=hat, ended_at=None)
    return set(rows.values_list("application", flat=True))


def switch_off(act, hat, lead):
    if act == "deactivate":
        people.deactivate(hat, by=lead)
    else:
        people.change_role(hat, role=Role.MCP_LEAD, by=lead)
