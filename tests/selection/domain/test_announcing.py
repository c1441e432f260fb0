from datetime import timedelta

import pytest

from accounts.enums import Role
from accounts.models import User
from core.times import PACIFIC, long
from notifications.models import OutboxEmail
from selection.domain import announcing, releasing
from selection.models import Offer, Proposal
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.building import OUTCOMES, approved, cohort, owner_of, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


def test_every_owner_gets_one_email_and_nobody_else(cycle, applications, analyst, approver):
    owners = {name: owner_of(one) for name, one in applications.items()}
    second = owner_of(applications["near"])
    MembershipFactory(role=Role.PRACTICE_CONTRIBUTOR, organisation=applications["near"].practice)
    found = released(cycle, analyst, approver)
    sent = list(OutboxEmail.objects.values_list("kind", "to"))
    expected = [(OUTCOMES[name], hat.user.email) for name, hat in owners.items()]
    expected.append(("waitlisted", second.user.email))
    assert sorted(sent) == sorted(expected)
    assert (found.announced, found.announced_at is None) == (5, False)


def test_email_tells_the_numbers_and_where_the_letter_is(cycle, applications, analyst, approver):
    owner = owner_of(applications["lifted"])
    released(cycle, analyst, approver)
    email = OutboxEmail.objects.get(to=owner.user.email)
    words = email.subject + email.body
    offer = Offer.objects.get(application=applications["lifted"])
    letter = f"/decisions/{applications['lifted'].pk}/letter/"
    for fact in (
        applications["lifted"].reference, "60", "20", "80", "77", "$280,600", letter,
        long(offer.answer_by),
    ):  # fmt: skip
        assert fact in words
    assert "$" not in words.replace("$280,600", "")


def test_email_speaks_the_language_of_its_reader(cycle, applications, analyst, approver):
    owner = owner_of(applications["near"])
    User.objects.filter(pk=owner.user_id).update(language="es")
    released(cycle, analyst, approver)
    body = OutboxEmail.objects.get(to=owner.user.email).body
    assert "está en la lista de espera" in body
    assert "Puede pedir a DHCS que decida de nuevo hasta el" in body


def test_selected_get_an_offer_until_the_end_of_the_day(cycle, applications, analyst, approver):
    found = released(cycle, analyst, approver)
    offers = Offer.objects.all()
    assert {one.application_id for one in offers} == {
        applications[name].pk for name in ("above", "lifted")
    }
    for one in offers:
        local = one.answer_by.astimezone(PACIFIC)
        day = found.released_at.astimezone(PACIFIC).date() + timedelta(days=14)
        assert (one.status, local.date(), local.hour) == ("open", day, 23)


@pytest.mark.parametrize("told", [0, 1, 2, 3, 4, 5])
def test_telling_goes_on_where_it_was_cut_off(
    cycle, applications, analyst, approver, settings, told
):
    for one in applications.values():
        owner_of(one)
    settings.ANNOUNCE_BATCH = 1
    found = releasing.release(approved(cycle, analyst, approver), by=approver)
    for _ in range(told):
        announcing._step(found.pk)
    found.refresh_from_db()
    assert found.announced == OutboxEmail.objects.count() == told
    assert list(releasing.unfinished()) == ([found] if told < 5 else [])
    releasing.carry_on(found.pk)
    assert OutboxEmail.objects.count() == 5
    assert Offer.objects.count() == 2
    assert Proposal.objects.get().announced_at is not None


def test_batch_that_is_done_again_sends_nothing_twice(cycle, applications, analyst, approver):
    for one in applications.values():
        owner_of(one)
    found = released(cycle, analyst, approver)
    Proposal.objects.filter(pk=found.pk).update(announced=0, announced_at=None)
    assert announcing.carry_on(found.pk) is True
    assert OutboxEmail.objects.count() == 5
    assert Offer.objects.count() == 2


def test_nothing_is_told_before_the_release(cycle, applications, analyst, approver):
    found = approved(cycle, analyst, approver)
    assert announcing.carry_on(found.pk) is False
    assert OutboxEmail.objects.count() == 0
