import threading
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.enums import Role
from applications.domain import submission
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from selection.domain import decisions
from selection.models import Decision, Proposal
from selection.queries import decision_in_force
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory
from tests.selection.building import (
    OUTCOMES,
    REASON,
    cohort,
    handed_over,
    owner_of,
    prepared,
    published,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


def as_stored(applications):
    return {
        pk: columns
        for pk, *columns in Application.objects.filter(
            pk__in=[a.pk for a in applications.values()]
        ).values_list(
            "pk", "status", "mcp_score", "priority_points", "adjusted_score", "decided_at"
        )
    }


def test_prepare_stores_pending_decisions_and_moves_nothing(cycle, applications, analyst):
    before = as_stored(applications)
    run = prepared(cycle, analyst)
    assert (run.selected, run.waitlisted, run.not_selected, run.total) == (2, 1, 2, 5)
    assert run.cost == Decimal("561200.00")
    assert (run.proposed_by, run.released_by, run.released_at) == (analyst.user, None, None)
    assert run.rules == published(cycle).as_json()
    stored = {d.application_id: d for d in Decision.objects.filter(proposal=run)}
    assert {n: stored[a.pk].outcome for n, a in applications.items()} == OUTCOMES
    lifted = stored[applications["lifted"].pk]
    assert (lifted.mcp_score, lifted.priority_points, lifted.adjusted_score) == (60, 20, 80)
    assert lifted.threshold == 77
    assert not any(decision.in_force for decision in stored.values())
    assert as_stored(applications) == before
    assert (ApplicationTransition.objects.count(), OutboxEmail.objects.count()) == (0, 0)
    assert decision_in_force(applications["above"]) is None


@pytest.mark.parametrize("status", ["submitted", "in_review", "scored", "returned"])
def test_prepare_waits_for_every_application(cycle, applications, analyst, status):
    ApplicationFactory(cycle=cycle, status=status)
    with pytest.raises(WrongState) as refused:
        prepared(cycle, analyst)
    assert "1" in str(refused.value)
    assert Proposal.objects.count() == 0


def test_prepare_does_not_wait_for_drafts_withdrawals_and_other_cycles(
    cycle, applications, analyst
):
    ApplicationFactory(cycle=cycle)
    ApplicationFactory(cycle=cycle, status=Status.WITHDRAWN, mcp_score=80, priority_points=0)
    ApplicationFactory(status=Status.SUBMITTED)
    handed_over(CycleFactory(closed=True), 90)
    assert prepared(cycle, analyst).total == 5


def test_prepare_without_anything_handed_over_is_refused(cycle, analyst):
    ApplicationFactory(cycle=cycle)
    with pytest.raises(WrongState, match="No application has been handed over yet"):
        prepared(cycle, analyst)


def test_prepare_twice_is_refused_until_the_first_is_discarded(cycle, applications, analyst):
    first = prepared(cycle, analyst)
    with pytest.raises(WrongState, match="already prepared. Release or discard them."):
        prepared(cycle, analyst)
    assert Proposal.objects.get() == first
    decisions.discard(first, by=analyst)
    assert prepared(cycle, analyst) != first


def test_prepare_after_the_release_is_refused(cycle, applications, analyst, approver):
    decisions.release(prepared(cycle, analyst), by=approver)
    with pytest.raises(WrongState, match="The decisions of this cycle are already released."):
        prepared(cycle, analyst)
    assert Proposal.objects.count() == 1


def test_discard_keeps_the_decisions_and_none_comes_in_force(
    cycle, applications, analyst, approver
):
    run = prepared(cycle, analyst)
    discarded = decisions.discard(run, by=analyst)
    assert discarded.withdrawn_at is not None
    assert decisions.discard(run, by=analyst).withdrawn_at == discarded.withdrawn_at
    with pytest.raises(WrongState, match="were thrown away. Prepare them again."):
        decisions.release(run, by=approver)
    assert Decision.objects.filter(in_force=False).count() == 5
    assert {row[0] for row in as_stored(applications).values()} == {
        Status.RECOMMENDED,
        Status.NOT_RECOMMENDED,
    }


def test_discard_after_the_release_is_refused(cycle, applications, analyst, approver):
    run = decisions.release(prepared(cycle, analyst), by=approver)
    with pytest.raises(WrongState, match="are released and can't be thrown away"):
        decisions.discard(run, by=analyst)
    assert Proposal.objects.get().withdrawn_at is None


def test_release_puts_everything_in_force_at_once(cycle, applications, analyst, approver):
    owners = {name: owner_of(application) for name, application in applications.items()}
    second = owner_of(applications["near"])
    contributor = MembershipFactory(
        role=Role.PRACTICE_CONTRIBUTOR, organisation=applications["near"].practice
    )
    run = decisions.release(prepared(cycle, analyst), by=approver)

    stored = Proposal.objects.get()
    assert stored == run
    assert stored.released_by == approver.user
    assert stored.released_at is not None
    assert Decision.objects.filter(proposal=run, in_force=True).count() == 5
    columns = as_stored(applications)
    assert {n: columns[a.pk][0] for n, a in applications.items()} == OUTCOMES
    assert columns[applications["lifted"].pk][1:4] == [60, 20, 80]
    assert all(row[4] is not None for row in columns.values())

    steps = ApplicationTransition.objects.values_list("application", "name", "actor", "reason")
    names = {"selected": "select", "waitlisted": "waitlist", "not_selected": "do_not_select"}
    reasons = {
        "above": "Recommended, and at or above the threshold",
        "lifted": "Recommended, and at or above the threshold",
        "near": "Recommended, and just below the threshold",
        "below": "Below the threshold",
        "refused": "Not recommended by the plan",
    }
    assert set(steps) == {
        (a.pk, names[OUTCOMES[n]], approver.label, reasons[n]) for n, a in applications.items()
    }
    assert len(steps) == 5

    sent = list(OutboxEmail.objects.values_list("kind", "to"))
    expected = [(OUTCOMES[name], hat.user.email) for name, hat in owners.items()]
    expected.append(("waitlisted", second.user.email))
    assert sorted(sent) == sorted(expected)
    assert contributor.user.email not in dict(map(reversed, sent))
    letter = OutboxEmail.objects.get(to=owners["lifted"].user.email)
    words = letter.subject + letter.body
    for fact in (applications["lifted"].reference, "60", "20", "80", "77", "$280,600"):
        assert fact in words
    assert "$" not in words.replace("$280,600", "")


def test_release_stores_the_points_of_the_released_scenario(cycle, analyst, approver):
    application = handed_over(cycle, 60, points=20, population="pregnant")
    points = tuple(rule.model_copy(update={"points": 5}) for rule in published(cycle).points)
    decisions.release(prepared(cycle, analyst, points=points, threshold=65), by=approver)
    application.refresh_from_db()
    assert (application.mcp_score, application.priority_points, application.adjusted_score) == (
        60,
        5,
        65,
    )
    assert application.status == Status.SELECTED


def test_release_again_changes_nothing(cycle, applications, analyst, approver, hat_of):
    owner_of(applications["above"])
    first = decisions.release(prepared(cycle, analyst), by=approver)
    counts = (ApplicationTransition.objects.count(), OutboxEmail.objects.count())
    assert counts == (5, 1)
    second = decisions.release(first, by=hat_of(Role.DHCS_APPROVER))
    assert (second.released_at, second.released_by) == (first.released_at, approver.user)
    assert (ApplicationTransition.objects.count(), OutboxEmail.objects.count()) == counts


def test_release_by_who_prepared_is_refused_under_any_hat(cycle, applications, approver):
    run = prepared(cycle, approver)
    other_hat = MembershipFactory(role=Role.DHCS_APPROVER, user=approver.user)
    for hat in (approver, other_hat):
        with pytest.raises(DomainError, match="A second person releases what you prepared."):
            decisions.release(run, by=hat)
    assert Proposal.objects.get().released_at is None
    assert (ApplicationTransition.objects.count(), OutboxEmail.objects.count()) == (0, 0)


def test_database_refuses_one_person_for_both(cycle, applications, analyst):
    run = prepared(cycle, analyst)
    with pytest.raises(IntegrityError, match="selection_two_people"), transaction.atomic():
        Proposal.objects.filter(pk=run.pk).update(
            released_by=analyst.user, released_at=timezone.now()
        )


def test_database_refuses_a_second_open_proposal(cycle, applications, analyst):
    run = prepared(cycle, analyst)
    run.pk = None
    with pytest.raises(IntegrityError, match="selection_one_open_proposal"), transaction.atomic():
        run.save(force_insert=True)


@pytest.mark.parametrize(
    ("column", "value"), [("outcome", "not_selected"), ("threshold", 70), ("reason", "x")]
)
def test_database_keeps_what_was_decided(cycle, applications, analyst, column, value):
    prepared(cycle, analyst)
    above = Decision.objects.filter(application=applications["above"])
    with pytest.raises(Exception, match="numbers_fixed|Cannot"), transaction.atomic():
        above.update(**{column: value})
    with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
        above.delete()
    assert above.get().outcome == "selected"


def test_release_is_refused_when_an_application_was_withdrawn(
    cycle, applications, analyst, approver
):
    run = prepared(cycle, analyst)
    owner = owner_of(applications["near"])
    submission.withdraw(applications["near"], reason="We merge.", by=owner)
    with pytest.raises(decisions.Stale, match="^1 application changed after these decisions"):
        decisions.release(run, by=approver)
    assert Proposal.objects.get().released_at is None
    assert not Decision.objects.filter(in_force=True).exists()
    assert list(ApplicationTransition.objects.values_list("name", flat=True)) == ["withdraw"]
    assert OutboxEmail.objects.filter(kind__in=OUTCOMES.values()).count() == 0


def test_release_is_refused_when_a_score_changed(cycle, applications, analyst, approver):
    run = prepared(cycle, analyst)
    changed = [applications[name].pk for name in ("above", "near")]
    Application.objects.filter(pk__in=changed).update(mcp_score=1, adjusted_score=1)
    with pytest.raises(decisions.Stale, match="^2 applications changed after these decisions"):
        decisions.release(run, by=approver)
    assert Proposal.objects.get().released_at is None


def test_release_is_refused_when_an_application_joined(cycle, applications, analyst, approver):
    run = prepared(cycle, analyst)
    handed_over(cycle, 90)
    with pytest.raises(decisions.Stale, match="^1 application changed"):
        decisions.release(run, by=approver)


def test_nothing_is_half_released_when_the_last_step_fails(
    cycle, applications, analyst, approver, monkeypatch
):
    run = prepared(cycle, analyst)
    before = as_stored(applications)

    def fail(rows):
        raise OSError("the disk is full")

    monkeypatch.setattr(decisions.emails, "decided", fail)
    with pytest.raises(OSError, match="the disk is full"):
        decisions.release(run, by=approver)
    assert as_stored(applications) == before
    assert not Decision.objects.filter(in_force=True).exists()
    assert ApplicationTransition.objects.count() == 0
    assert Proposal.objects.get().released_at is None


def test_exclusive_threshold_is_kept_in_the_rules(cycle, analyst):
    handed_over(cycle, 77)
    run = prepared(cycle, analyst, inclusive=False)
    assert (run.rules["inclusive"], run.selected, run.waitlisted) == (False, 0, 1)


def run_at_once(*calls):
    """Call each in a thread of its own, all started together; return what each gave or said."""
    start, outcomes = threading.Barrier(len(calls)), []

    def run(call):
        try:
            start.wait()
            outcomes.append(call())
        except DomainError as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_approvers_at_once_release_once(bell):
    cycle = CycleFactory(closed=True)
    applications = cohort(cycle)
    owners = [owner_of(application) for application in applications.values()]
    run = prepared(cycle, MembershipFactory(role=Role.DHCS_ANALYST))
    approvers = [MembershipFactory(role=Role.DHCS_APPROVER) for _ in range(2)]
    outcomes = run_at_once(*[lambda by=by: decisions.release(run, by=by) for by in approvers])
    assert len({(o.released_at, o.released_by_id) for o in outcomes}) == 1
    assert ApplicationTransition.objects.count() == 5
    assert len({step.actor for step in ApplicationTransition.objects.all()}) == 1
    sent = OutboxEmail.objects.values_list("to", flat=True)
    assert sorted(sent) == sorted(owner.user.email for owner in owners)


@pytest.mark.django_db(transaction=True)
def test_release_and_withdrawal_at_once_leave_one_of_them(bell):
    cycle = CycleFactory(closed=True)
    application = handed_over(cycle, 85)
    owner = owner_of(application)
    run = prepared(cycle, MembershipFactory(role=Role.DHCS_ANALYST))
    approver = MembershipFactory(role=Role.DHCS_APPROVER)
    run_at_once(
        lambda: decisions.release(run, by=approver),
        lambda: submission.withdraw(application, reason="We merge.", by=owner),
    )
    application.refresh_from_db()
    run.refresh_from_db()
    steps = list(ApplicationTransition.objects.values_list("name", flat=True))
    letters = OutboxEmail.objects.filter(kind="selected").count()
    in_force = Decision.objects.filter(in_force=True).count()
    found = (application.status, run.released_at is not None, steps, letters, in_force)
    assert found in [
        (Status.SELECTED, True, ["select"], 1, 1),
        (Status.WITHDRAWN, False, ["withdraw"], 0, 0),
    ]


@pytest.mark.django_db(transaction=True)
def test_two_analysts_at_once_prepare_once(bell):
    cycle = CycleFactory(closed=True)
    handed_over(cycle, 85)
    people = [MembershipFactory(role=Role.DHCS_ANALYST) for _ in range(2)]
    outcomes = run_at_once(*[lambda by=by: prepared(cycle, by) for by in people])
    assert Proposal.objects.count() == Decision.objects.count() == 1
    assert [type(outcome) for outcome in outcomes].count(Proposal) == 1


def test_reason_of_the_plan_reaches_the_practice_with_the_decision(cycle, analyst, approver):
    application = handed_over(cycle, 60)
    owner_of(application)
    decisions.release(prepared(cycle, analyst), by=approver)
    assert REASON in OutboxEmail.objects.get(kind="not_selected").body
