import pytest

from accounts.enums import Role
from applications.models import Application, ApplicationTransition
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from selection.domain import expiring, offers, promoting
from selection.models import Decision, LaterAct, Offer
from tests.factories.programs import CycleFactory
from tests.selection.after_release import (
    WHY,
    cost_of,
    decline,
    records,
    release,
    statuses,
    suggested,
)
from tests.selection.building import released
from tests.selection.racing import run_at_once

pytestmark = pytest.mark.django_db
BIG, SMALL = 2000, 100  # members


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


def suggestion(application):
    return Offer.objects.get(application=application, status="suggested")


def test_nothing_is_suggested_before_a_place_is_free(cycle, analyst, approver):
    release(cycle, analyst, approver)
    assert expiring.sweep() == 0
    assert suggested() == []


def test_confirming_moves_the_practice_up_seals_and_tells(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    found = promoting.confirm(suggestion(rows["w1"]), by=analyst)
    assert (found.status, found.confirmed_by, found.is_promotion) == ("open", analyst.user, True)
    assert found.answer_by > Offer.objects.get(application=rows["two"]).created_at
    assert statuses(rows)["w1"] == "selected"
    act = LaterAct.objects.get(number=2)
    assert (act.application, act.outcome, act.reason) == (rows["w1"], "selected", "promoted")
    assert act.by == analyst.user
    cost = cost_of(cycle)
    assert [row.cost for row in records(cycle)] == [2 * cost, cost, 2 * cost]
    email = OutboxEmail.objects.get(kind="promoted")
    assert email.to == owners["w1"].user.email
    assert suggested() == []
    offers.accept(rows["w1"], by=owners["w1"])
    assert statuses(rows)["w1"] == "participating"


def test_confirming_again_changes_nothing(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    first = promoting.confirm(suggestion(rows["w1"]), by=analyst)
    second = promoting.confirm(first, by=approver)
    assert (second.confirmed_by, second.answer_by) == (analyst.user, first.answer_by)
    assert len(records(cycle)) == 3
    assert OutboxEmail.objects.filter(kind="promoted").count() == 1


def test_nobody_is_skipped_for_being_too_large(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver, w1=BIG)
    assert cost_of(cycle) < cost_of(cycle, BIG) <= 2 * cost_of(cycle)
    decline(rows["one"], owners["one"])
    assert suggested() == []
    decline(rows["two"], owners["two"])
    assert suggested() == [rows["w1"].pk]


def test_one_free_place_may_do_for_two_smaller_ones(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver, w1=SMALL, w2=SMALL)
    decline(rows["one"], owners["one"])
    assert suggested() == [rows["w1"].pk, rows["w2"].pk]


def test_passing_over_suggests_the_next_and_keeps_the_reason(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    found = promoting.pass_over(suggestion(rows["w1"]), reason=WHY, by=analyst)
    assert (found.status, found.reason, found.answered_by) == ("cancelled", WHY, analyst.user)
    assert statuses(rows)["w1"] == "waitlisted"
    assert suggested() == [rows["w2"].pk]
    decline(rows["two"], owners["two"])
    assert suggested() == [rows["w2"].pk, rows["w3"].pk]
    assert [row.selected for row in records(cycle)] == [2, 1, 0]
    with pytest.raises(WrongState, match="already “taken back”"):
        promoting.confirm(found, by=analyst)


def test_passing_over_needs_a_reason(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    with pytest.raises(DomainError, match="10 characters or more"):
        promoting.pass_over(suggestion(rows["w1"]), reason=" no ", by=analyst)
    assert suggested() == [rows["w1"].pk]


def test_who_was_put_back_in_line_is_suggested_for_the_next_place(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    passed = promoting.pass_over(suggestion(rows["w1"]), reason=WHY, by=analyst)
    promoting.put_back(passed, by=approver)
    assert suggested() == [rows["w2"].pk]
    decline(rows["two"], owners["two"])
    assert suggested() == [rows["w1"].pk, rows["w2"].pk]
    with pytest.raises(WrongState, match="was not passed over"):
        promoting.put_back(suggestion(rows["w2"]), by=approver)


def test_money_kept_for_a_better_rank_is_not_given_away(cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    w2 = Offer.objects.create(
        application=rows["w2"],
        decision=Decision.objects.get(application=rows["w2"], in_force=True),
        status="suggested",
        is_promotion=True,
    )
    with pytest.raises(WrongState, match=r"The place costs \$280,600 and \$0 is free now"):
        promoting.confirm(w2, by=analyst)
    assert statuses(rows)["w2"] == "waitlisted"
    assert promoting.confirm(suggestion(rows["w1"]), by=analyst).status == "open"


def test_a_suggestion_on_earlier_decisions_is_taken_back(cycle, analyst, approver, hat_of):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    old = suggestion(rows["w1"])
    released(cycle, analyst, approver)
    with pytest.raises(WrongState, match="Decisions were made since this was suggested"):
        promoting.confirm(old, by=analyst)
    expiring.sweep()
    old.refresh_from_db()
    assert (old.status, suggested()) == ("cancelled", [])
    decline(rows["two"], owners["two"])
    assert suggested() == [rows["w1"].pk]
    promoting.confirm(suggestion(rows["w1"]), by=hat_of(Role.DHCS_ANALYST))
    assert [row.selected for row in records(cycle)] == [2, 1, 1, 0, 1]


@pytest.mark.django_db(transaction=True)
def test_two_confirm_at_once(bell, cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    offer = suggestion(rows["w1"])
    found = run_at_once(
        lambda: promoting.confirm(offer, by=analyst), lambda: promoting.confirm(offer, by=approver)
    )
    assert [one.status for one in found] == ["open", "open"]
    assert len({one.confirmed_by_id for one in found}) == 1
    assert ApplicationTransition.objects.filter(name="promote").count() == 1
    assert OutboxEmail.objects.filter(kind="promoted").count() == 1
    assert len(records(cycle)) == 3


@pytest.mark.django_db(transaction=True)
def test_one_confirms_while_another_passes_over(bell, cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    offer = suggestion(rows["w1"])
    found = run_at_once(
        lambda: promoting.confirm(offer, by=analyst),
        lambda: promoting.pass_over(offer, reason=WHY, by=approver),
    )
    assert sum(isinstance(one, Offer) for one in found) == 1
    status = Application.objects.get(pk=rows["w1"].pk).status
    assert (status, suggested()) in [("selected", []), ("waitlisted", [rows["w2"].pk])]


@pytest.mark.django_db(transaction=True)
def test_two_suggestions_confirmed_at_once(bell, cycle, analyst, approver):
    rows, owners = release(cycle, analyst, approver)
    decline(rows["one"], owners["one"])
    decline(rows["two"], owners["two"])
    first, second = suggestion(rows["w1"]), suggestion(rows["w2"])
    run_at_once(
        lambda: promoting.confirm(first, by=analyst), lambda: promoting.confirm(second, by=approver)
    )
    found = [row.selected for row in records(cycle)]
    assert found in ([2, 1, 0, 1, 2], [2, 1, 0, 1])
    assert found[-1] == list(statuses(rows).values()).count("selected")
