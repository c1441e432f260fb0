import pytest

from applications.domain import submission
from applications.domain.transitions import apply_transitions
from applications.models import Application, ApplicationTransition
from core.exceptions import DomainError
from notifications.models import OutboxEmail
from selection.domain import (
    approving,
    offers,
    promoting,
    proposing,
    reconsidering,
    releasing,
    staleness,
)
from selection.domain.staleness import Stale
from selection.models import Decision, Offer, Proposal
from tests.factories.programs import CycleFactory
from tests.selection.after_release import decline, release
from tests.selection.asking import REASONS, a_decided_cohort
from tests.selection.building import (
    OUTCOMES,
    approved,
    cohort,
    handed_over,
    owner_of,
    proposed,
    released,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


def withdraw(application):
    submission.withdraw(application, reason="We merge with another.", by=owner_of(application))


def test_withdrawal_marks_the_proposal_at_once(cycle, applications, analyst, approver):
    found = approved(cycle, analyst, approver)
    withdraw(applications["near"])
    found.refresh_from_db()
    assert found.stale_at is not None
    assert found.stale_because == [applications["near"].reference]
    assert not found.is_open
    withdraw(applications["below"])
    found.refresh_from_db()
    assert found.stale_because == sorted(applications[n].reference for n in ("near", "below"))


def test_sending_back_marks_the_proposal_at_once(cycle, applications, analyst, approver):
    found = proposed(cycle, analyst)
    apply_transitions([(applications["above"].pk, "send_back", "Look again.", {})], by=approver)
    found.refresh_from_db()
    assert found.stale_because == [applications["above"].reference]


@pytest.mark.parametrize("outcome", ["selected", "waitlisted"])
def test_decision_made_anew_marks_the_proposal_at_once(cycle, outcome):
    decided = a_decided_cohort(cycle)
    row = decided.given("below")
    found = approved(cycle, decided.proposer, decided.approver)
    reconsidering.decide(row, outcome=outcome, reasons=REASONS, by=decided.reader)
    found.refresh_from_db()
    assert found.stale_because == [decided.applications["below"].reference]
    with pytest.raises(Stale):
        releasing.release(found, by=decided.approver)
    assert Application.objects.get(pk=decided.applications["below"].pk).status == outcome


def test_reconsideration_that_changes_nothing_leaves_the_proposal_fresh(cycle):
    decided = a_decided_cohort(cycle)
    row = decided.given("below")
    found = approved(cycle, decided.proposer, decided.approver)
    reconsidering.decide(row, outcome="not_selected", reasons=REASONS, by=decided.reader)
    assert releasing.release(found, by=decided.approver).released_at is not None


def test_moving_up_from_the_waitlist_marks_the_proposal_at_once(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    found = proposed(cycle, analyst)
    promoting.confirm(Offer.objects.get(application=rows["w1"], status="suggested"), by=analyst)
    found.refresh_from_db()
    assert found.stale_because == [rows["w1"].reference]


@pytest.mark.parametrize("moment", ["approve", "release"])
def test_later_act_is_found_by_the_full_comparison_too(cycle, moment):
    decided = a_decided_cohort(cycle)
    row = decided.given("below")
    found = proposed(cycle, decided.proposer)
    if moment == "release":
        approving.approve(found, by=decided.approver)
    reconsidering.decide(row, outcome="selected", reasons=REASONS, by=decided.reader)
    Proposal.objects.filter(pk=found.pk).update(stale_at=None, stale_because=[])
    act = approving.approve if moment == "approve" else releasing.release
    with pytest.raises(Stale, match="^1 application changed"):
        act(found, by=decided.approver)
    found.refresh_from_db()
    assert found.stale_because == [decided.applications["below"].reference]


def test_accepting_a_place_leaves_the_proposal_fresh(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    found = approved(cycle, analyst, approver)
    offers.accept(rows["one"], by=owners["one"])
    releasing.release(found, by=approver)
    assert Application.objects.get(pk=rows["one"].pk).status == "participating"


def test_new_name_of_a_practice_leaves_the_proposal_fresh(cycle, applications, analyst, approver):
    found = proposed(cycle, analyst)
    practice = applications["above"].practice
    practice.name = "A New Name Clinic"
    practice.save()
    approving.approve(found, by=approver)
    assert releasing.release(found, by=approver).released_at is not None


def test_new_name_is_not_among_what_changed(cycle, applications, analyst, approver):
    found = proposed(cycle, analyst)
    practice = applications["above"].practice
    practice.name = "A New Name Clinic"
    practice.save()
    Application.objects.filter(pk=applications["near"].pk).update(members=12)
    with pytest.raises(Stale):
        approving.approve(found, by=approver)
    assert Proposal.objects.get().stale_because == [applications["near"].reference]


def test_stale_proposal_can_not_be_approved_or_released(cycle, applications, analyst, approver):
    found = approved(cycle, analyst, approver)
    withdraw(applications["near"])
    for act in (approving.approve, releasing.release):
        fresh = Proposal.objects.get()
        if act is approving.approve:
            Proposal.objects.update(approved_at=None, approved_by=None)
        with pytest.raises(Stale, match="^1 application changed after this was proposed"):
            act(fresh, by=approver)
        if act is approving.approve:
            Proposal.objects.update(approved_at=found.approved_at, approved_by=found.approved_by)
    assert not Decision.objects.filter(in_force=True).exists()
    assert list(ApplicationTransition.objects.values_list("name", flat=True)) == ["withdraw"]
    assert OutboxEmail.objects.filter(kind__in=OUTCOMES.values()).count() == 0


def test_proposal_of_another_cycle_stays_fresh(cycle, applications, analyst):
    found = proposed(cycle, analyst)
    withdraw(handed_over(CycleFactory(closed=True), 80))
    found.refresh_from_db()
    assert found.stale_at is None


@pytest.mark.parametrize("act", ["withdraw", "reject"])
def test_ended_proposal_is_not_marked(cycle, applications, analyst, approver, act):
    found = proposed(cycle, analyst)
    if act == "withdraw":
        proposing.withdraw(found, by=analyst)
    else:
        approving.reject(found, reason="Another budget comes.", by=approver)
    withdraw(applications["near"])
    found.refresh_from_db()
    assert (found.stale_at, found.stale_because) == (None, [])


@pytest.mark.parametrize(
    "changes",
    [
        {"mcp_score": 84, "adjusted_score": 84},
        {"population": "pregnant"},
        {"members": 12},
        {"county": "Kern"},
        {"potential_payment": 1},
        {"recommended": False},
        {"tribal": True},
        {"hpi_quartile": 1},
        {"practice_types": ["fqhc"]},
    ],
)
@pytest.mark.parametrize("moment", ["approve", "release"])
def test_every_changed_fact_is_found_by_the_full_comparison(
    cycle, applications, analyst, approver, changes, moment
):
    found = proposed(cycle, analyst)
    if moment == "release":
        approving.approve(found, by=approver)
    Application.objects.filter(pk=applications["above"].pk).update(**changes)
    act = approving.approve if moment == "approve" else releasing.release
    with pytest.raises(Stale, match="^1 application changed"):
        act(found, by=approver)
    stored = Proposal.objects.get()
    assert stored.stale_because == [applications["above"].reference]
    assert (stored.released_at, stored.approved_at is None) == (None, moment == "approve")


def test_an_application_that_joined_is_found(cycle, applications, analyst, approver):
    found = approved(cycle, analyst, approver)
    late = handed_over(cycle, 90)
    with pytest.raises(Stale, match="^1 application changed"):
        releasing.release(found, by=approver)
    assert Proposal.objects.get().stale_because == [late.reference]


def test_new_proposal_follows_a_stale_one(cycle, applications, analyst, approver):
    old = proposed(cycle, analyst)
    withdraw(applications["near"])
    new = released(cycle, analyst, approver)
    old.refresh_from_db()
    assert (old.released_at, new.total) == (None, 4)
    with pytest.raises(DomainError):
        approving.approve(old, by=approver)


def test_released_proposal_is_never_marked(cycle, applications, analyst, approver):
    found = released(cycle, analyst, approver)
    staleness.mark(found.pk, [applications["near"].reference])
    found.refresh_from_db()
    assert found.stale_at is None


def test_steps_that_change_no_input_cost_no_query(
    cycle, applications, analyst, django_assert_num_queries
):
    proposed(cycle, analyst)
    steps = [
        ApplicationTransition(application=one, name="start_review") for one in applications.values()
    ]
    with django_assert_num_queries(0):
        staleness.look_at(steps)
