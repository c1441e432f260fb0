from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import Role
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from core.exceptions import DomainError, WrongState
from selection.domain import approving, proposing, staleness
from selection.domain.staleness import Stale
from selection.engine import Pin
from selection.models import Proposal
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.building import approved, cohort, proposed, released
from tests.selection.racing import run_at_once

pytestmark = pytest.mark.django_db
REASON = "The threshold is not the one we agreed on."


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


def test_second_person_approves_and_nothing_comes_in_force(cycle, applications, analyst, approver):
    later = timezone.now() + timedelta(days=2)
    found = approving.approve(proposed(cycle, analyst), by=approver, publish_at=later)
    stored = Proposal.objects.get()
    assert (stored.approved_by, stored.publish_at) == (approver.user, later)
    assert found.is_open
    assert not stored.decisions.filter(in_force=True).exists()


def test_who_proposed_can_not_approve_under_any_hat(cycle, applications, approver):
    found = proposed(cycle, approver)
    other_hat = MembershipFactory(role=Role.DHCS_APPROVER, user=approver.user)
    for hat in (approver, other_hat):
        with pytest.raises(DomainError, match="A second person approves what you proposed."):
            approving.approve(found, by=hat)
    assert Proposal.objects.get().approved_at is None


@pytest.mark.parametrize("act", ["approved", "released"])
def test_database_refuses_one_person_for_both(cycle, applications, analyst, act):
    found = proposed(cycle, analyst)
    columns = {f"{act}_by": analyst.user, f"{act}_at": timezone.now()}
    name = {
        "approved": "selection_approver_is_another",
        "released": "selection_releaser_is_another",
    }
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Proposal.objects.filter(pk=found.pk).update(**columns)
    assert name[act] in str(refused.value) or "selection_approved_before" in str(refused.value)


def test_second_approval_changes_nothing(cycle, applications, analyst, approver, hat_of):
    first = approved(cycle, analyst, approver)
    second = approving.approve(first, by=hat_of(Role.DHCS_APPROVER))
    assert (second.approved_by, second.approved_at) == (approver.user, first.approved_at)


def test_approving_what_became_stale_says_so(cycle, applications, analyst, approver, hat_of):
    found = approved(cycle, analyst, approver)
    staleness.mark(found.pk, [applications["near"].reference])
    for hat in (approver, hat_of(Role.DHCS_APPROVER)):
        with pytest.raises(Stale, match="^1 application changed after this was proposed"):
            approving.approve(found, by=hat)
    assert Proposal.objects.get().approved_by == approver.user


def test_approving_what_is_released_says_so(cycle, applications, analyst, approver):
    found = released(cycle, analyst, approver)
    with pytest.raises(WrongState, match="These decisions are released."):
        approving.approve(found, by=approver)


def test_rejecting_ends_the_proposal_with_its_reason(cycle, applications, analyst, approver):
    found = approving.reject(approved(cycle, analyst, approver), reason=REASON, by=approver)
    assert (found.rejected_by, found.rejection_reason, found.is_open) == (
        approver.user,
        REASON,
        False,
    )
    with pytest.raises(WrongState, match="This proposal was rejected"):
        approving.approve(found, by=approver)


@pytest.mark.parametrize("reason", ["", "No.", "         x         "])
def test_rejecting_needs_a_reason(cycle, applications, analyst, approver, reason):
    with pytest.raises(DomainError, match="Say in 10 characters or more why you reject this."):
        approving.reject(proposed(cycle, analyst), reason=reason, by=approver)


def test_who_proposed_withdraws_and_does_not_reject(cycle, applications, approver):
    with pytest.raises(DomainError, match="You proposed this. Withdraw it"):
        approving.reject(proposed(cycle, approver), reason=REASON, by=approver)


def test_withdrawn_and_released_proposals_can_not_be_approved_or_rejected(
    cycle, applications, analyst, approver
):
    withdrawn = proposing.withdraw(proposed(cycle, analyst), by=analyst)
    with pytest.raises(WrongState, match="was withdrawn"):
        approving.approve(withdrawn, by=approver)
    done = released(cycle, analyst, approver)
    with pytest.raises(WrongState, match="These decisions are released."):
        approving.reject(done, reason=REASON, by=approver)


def test_approver_with_a_conflict_on_a_pinned_application_is_refused(
    cycle, applications, analyst, approver
):
    pinned = applications["below"]
    pin = Pin(pinned.reference, True, "The only practice in its county.")
    found = proposed(cycle, analyst, pins=(pin,))
    ConflictCheck.objects.create(
        application=pinned,
        person=approver.user,
        rule="family",
        source=ConflictSource.SELF,
        hard=True,
        outcome=ConflictOutcome.FAILED,
        stated_by=approver.label,
        stated_at=timezone.now(),
    )
    with pytest.raises(DomainError, match="you have a conflict of interest"):
        approving.approve(found, by=approver)


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_approve_once(bell):
    cycle = CycleFactory(closed=True)
    cohort(cycle)
    found = proposed(cycle, MembershipFactory(role=Role.DHCS_ANALYST))
    people = [MembershipFactory(role=Role.DHCS_APPROVER) for _ in range(2)]
    outcomes = run_at_once(*[lambda by=by: approving.approve(found, by=by) for by in people])
    assert len({(one.approved_at, one.approved_by_id) for one in outcomes}) == 1
    assert Proposal.objects.get().approved_by in [hat.user for hat in people]


@pytest.mark.django_db(transaction=True)
def test_approval_and_rejection_at_once_leave_a_clear_state(bell):
    cycle = CycleFactory(closed=True)
    cohort(cycle)
    found = proposed(cycle, MembershipFactory(role=Role.DHCS_ANALYST))
    one, other = [MembershipFactory(role=Role.DHCS_APPROVER) for _ in range(2)]
    outcomes = run_at_once(
        lambda: approving.approve(found, by=one),
        lambda: approving.reject(found, reason=REASON, by=other),
    )
    found.refresh_from_db()
    assert found.rejected_at is not None
    said = [text for text in outcomes if isinstance(text, str)]
    assert said in ([], ["This proposal was rejected. Propose again."])
