"""A TIN has one open application in a cycle, whichever way it comes into the profile."""

import threading

import pytest
from django.db import connection, transaction

from accounts.enums import Role
from applications.domain import practices, submission
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.identifiers import tin_digest
from applications.models import Application, Submission
from core.exceptions import DomainError
from notifications.models import OutboxEmail
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
FIRST, SECOND = "941234567", "942345678"
TAKEN = (
    "Another application in this cycle has the TIN of your practice. A TIN can be in one "
    "application. Check the TIN in your practice's profile."
)


def set_tin(application, by, tin, base=0):
    practices.save_profile(
        application.practice.practice, changes={"tin": tin}, bases={"tin": base}, by=by
    )


def submit(application, by):
    return submission.submit(application, signed_name="Ana Ruiz", signed_title="Owner", by=by)


@pytest.fixture
def returned(ready, owner):
    """An application that was signed with the first TIN; the profile has the second one since."""
    set_tin(ready, owner, FIRST)
    submit(ready, owner)
    set_tin(ready, owner, SECOND, 1)
    return apply_transition(ready, "return", by=owner, changes={"return_note": "Fix it"})


def test_signing_again_takes_the_tin_of_the_profile(returned, owner):
    assert returned.tin_digest == tin_digest(FIRST)
    submit(returned, owner)
    returned.refresh_from_db()
    assert (returned.status, returned.tin_digest) == (Status.SUBMITTED, tin_digest(SECOND))


def test_signing_again_is_refused_when_the_tin_is_in_another_application(returned, owner):
    ApplicationFactory(cycle=returned.cycle, tin_digest=tin_digest(SECOND))
    sent = OutboxEmail.objects.count()
    with pytest.raises(DomainError) as refusal:
        submit(returned, owner)
    assert str(refusal.value) == TAKEN
    returned.refresh_from_db()
    assert (returned.status, returned.tin_digest) == (Status.RETURNED, tin_digest(FIRST))
    assert (
        Submission.objects.filter(application=returned).count(),
        OutboxEmail.objects.count(),
    ) == (
        1,
        sent,
    )


@pytest.mark.django_db(transaction=True)
def test_a_start_beside_an_unfinished_save_waits_for_the_tin(hat_of):
    cycle, practice = CycleFactory(), PracticeFactory()
    hat = hat_of(Role.PRACTICE_OWNER, practice.organisation)
    begun, outcome = threading.Event(), []

    def start():
        try:
            begun.set()
            outcome.append(submission.start(cycle=cycle, practice=practice.organisation, by=hat))
        finally:
            connection.close()

    starting = threading.Thread(target=start)
    with transaction.atomic():
        practices.save_profile(practice, changes={"tin": FIRST, "name": "New"}, bases={}, by=hat)
        starting.start()
        assert begun.wait(10)
        starting.join(1)
    starting.join(30)
    assert Application.objects.get() == outcome[0]
    assert Application.objects.get().tin_digest == tin_digest(FIRST)
