import json

import pytest

from accounts.enums import Role
from applications.domain import submission
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from selection.domain import announcing, proposing, releasing
from selection.enums import OfferStatus
from selection.models import Decision, DecisionRecord, Offer, Proposal
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory
from tests.selection.building import (
    OUTCOMES,
    REASON,
    approved,
    cohort,
    handed_over,
    owner_of,
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


def columns():
    names = ("status", "mcp_score", "priority_points", "adjusted_score", "decided_at")
    return {pk: row for pk, *row in Application.objects.values_list("pk", *names)}


def test_release_puts_everything_in_force_at_once(cycle, applications, analyst, approver):
    found = releasing.release(approved(cycle, analyst, approver), by=approver)
    stored = Proposal.objects.get()
    assert (stored.released_by, stored.released_at) == (approver.user, found.released_at)
    assert (stored.announced, stored.announced_at) == (0, None)
    assert Decision.objects.filter(proposal=found, in_force=True).count() == 5
    rows = columns()
    assert {name: rows[one.pk][0] for name, one in applications.items()} == OUTCOMES
    assert rows[applications["lifted"].pk][1:4] == [60, 20, 80]
    assert all(row[4] is not None for row in rows.values())
    steps = ApplicationTransition.objects.values_list("application", "name", "actor", "reason")
    names = {"selected": "select", "waitlisted": "waitlist", "not_selected": "do_not_select"}
    reasons = {
        "above": "Recommended, and at or above the threshold",
        "lifted": "Recommended, and at or above the threshold",
        "near": "Recommended, and just below the threshold",
        "below": "Below the threshold",
        "refused": "Not recommended by the plan",
    }
    assert sorted(steps) == sorted(
        (one.pk, names[OUTCOMES[name]], approver.label, reasons[name])
        for name, one in applications.items()
    )


def test_release_seals_the_record_of_what_was_decided(cycle, applications, analyst, approver):
    found = releasing.release(approved(cycle, analyst, approver), by=approver)
    record = DecisionRecord.objects.get()
    assert (record.proposal, record.sequence, record.kind) == (found, 1, "release")
    rows = {row["reference"]: row for row in json.loads(record.document)["applications"]}
    assert {name: rows[one.reference]["outcome"] for name, one in applications.items()} == OUTCOMES
    assert (record.selected, record.cost) == (found.selected, found.cost)


def test_release_stores_the_points_of_the_released_rules(cycle, analyst, approver):
    application = handed_over(cycle, 60, points=20, population="pregnant")
    points = tuple(rule.model_copy(update={"points": 5}) for rule in published(cycle).points)
    released(cycle, analyst, approver, points=points, threshold=65)
    application.refresh_from_db()
    numbers = (application.mcp_score, application.priority_points, application.adjusted_score)
    assert (numbers, application.status) == ((60, 5, 65), Status.SELECTED)


def test_release_again_changes_nothing(cycle, applications, analyst, approver, hat_of):
    owner_of(applications["above"])
    first = released(cycle, analyst, approver)
    tables = (ApplicationTransition, OutboxEmail, DecisionRecord, Offer)
    counts = [table.objects.count() for table in tables]
    assert counts == [5, 1, 1, 2]
    second = releasing.release(first, by=hat_of(Role.DHCS_APPROVER))
    releasing.carry_on(first.pk)
    assert (second.released_at, second.released_by) == (first.released_at, approver.user)
    assert [table.objects.count() for table in tables] == counts


def test_release_needs_an_approval(cycle, applications, analyst, approver):
    with pytest.raises(WrongState, match="These decisions are not approved yet."):
        releasing.release(proposed(cycle, analyst), by=approver)
    assert ApplicationTransition.objects.count() == 0


def test_release_by_who_proposed_is_refused_under_any_hat(cycle, applications, approver, hat_of):
    found = approved(cycle, approver, hat_of(Role.DHCS_APPROVER))
    other_hat = MembershipFactory(role=Role.DHCS_APPROVER, user=approver.user)
    for hat in (approver, other_hat):
        with pytest.raises(DomainError, match="A second person releases what you proposed."):
            releasing.release(found, by=hat)
    assert Proposal.objects.get().released_at is None
    assert ApplicationTransition.objects.count() == 0


def test_release_waits_for_an_application_that_came_back(cycle, applications, analyst, approver):
    found = approved(cycle, analyst, approver)
    ApplicationFactory(cycle=cycle, status=Status.IN_REVIEW)
    with pytest.raises(WrongState, match="^1 application is still with its plan"):
        releasing.release(found, by=approver)


def test_nothing_is_half_released_when_the_last_step_fails(
    cycle, applications, analyst, approver, monkeypatch
):
    found = approved(cycle, analyst, approver)
    before = columns()

    def fail(*args, **kwargs):
        raise OSError("the disk is full")

    monkeypatch.setattr(releasing.records, "seal_release", fail)
    with pytest.raises(OSError, match="the disk is full"):
        releasing.release(found, by=approver)
    assert columns() == before
    assert not Decision.objects.filter(in_force=True).exists()
    assert ApplicationTransition.objects.count() == 0
    assert Proposal.objects.get().released_at is None


def test_large_release_is_left_to_a_worker(cycle, applications, analyst, approver, monkeypatch):
    monkeypatch.setattr(releasing, "IN_A_REQUEST", 4)
    found = releasing.release(approved(cycle, analyst, approver), by=approver)
    assert (found.released_at, found.release_asked_by) == (None, approver)
    assert ApplicationTransition.objects.count() == 0
    assert list(releasing.unfinished()) == [found]
    again = releasing.release(found, by=approver)
    assert again.release_asked_at == found.release_asked_at
    assert releasing.carry_on(found.pk) is True
    found.refresh_from_db()
    assert (found.released_by, found.announced) == (approver.user, 5)
    assert (found.release_asked_at, found.announced_at is None) == (None, False)
    assert list(releasing.unfinished()) == []
    assert releasing.carry_on(found.pk) is False


def test_worker_that_finds_a_stale_proposal_says_so_and_stops(
    cycle, applications, analyst, approver, monkeypatch
):
    monkeypatch.setattr(releasing, "IN_A_REQUEST", 4)
    found = releasing.release(approved(cycle, analyst, approver), by=approver)
    Application.objects.filter(pk=applications["above"].pk).update(mcp_score=1, adjusted_score=1)
    assert releasing.carry_on(found.pk) is True
    found.refresh_from_db()
    assert found.stale_because == [applications["above"].reference]
    assert (found.released_at, found.release_asked_at) == (None, None)
    assert list(releasing.unfinished()) == []


def test_worker_that_can_not_release_asks_no_more(
    cycle, applications, analyst, approver, monkeypatch
):
    monkeypatch.setattr(releasing, "IN_A_REQUEST", 4)
    found = releasing.release(approved(cycle, analyst, approver), by=approver)
    ApplicationFactory(cycle=cycle, status=Status.IN_REVIEW)
    assert releasing.carry_on(found.pk) is True
    found.refresh_from_db()
    assert (found.is_open, found.release_asked_at) == (True, None)


def test_release_under_way_can_not_be_withdrawn_or_rejected(
    cycle, applications, analyst, approver, monkeypatch
):
    monkeypatch.setattr(releasing, "IN_A_REQUEST", 4)
    found = releasing.release(approved(cycle, analyst, approver), by=approver)
    with pytest.raises(WrongState, match="can't be withdrawn"):
        proposing.withdraw(found, by=analyst)


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_release_once(bell):
    cycle = CycleFactory(closed=True)
    applications = cohort(cycle)
    owners = [owner_of(application) for application in applications.values()]
    people = [MembershipFactory(role=Role.DHCS_APPROVER) for _ in range(2)]
    found = approved(cycle, MembershipFactory(role=Role.DHCS_ANALYST), people[0])
    outcomes = run_at_once(*[lambda by=by: releasing.release(found, by=by) for by in people])
    assert len({(one.released_at, one.released_by_id) for one in outcomes}) == 1
    run_at_once(*[lambda: releasing.carry_on(found.pk) for _ in range(3)])
    assert ApplicationTransition.objects.count() == 5
    assert len({step.actor for step in ApplicationTransition.objects.all()}) == 1
    sent = OutboxEmail.objects.values_list("to", flat=True)
    assert sorted(sent) == sorted(owner.user.email for owner in owners)
    assert (Offer.objects.count(), DecisionRecord.objects.count()) == (2, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_release_and_withdrawal_at_once_leave_one_of_them(bell, attempt):
    cycle = CycleFactory(closed=True)
    application = handed_over(cycle, 85)
    owner = owner_of(application)
    approver = MembershipFactory(role=Role.DHCS_APPROVER)
    found = approved(cycle, MembershipFactory(role=Role.DHCS_ANALYST), approver)
    outcomes = run_at_once(
        lambda: releasing.release(found, by=approver),
        lambda: submission.withdraw(application, reason="We merge.", by=owner),
    )
    announcing.carry_on(found.pk)
    assert len(outcomes) == 2
    application.refresh_from_db()
    found.refresh_from_db()
    steps = list(ApplicationTransition.objects.values_list("name", flat=True))
    letters = OutboxEmail.objects.filter(kind="selected").count()
    in_force = Decision.objects.filter(in_force=True).count()
    ends = (found.released_at is not None, found.stale_at is not None)
    assert (application.status, ends, steps, letters, in_force) in [
        (Status.SELECTED, (True, False), ["select"], 1, 1),
        (Status.WITHDRAWN, (False, True), ["withdraw"], 0, 0),
    ]


@pytest.mark.parametrize(
    ("status", "outcome", "step"),
    [
        ("recommended", "selected", "select"),
        ("not_recommended", "not_selected", "do_not_select"),
        ("selected", "selected", None),
        ("participating", "selected", None),
        ("participating", "waitlisted", "waitlist_again"),
        ("selected", "not_selected", "do_not_select_again"),
        ("waitlisted", "selected", "select_again"),
        ("waitlisted", "waitlisted", None),
        ("not_selected", "waitlisted", "waitlist_again"),
    ],
)
def test_step_that_an_outcome_takes(status, outcome, step):
    assert releasing.step_for(status, outcome) == step


def test_deciding_anew_moves_only_what_changes(cycle, applications, analyst, approver):
    owners = {name: owner_of(one) for name, one in applications.items()}
    first = released(cycle, analyst, approver)
    taking_part = applications["above"]
    Application.objects.filter(pk=taking_part.pk).update(status=Status.PARTICIPATING)
    before = OutboxEmail.objects.count()
    again = released(cycle, analyst, approver, threshold=81)
    rows = columns()
    assert {name: rows[one.pk][0] for name, one in applications.items()} == {
        "above": "participating",
        "lifted": "waitlisted",
        "near": "not_selected",
        "below": "not_selected",
        "refused": "not_selected",
    }
    assert first.decisions.filter(in_force=True).count() == 0
    assert again.decisions.filter(in_force=True).count() == 5
    told = OutboxEmail.objects.order_by("pk").values_list("to", flat=True)[before:]
    assert sorted(told) == sorted(owners[name].user.email for name in ("lifted", "near"))
    lost = Offer.objects.get(application=applications["lifted"])
    assert lost.status == OfferStatus.CANCELLED
    assert [r.kind for r in DecisionRecord.objects.order_by("sequence")] == [
        "release",
        "remodelling",
    ]


def test_reason_of_the_plan_reaches_the_practice_with_the_decision(cycle, analyst, approver):
    application = handed_over(cycle, 60)
    owner_of(application)
    released(cycle, analyst, approver)
    assert REASON in OutboxEmail.objects.get(kind="not_selected").body
