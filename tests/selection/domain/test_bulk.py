from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import ApplicationTransition
from applications.queries import applications_visible_to
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from selection.domain import bulk
from selection.models import BulkAct, Claim, Flag
from selection.tasks import carry_out_bulk_act, sweep_bulk_acts
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory
from tests.scoring.conflicting import check

pytestmark = pytest.mark.django_db
NOTE = {"note": "Look at the members again."}


@pytest.fixture
def cycle():
    return CycleFactory()


def do(kind, values, hat, cycle):
    return bulk.do(
        applications_visible_to(hat).filter(cycle=cycle),
        cycle=cycle,
        kind=kind,
        values=values,
        by=hat,
    )


def claim_for(hat):
    return {"person": hat.user_id, "person_name": hat.user.full_name}


def flags():
    return set(Flag.objects.filter(cleared_at=None).values_list("application", "label"))


def open_claims():
    return dict(Claim.objects.filter(ended_at=None).values_list("application", "person"))


def later(act, **ago):
    BulkAct.objects.filter(pk=act.pk).update(
        done_at=act.done_at - timedelta(**ago),
        pending_until=act.pending_until and act.pending_until - timedelta(**ago),
    )
    act.refresh_from_db()
    return act


def test_flag_goes_on_what_lacks_it_and_undo_takes_off_only_that(rows, cycle, analyst, approver):
    Flag.objects.create(application=rows[0], label="ask again", raised_by=approver.user)
    act = do("flag", {"label": "ask again"}, analyst, cycle)
    assert flags() == {(row.pk, "ask again") for row in rows}
    assert {one["application"] for one in act.effects} == {rows[1].pk, rows[2].pk}
    assert bulk.undo(act, by=analyst) == 2
    assert flags() == {(rows[0].pk, "ask again")}
    taken = Flag.objects.filter(cleared_at__isnull=False).values_list("cleared_by", flat=True)
    assert set(taken) == {analyst.user_id}


def test_flag_comes_off_and_undo_puts_back_what_nobody_put_on_since(rows, cycle, analyst):
    do("flag", {"label": "ask again"}, analyst, cycle)
    act = do("unflag", {"label": "ask again"}, analyst, cycle)
    assert flags() == set()
    Flag.objects.create(application=rows[0], label="ask again", raised_by=analyst.user)
    assert bulk.undo(act, by=analyst) == 2
    assert flags() == {(row.pk, "ask again") for row in rows}


def test_claiming_for_a_colleague_leaves_what_somebody_has_or_may_not_see(
    rows, cycle, analyst, approver
):
    Claim.objects.create(application=rows[0], person=analyst.user, claimed_at=timezone.now())
    check(rows[1], approver.user)
    seen = applications_visible_to(analyst).filter(cycle=cycle).order_by("pk")
    found = bulk.effects(seen, kind="claim", values=claim_for(approver), by=analyst)
    assert [one.problem for one in found] == [
        f"{analyst.user.full_name} has it. Release it first.",
        "It can't be given to this person.",
        "",
    ]
    act = do("claim", claim_for(approver), analyst, cycle)
    assert open_claims() == {rows[0].pk: analyst.user_id, rows[2].pk: approver.user_id}
    assert bulk.undo(act, by=analyst) == 1
    assert open_claims() == {rows[0].pk: analyst.user_id}


def test_releasing_ends_claims_and_undo_gives_back_what_is_free(rows, cycle, analyst, approver):
    do("claim", claim_for(approver), analyst, cycle)
    act = do("release", {}, analyst, cycle)
    assert open_claims() == {}
    Claim.objects.create(application=rows[0], person=analyst.user, claimed_at=timezone.now())
    assert bulk.undo(act, by=analyst) == 2
    others = dict.fromkeys([rows[1].pk, rows[2].pk], approver.user_id)
    assert open_claims() == {rows[0].pk: analyst.user_id, **others}


@pytest.mark.parametrize("kind", ["flag", "claim"])
def test_undo_is_once_and_for_a_while(rows, cycle, analyst, kind):
    values = {"label": "x", **claim_for(analyst)}
    act = later(do(kind, values, analyst, cycle), minutes=14)
    bulk.undo(act, by=analyst)
    with pytest.raises(WrongState, match="undone already"):
        bulk.undo(act, by=analyst)
    act = later(do(kind, values, analyst, cycle), minutes=16)
    with pytest.raises(WrongState, match="too late"):
        bulk.undo(act, by=analyst)


def lead_of(row):
    return MembershipFactory(role=Role.MCP_LEAD, organisation=row.designated_mcp)


def test_sending_back_waits_and_can_be_undone(rows, cycle, analyst):
    lead_of(rows[0])
    act = do("send_back", NOTE, analyst, cycle)
    assert not carry_out_bulk_act(act.pk)
    assert bulk.undo(act, by=analyst) == 3
    later(act, seconds=61)
    assert sweep_bulk_acts() == 0
    assert {row.status for row in applications_visible_to(analyst)} == {Status.RECOMMENDED}
    assert not OutboxEmail.objects.exists()


def test_sent_back_after_the_wait_once_each_and_what_moved_on_is_told(
    rows, cycle, analyst, monkeypatch
):
    monkeypatch.setattr(bulk, "BATCH", 2)
    for row in rows:
        lead_of(row)
    act = later(do("send_back", NOTE, analyst, cycle), seconds=61)
    check(rows[2], analyst.user)
    assert sweep_bulk_acts() == 1
    assert sweep_bulk_acts() == 0
    assert not carry_out_bulk_act(act.pk)
    act.refresh_from_db()
    outcomes = {one["reference"]: one["outcome"] for one in act.effects}
    assert outcomes == {
        rows[0].reference: "",
        rows[1].reference: "",
        rows[2].reference: "It could not be sent back any more. Nothing was changed.",
    }
    steps = ApplicationTransition.objects.filter(name="send_back").values_list(
        "application", "reason"
    )
    assert set(steps) == {(rows[0].pk, NOTE["note"]), (rows[1].pk, NOTE["note"])}
    assert OutboxEmail.objects.count() == 2
    with pytest.raises(WrongState, match="too late"):
        bulk.undo(act, by=analyst)


def test_undoing_what_is_half_carried_out_counts_only_what_stays(rows, cycle, analyst, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 2)
    act = later(do("send_back", NOTE, analyst, cycle), seconds=61)
    assert bulk._carry_out_some(act.pk)
    assert bulk.undo(act, by=analyst) == 1
    act.refresh_from_db()
    assert [one["reference"] for one in bulk.gone(act)] == [row.reference for row in rows[:2]]
    assert not carry_out_bulk_act(act.pk)
    steps = ApplicationTransition.objects.filter(name="send_back")
    assert set(steps.values_list("application", flat=True)) == {rows[0].pk, rows[1].pk}


def test_what_goes_back_already_does_not_go_twice(rows, cycle, analyst):
    do("send_back", NOTE, analyst, cycle)
    with pytest.raises(DomainError, match="none of the applications"):
        do("send_back", NOTE, analyst, cycle)


def test_what_was_not_handed_over_is_left_alone(cycle, analyst):
    ApplicationFactory(cycle=cycle, status=Status.SUBMITTED)
    seen = applications_visible_to(analyst).filter(cycle=cycle)
    [one] = bulk.effects(seen, kind="send_back", values=NOTE, by=analyst)
    assert one.problem == "It is “submitted”: it can't be sent back."


def test_act_keeps_to_its_most(rows, cycle, analyst, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    with pytest.raises(DomainError, match="at most 2"):
        do("flag", {"label": "x"}, analyst, cycle)
    assert not BulkAct.objects.exists()


def test_effects_cost_the_same_for_one_row_and_three(
    rows, cycle, analyst, django_assert_num_queries
):
    seen = applications_visible_to(analyst).filter(cycle=cycle)
    for kind, values, queries in (
        ("flag", {"label": "x"}, 2),
        ("claim", claim_for(analyst), 3),
        ("release", {}, 2),
        ("send_back", NOTE, 2),
    ):
        for part in (seen.filter(pk=rows[0].pk), seen.all()):
            with django_assert_num_queries(queries):
                bulk.effects(part, kind=kind, values=values, by=analyst)
