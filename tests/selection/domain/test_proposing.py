import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from core.canonical import digest
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from selection.domain import announcing, approving, proposing, records, releasing
from selection.engine import Pin
from selection.models import Decision, Proposal, ProposalInputs
from selection.queries import decision_in_force
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory
from tests.scoring.conflicting import check
from tests.selection.building import (
    OUTCOMES,
    WHY,
    approved,
    cohort,
    handed_over,
    proposed,
    published,
    released,
)
from tests.selection.racing import run_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


def stored_columns():
    names = ("status", "mcp_score", "priority_points", "adjusted_score", "decided_at")
    return list(Application.objects.order_by("pk").values_list("pk", *names))


def test_proposing_freezes_rules_and_inputs_and_moves_nothing(cycle, applications, analyst):
    before = stored_columns()
    found = proposed(cycle, analyst)
    assert (found.selected, found.waitlisted, found.not_selected, found.total) == (2, 1, 2, 5)
    assert found.cost == Decimal("561200.00")
    assert (found.proposed_by, found.approved_by, found.released_at) == (analyst.user, None, None)
    assert (found.rationale, found.rules) == (WHY, published(cycle).as_json())
    content = ProposalInputs.objects.get(proposal=found).content
    assert digest(content) == found.inputs_sha256
    rows = {row["pk"]: row for row in json.loads(content)["candidates"]}
    assert {pk: row["mcp_score"] for pk, row in rows.items()} == {
        one.pk: one.mcp_score for one in applications.values()
    }
    stored = {row.application_id: row for row in Decision.objects.filter(proposal=found)}
    assert {name: stored[one.pk].outcome for name, one in applications.items()} == OUTCOMES
    lifted = stored[applications["lifted"].pk]
    assert (lifted.mcp_score, lifted.priority_points, lifted.adjusted_score) == (60, 20, 80)
    assert lifted.threshold == 77
    assert sorted(row.rank for row in stored.values()) == [1, 2, 3, 4, 5]
    assert not any(row.in_force for row in stored.values())
    assert stored_columns() == before
    assert (ApplicationTransition.objects.count(), OutboxEmail.objects.count()) == (0, 0)
    assert decision_in_force(applications["above"]) is None


@pytest.mark.parametrize("status", ["submitted", "in_review", "scored", "returned"])
def test_proposing_waits_for_every_application(cycle, applications, analyst, status):
    ApplicationFactory(cycle=cycle, status=status)
    with pytest.raises(WrongState, match="^1 application is still with its plan"):
        proposed(cycle, analyst)
    assert Proposal.objects.count() == 0


def test_proposing_does_not_wait_for_drafts_withdrawals_and_other_cycles(
    cycle, applications, analyst
):
    ApplicationFactory(cycle=cycle)
    ApplicationFactory(cycle=cycle, status=Status.WITHDRAWN, mcp_score=80, priority_points=0)
    ApplicationFactory(status=Status.SUBMITTED)
    handed_over(CycleFactory(closed=True), 90)
    assert proposed(cycle, analyst).total == 5


def test_proposing_without_anything_handed_over_is_refused(cycle, analyst):
    ApplicationFactory(cycle=cycle)
    with pytest.raises(WrongState, match="No application has been handed over yet"):
        proposed(cycle, analyst)


def test_proposing_while_applications_come_in_is_refused(analyst):
    cycle = CycleFactory()
    handed_over(cycle, 80)
    with pytest.raises(WrongState, match="This cycle takes applications until"):
        proposed(cycle, analyst)


@pytest.mark.parametrize("rationale", ["", "Too short.", " " * 40, "x" * 19 + "   "])
def test_rationale_is_needed(cycle, applications, analyst, rationale):
    with pytest.raises(DomainError, match="Say in 20 characters or more why"):
        proposing.propose(cycle=cycle, rules=published(cycle), rationale=rationale, by=analyst)
    assert Proposal.objects.count() == 0


def test_what_the_record_would_not_confirm_is_not_proposed(cycle, analyst):
    one = handed_over(cycle, 85, potential_payment=Decimal("1.00"))
    with pytest.raises(records.Unsound, match=f"{one.reference}: potential_payment"):
        proposed(cycle, analyst)
    assert Proposal.objects.count() == 0


def test_one_open_proposal_at_a_time(cycle, applications, analyst, approver):
    first = proposed(cycle, analyst)
    with pytest.raises(WrongState, match="There is an open proposal for this cycle."):
        proposed(cycle, approver)
    proposing.withdraw(first, by=analyst)
    second = proposed(cycle, analyst)
    approving.reject(second, reason="The budget is another one.", by=approver)
    assert proposed(cycle, analyst).pk not in (first.pk, second.pk)


def test_withdrawing_keeps_the_decisions_and_none_comes_in_force(
    cycle, applications, analyst, approver
):
    found = approved(cycle, analyst, approver)
    withdrawn = proposing.withdraw(found, by=analyst)
    assert (withdrawn.withdrawn_by, withdrawn.is_open) == (analyst.user, False)
    assert proposing.withdraw(found, by=analyst).withdrawn_at == withdrawn.withdrawn_at
    with pytest.raises(WrongState, match="This proposal was withdrawn"):
        releasing.release(found, by=approver)
    assert Decision.objects.filter(in_force=False).count() == 5


def test_only_who_proposed_withdraws(cycle, applications, analyst, hat_of):
    found = proposed(cycle, analyst)
    with pytest.raises(DomainError, match="Only the person who proposed this"):
        proposing.withdraw(found, by=hat_of(Role.DHCS_ANALYST))
    found.refresh_from_db()
    assert found.withdrawn_at is None


def test_withdrawing_after_the_release_is_refused(cycle, applications, analyst, approver):
    found = released(cycle, analyst, approver)
    with pytest.raises(WrongState, match="They can't be withdrawn any more"):
        proposing.withdraw(found, by=analyst)


def test_database_refuses_a_second_open_proposal(cycle, applications, analyst):
    found = proposed(cycle, analyst)
    found.pk = None
    with pytest.raises(IntegrityError, match="selection_one_open_proposal"), transaction.atomic():
        found.save(force_insert=True)


@pytest.mark.parametrize(
    ("column", "value"), [("outcome", "not_selected"), ("threshold", 70), ("reason", "x")]
)
def test_database_keeps_what_was_decided(cycle, applications, analyst, column, value):
    proposed(cycle, analyst)
    above = Decision.objects.filter(application=applications["above"])
    with pytest.raises(Exception, match="numbers_fixed|Cannot"), transaction.atomic():
        above.update(**{column: value})
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        above.delete()
    assert above.get().outcome == "selected"


@pytest.mark.parametrize(
    ("column", "value"), [("rationale", "Another reason."), ("rules", {}), ("cost", 1)]
)
def test_database_keeps_what_was_proposed(cycle, applications, analyst, column, value):
    found = proposed(cycle, analyst)
    with pytest.raises(Exception, match="proposal_frozen|Cannot"), transaction.atomic():
        Proposal.objects.filter(pk=found.pk).update(**{column: value})


def test_exclusive_threshold_is_kept_in_the_rules(cycle, analyst):
    handed_over(cycle, 77)
    found = proposed(cycle, analyst, inclusive=False)
    assert (found.rules["inclusive"], found.selected, found.waitlisted) == (False, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_two_analysts_at_once_propose_once(bell):
    cycle = CycleFactory(closed=True)
    handed_over(cycle, 85)
    people = [MembershipFactory(role=Role.DHCS_ANALYST) for _ in range(2)]
    outcomes = run_at_once(*[lambda by=by: proposed(cycle, by) for by in people])
    assert Proposal.objects.count() == Decision.objects.count() == 1
    assert [type(outcome) for outcome in outcomes].count(Proposal) == 1


def test_deciding_anew_chooses_from_who_is_still_there(cycle, applications, analyst, approver):
    released(cycle, analyst, approver)
    gone = {"above": Status.SELECTED, "lifted": Status.DECLINED}
    for name, status in gone.items():
        Application.objects.filter(pk=applications[name].pk).update(status=status)
    again = proposed(cycle, analyst, threshold=86)
    assert again.total == 4
    assert not again.decisions.filter(application=applications["lifted"]).exists()


def test_deciding_anew_waits_until_everybody_heard(cycle, applications, analyst, approver):
    first = releasing.release(approved(cycle, analyst, approver), by=approver)
    with pytest.raises(WrongState, match="are still being told of the decisions before"):
        proposed(cycle, analyst)
    announcing.carry_on(first.pk)
    assert proposed(cycle, analyst).total == 5


def test_public_time_is_kept(cycle, applications, analyst):
    later = timezone.now() + timedelta(days=3)
    found = proposing.propose(
        cycle=cycle, rules=published(cycle), rationale=WHY, publish_at=later, by=analyst
    )
    found.refresh_from_db()
    assert found.publish_at == later


def test_pin_where_the_proposer_has_a_conflict_is_refused(cycle, applications, analyst, hat_of):
    closed, other = applications["below"], hat_of(Role.DHCS_ANALYST)
    check(closed, other.user)
    pin = Pin(closed.reference, True, "The only practice in its county.")
    with pytest.raises(DomainError, match="where you have a conflict of interest") as refused:
        proposed(cycle, other, pins=(pin,))
    assert closed.reference not in str(refused.value)
    assert Proposal.objects.count() == 0
    assert proposed(cycle, other).total == 5
