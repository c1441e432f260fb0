from datetime import timedelta

import pytest
from django.utils import timezone

from applications.models import ApplicationTransition
from core.exceptions import WrongState
from notifications.models import OutboxEmail
from selection.domain import expiring, offers, promoting
from selection.domain.records import seal_acts
from selection.models import DecisionRecord, LaterAct, Offer
from selection.record.amending import Act
from selection.tasks import sweep_offers
from tests.factories.programs import CycleFactory
from tests.selection.after_release import late, records, release, statuses, suggested
from tests.selection.racing import run_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def cohort(cycle, analyst, approver):
    return release(cycle, analyst, approver)


def ends_in(application, left, *, offered=timedelta(days=20)):
    now = timezone.now()
    rows = Offer.objects.filter(application=application)
    rows.update(answer_by=now + left, created_at=now - offered)


def test_what_was_not_answered_in_time_ends(cycle, cohort, approver):
    rows, owners = cohort
    late(rows["one"])
    assert sweep_offers() == 1
    offer = Offer.objects.get(application=rows["one"])
    assert (offer.status, offer.answered_by) == ("expired", None)
    assert statuses(rows)["one"] == "declined"
    step = ApplicationTransition.objects.get(name="expire")
    assert step.actor.startswith(f"The portal, for {approver.user.full_name}")
    assert step.reason.startswith("The place was not accepted by")
    act = LaterAct.objects.get()
    assert (act.reason, act.outcome, act.by) == ("declined_place", "left", approver.user)
    assert len(records(cycle)) == 2
    assert suggested() == [rows["w1"].pk]
    assert OutboxEmail.objects.get(kind="offer_expired").to == owners["one"].user.email
    approver.user.refresh_from_db()
    assert not approver.user.full_name.startswith("The portal")


def test_those_that_end_together_are_sealed_in_one_record(cycle, cohort):
    rows, _owners = cohort
    late(rows["one"])
    late(rows["two"])
    assert sweep_offers() == 2
    assert [row.selected for row in records(cycle)] == [2, 0]
    assert LaterAct.objects.count() == 2
    assert suggested() == [rows["w1"].pk, rows["w2"].pk]


def test_sweeping_again_changes_nothing(cycle, cohort):
    rows, _owners = cohort
    late(rows["one"])
    assert [sweep_offers(), sweep_offers()] == [1, 0]
    assert len(records(cycle)) == 2
    assert OutboxEmail.objects.filter(kind="offer_expired").count() == 1


def test_nothing_ends_before_its_time(cohort):
    rows, owners = cohort
    last = Offer.objects.get(application=rows["one"]).answer_by
    assert expiring.expire(rows["one"].cycle, last) == 0
    assert expiring.expire(rows["one"].cycle, last + timedelta(microseconds=1)) == 2
    with pytest.raises(WrongState, match="It can't be answered any more"):
        offers.accept(rows["one"], by=owners["one"])


def test_a_promoted_practice_that_does_not_answer_frees_the_place_again(cycle, cohort, analyst):
    rows, _owners = cohort
    late(rows["one"])
    sweep_offers()
    promoting.confirm(Offer.objects.get(status="suggested"), by=analyst)
    late(rows["w1"])
    assert sweep_offers() == 1
    assert statuses(rows)["w1"] == "declined"
    assert [row.selected for row in records(cycle)] == [2, 1, 2, 1]
    assert suggested() == [rows["w2"].pk]


@pytest.mark.parametrize(("days", "reminded"), [(4, 0), (3, 1), (1, 1), (-1, 0)])
def test_owners_are_reminded_three_days_before(cohort, days, reminded):
    rows, owners = cohort
    ends_in(rows["one"], timedelta(days=days) - timedelta(seconds=1))
    expiring.remind(timezone.now())
    expiring.remind(timezone.now())
    found = OutboxEmail.objects.filter(kind="offer_reminder")
    assert [one.to for one in found] == [owners["one"].user.email] * reminded


def test_nobody_is_reminded_of_what_was_answered_or_offered_just_now(cohort):
    rows, owners = cohort
    for name in ("one", "two"):
        ends_in(rows[name], timedelta(days=2))
    offers.accept(rows["one"], by=owners["one"])
    ends_in(rows["two"], timedelta(days=2), offered=timedelta(hours=1))
    assert expiring.remind(timezone.now()) == 0


def test_a_cycle_that_can_not_be_sealed_does_not_stop_the_others(
    cycle, cohort, analyst, approver, caplog
):
    rows, _owners = cohort
    other = CycleFactory(closed=True)
    theirs, _their_owners = release(other, analyst, approver)
    late(rows["one"])
    late(theirs["one"])
    last = DecisionRecord.objects.get(cycle=cycle)
    left = Act(rows["one"].reference, "left", "declined_place", timezone.now())
    seal_acts(proposal=last.proposal, acts=[(rows["one"], left)], by=analyst)
    assert sweep_offers() == 1
    assert statuses(theirs)["one"] == "declined"
    assert statuses(rows)["one"] == "selected"
    assert f"The offers of {cycle.slug} can't be ended." in caplog.text


@pytest.mark.django_db(transaction=True)
def test_an_answer_and_the_clock_at_once(bell, cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    late(rows["one"])
    run_at_once(sweep_offers, sweep_offers, lambda: offers.accept(rows["one"], by=owners["one"]))
    assert statuses(rows)["one"] == "declined"
    assert ApplicationTransition.objects.filter(name="expire").count() == 1
    assert DecisionRecord.objects.filter(cycle=cycle).count() == 2
    assert suggested() == [rows["w1"].pk]
