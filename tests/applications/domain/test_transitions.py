"""The only writer of the status: every step from every state, with its log row and its stamp."""

import pytest
from django.utils import timezone

from accounts.enums import Role
from applications.domain.transitions import (
    apply_transition,
    apply_transitions,
    available_transitions,
    can_take,
    names,
)
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from applications.workflow import TRANSITIONS
from core.exceptions import WrongState
from tests.factories.applications import ApplicationFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
SCORE = {"mcp_score": 80, "priority_points": 12, "adjusted_score": 92, "recommended": True}


def log():
    rows = ApplicationTransition.objects.order_by("pk")
    return list(rows.values_list("name", "from_status", "to_status", "actor", "side", "reason"))


@pytest.mark.parametrize("name", sorted(TRANSITIONS))
def test_a_step_is_taken_from_its_sources_only(hat_of, name):
    step, hat, cycle = TRANSITIONS[name], hat_of(Role.MCP_LEAD), CycleFactory()
    expected = []
    for source in Status.values:
        application = ApplicationFactory(status=source, cycle=cycle, submission=False)
        before = timezone.now()
        if source in step.sources:
            moved = apply_transition(application, name, by=hat, reason="Why", changes=SCORE)
            application.refresh_from_db()
            assert moved.status == application.status == step.target
            assert not step.stamp or getattr(application, step.stamp) >= before
            assert application.adjusted_score == 92
            expected.append((name, source, str(step.target), hat.label, "mcp", "Why"))
        else:
            label = Status(source).label.lower()
            with pytest.raises(WrongState) as refusal:
                apply_transition(application, name, by=hat, changes=SCORE)
            assert str(refusal.value) == (
                f"Application {application.reference} is already “{label}”. Nothing was changed."
            )
            application.refresh_from_db()
            assert (application.status, application.adjusted_score == 92) == (source, False)
    assert log() == expected


def test_the_state_is_read_again_under_the_lock(hat_of):
    hat, stale = hat_of(Role.PRACTICE_OWNER), ApplicationFactory(status=Status.SUBMITTED)
    apply_transition(stale, "start_review", by=hat)
    assert stale.status == Status.SUBMITTED
    with pytest.raises(WrongState):
        apply_transition(stale, "start_review", by=hat)
    assert len(log()) == 1


def test_many_steps_are_all_taken_or_none(hat_of):
    hat, cycle = hat_of(Role.DHCS_APPROVER), CycleFactory()
    states = [Status.RECOMMENDED, Status.NOT_RECOMMENDED, Status.SCORED]
    first, second, third = (ApplicationFactory(status=s, cycle=cycle) for s in states)
    steps = [(second.pk, "waitlist", "b", {}), (first.pk, "select", "a", {"return_note": "n"})]
    with pytest.raises(WrongState, match=third.reference):
        apply_transitions([*steps, (third.pk, "select", "c", {})], by=hat)
    assert log() == []
    found = Application.objects.order_by("pk").values_list("status", flat=True)
    assert list(found) == states
    done = apply_transitions(steps, by=hat)
    assert [row.pk for row in done] == [second.pk, first.pk]
    assert [row[:3] for row in log()] == [
        ("waitlist", "not_recommended", "waitlisted"),
        ("select", "recommended", "selected"),
    ]
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.return_note, second.return_note) == ("n", "")
    assert first.decided_at == second.decided_at


def test_no_steps_write_nothing(hat_of):
    assert apply_transitions([], by=hat_of(Role.DHCS_APPROVER)) == []
    assert log() == []


@pytest.mark.django_db(transaction=True)
def test_one_of_many_racing_steps_wins(hat_of, race):
    hat, application = hat_of(Role.MCP_LEAD), ApplicationFactory(status=Status.SUBMITTED)
    results = race(lambda n: apply_transition(application, "start_review", by=hat), 6)
    assert (
        sorted(type(result).__name__ for result in results) == ["Application"] + ["WrongState"] * 5
    )
    assert [row[0] for row in log()] == ["start_review"]


OWN = {
    "draft": {"submit"},
    "returned": {"submit", "withdraw"},
    "selected": {"accept", "decline"},
    "participating": {"leave"},
    **{status: {"withdraw"} for status in Status.withdrawable if status != "returned"},
}


@pytest.mark.parametrize("status", Status.values)
def test_the_buttons_of_an_owner_are_the_steps_open_to_them(hat_of, status):
    application = ApplicationFactory(status=status, submission=False)
    owner = hat_of(Role.PRACTICE_OWNER, application.practice)
    contributor = hat_of(Role.PRACTICE_CONTRIBUTOR, application.practice)
    assert names(available_transitions(application, owner)) == OWN.get(status, set())
    assert available_transitions(application, contributor) == []
    assert available_transitions(application, hat_of(Role.PRACTICE_OWNER)) == []
    assert can_take(application, "withdraw", owner) is (status in Status.withdrawable)
