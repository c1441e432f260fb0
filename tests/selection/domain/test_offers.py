from datetime import timedelta

import pytest
from django.utils import timezone

from applications.models import Application, ApplicationTransition
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from selection.domain import offers
from selection.models import LaterAct, Offer
from tests.factories.programs import CycleFactory
from tests.selection.after_release import (
    WHY,
    cost_of,
    decline,
    late,
    records,
    release,
    statuses,
    suggested,
)
from tests.selection.building import owner_of
from tests.selection.racing import run_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def cohort(cycle, analyst, approver):
    return release(cycle, analyst, approver)


def emails(kind):
    return sorted(OutboxEmail.objects.filter(kind=kind).values_list("to", flat=True))


def test_accepting_makes_the_practice_take_part(cycle, cohort):
    rows, owners = cohort
    second = owner_of(rows["one"])
    found = offers.accept(rows["one"], by=owners["one"])
    stored = Offer.objects.get(pk=found.pk)
    assert (stored.status, stored.answered_by) == ("accepted", owners["one"].user)
    assert statuses(rows)["one"] == "participating"
    assert emails("offer_accepted") == sorted([owners["one"].user.email, second.user.email])
    assert len(records(cycle)) == 1
    step = ApplicationTransition.objects.filter(application=rows["one"]).last()
    assert (step.name, step.actor) == ("accept", owners["one"].label)


def test_declining_seals_an_act_and_suggests_the_next(cycle, cohort):
    rows, owners = cohort
    decline(rows["one"], owners["one"])
    stored = Offer.objects.get(application=rows["one"])
    assert (stored.status, stored.reason) == ("declined", WHY)
    assert statuses(rows) == {
        "one": "declined", "two": "selected",
        "w1": "waitlisted", "w2": "waitlisted", "w3": "waitlisted",
    }  # fmt: skip
    act = LaterAct.objects.get()
    assert (act.application, act.outcome, act.reason) == (rows["one"], "left", "declined_place")
    cost = cost_of(cycle)
    assert [(row.selected, row.cost) for row in records(cycle)] == [(2, 2 * cost), (1, cost)]
    assert suggested() == [rows["w1"].pk]
    assert emails("offer_declined") == [owners["one"].user.email]
    assert WHY in OutboxEmail.objects.get(kind="offer_declined").body


def test_leaving_seals_an_act_and_suggests_the_next(cycle, cohort):
    rows, owners = cohort
    offers.accept(rows["two"], by=owners["two"])
    offers.leave(rows["two"], reason=WHY, by=owners["two"])
    assert statuses(rows)["two"] == "left"
    act = LaterAct.objects.get()
    assert (act.application, act.outcome, act.reason) == (rows["two"], "left", "left_program")
    assert [row.selected for row in records(cycle)] == [2, 1]
    assert suggested() == [rows["w1"].pk]
    assert emails("left_program") == [owners["two"].user.email]
    assert Offer.objects.get(application=rows["two"]).status == "accepted"


@pytest.mark.parametrize("reason", ["", "   ", "too short"])
def test_declining_and_leaving_need_a_reason(cohort, reason):
    rows, owners = cohort
    offers.accept(rows["two"], by=owners["two"])
    for act, name in ((offers.decline, "one"), (offers.leave, "two")):
        with pytest.raises(DomainError, match="Write the reason in 10 characters or more"):
            act(rows[name], reason=reason, by=owners[name])
    assert statuses(rows)["one"] == "selected"
    assert statuses(rows)["two"] == "participating"


def test_answers_again_change_nothing(cohort):
    rows, owners = cohort
    offers.accept(rows["one"], by=owners["one"])
    decline(rows["two"], owners["two"])
    counts = [m.objects.count() for m in (ApplicationTransition, OutboxEmail, LaterAct)]
    assert offers.accept(rows["one"], by=owners["one"]).status == "accepted"
    assert decline(rows["two"], owners["two"]).status == "declined"
    with pytest.raises(WrongState, match="accepted the place already"):
        decline(rows["one"], owners["one"])
    with pytest.raises(WrongState, match="It can't be answered any more"):
        offers.accept(rows["two"], by=owners["two"])
    with pytest.raises(WrongState, match="does not take part"):
        offers.leave(rows["two"], reason=WHY, by=owners["two"])
    assert [m.objects.count() for m in (ApplicationTransition, OutboxEmail, LaterAct)] == counts


def test_leaving_again_changes_nothing(cohort):
    rows, owners = cohort
    offers.accept(rows["two"], by=owners["two"])
    offers.leave(rows["two"], reason=WHY, by=owners["two"])
    assert offers.leave(rows["two"], reason=WHY, by=owners["two"]).status == "left"
    assert LaterAct.objects.count() == 1
    assert OutboxEmail.objects.filter(kind="left_program").count() == 1


def test_the_deadline_holds_to_the_microsecond(cohort, monkeypatch):
    rows, owners = cohort
    last = Offer.objects.get(application=rows["one"]).answer_by
    monkeypatch.setattr(offers.timezone, "now", lambda: last + timedelta(microseconds=1))
    for act in (lambda: offers.accept(rows["one"], by=owners["one"]),
                lambda: decline(rows["one"], owners["one"])):  # fmt: skip
        with pytest.raises(WrongState, match="The time to answer ended on"):
            act()
    monkeypatch.setattr(offers.timezone, "now", lambda: last)
    assert offers.accept(rows["one"], by=owners["one"]).answered_at == last


def test_who_is_not_selected_has_nothing_to_answer(cohort):
    rows, owners = cohort
    with pytest.raises(WrongState, match="There is no place to answer"):
        offers.accept(rows["w1"], by=owners["w1"])


def test_a_suggestion_can_not_be_accepted(cohort):
    rows, owners = cohort
    decline(rows["one"], owners["one"])
    assert suggested() == [rows["w1"].pk]
    with pytest.raises(WrongState, match="There is no place to answer"):
        offers.accept(rows["w1"], by=owners["w1"])
    assert (
        OutboxEmail.objects.filter(to=owners["w1"].user.email).exclude(kind="waitlisted").count()
        == 0
    )


def test_an_offer_that_is_not_open_yet_says_so(cohort):
    rows, owners = cohort
    Offer.objects.filter(application=rows["one"]).update(status="cancelled")
    with pytest.raises(WrongState, match="being prepared"):
        offers.accept(rows["one"], by=owners["one"])


def test_after_the_deadline_nobody_answers(cohort):
    rows, owners = cohort
    late(rows["one"])
    with pytest.raises(WrongState, match="The time to answer ended on"):
        offers.accept(rows["one"], by=owners["one"])
    assert Application.objects.get(pk=rows["one"].pk).status == "selected"


def test_an_offer_after_the_release_has_a_deadline_of_its_own(cycle, cohort):
    rows, _owners = cohort
    decision = rows["w2"].decisions.get()
    now = timezone.now() + timedelta(days=40)
    found = offers.open_late(decision, at=now)
    assert (found.status, found.application) == ("open", rows["w2"])
    assert timedelta(days=14) <= found.answer_by - now < timedelta(days=15)


@pytest.mark.django_db(transaction=True)
def test_two_owners_accept_at_once(bell, cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    second = owner_of(rows["one"])
    run_at_once(
        lambda: offers.accept(rows["one"], by=owners["one"]).status,
        lambda: offers.accept(rows["one"], by=second).status,
    )
    steps = ApplicationTransition.objects.filter(application=rows["one"], name="accept")
    assert steps.count() == 1
    assert OutboxEmail.objects.filter(kind="offer_accepted").count() == 2


@pytest.mark.django_db(transaction=True)
def test_one_accepts_while_another_declines(bell, cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    second = owner_of(rows["one"])
    found = run_at_once(
        lambda: offers.accept(rows["one"], by=owners["one"]),
        lambda: decline(rows["one"], second),
    )
    assert sum(isinstance(one, Offer) for one in found) == 1
    status = statuses(rows)["one"]
    assert (status, Offer.objects.get(application=rows["one"]).status) in [
        ("participating", "accepted"),
        ("declined", "declined"),
    ]
    assert len(records(cycle)) == (1 if status == "participating" else 2)


@pytest.mark.django_db(transaction=True)
def test_two_practices_decline_at_once(bell, cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    run_at_once(
        lambda: decline(rows["one"], owners["one"]), lambda: decline(rows["two"], owners["two"])
    )
    assert [row.selected for row in records(cycle)] == [2, 1, 0]
    assert suggested() == [rows["w1"].pk, rows["w2"].pk]
