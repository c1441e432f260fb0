"""A worker is killed in the middle of a release: nothing is lost, nothing is done or sent twice.

Real processes on the database of the test. The test holds a lock that the worker has to wait for, so that
it is killed at a known place, and lets go of it afterwards.
"""

import contextlib
from collections import Counter

import pytest
from django.db import connection, transaction

from accounts.enums import Role
from applications.models import Application, ApplicationTransition
from notifications.models import OutboxEmail
from programs.models import Cycle
from selection.domain import releasing
from selection.enums import OfferStatus
from selection.models import Decision, DecisionRecord, Offer, Proposal
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.faults.services import Services, broker_at, wait_until
from tests.selection.building import OUTCOMES, approved, cohort, owner_of

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


@pytest.fixture
def services(transactional_db, tmp_path):
    """Real servers that look for unfinished releases every second and tell one practice at a time."""
    quick = {"RELEASE_SWEEP_SECONDS": "1", "ANNOUNCE_BATCH": "1", "OUTBOX_SWEEP_SECONDS": "3600"}
    with Services(tmp_path, **quick) as found, broker_at(found.broker_url):
        yield found


@pytest.fixture
def asked(services, monkeypatch):
    """An approved proposal that a worker is asked to release, and the owners of its practices."""
    monkeypatch.setattr(releasing, "IN_A_REQUEST", 0)
    cycle = CycleFactory(closed=True)
    applications = cohort(cycle)
    owners = {name: owner_of(one) for name, one in applications.items()}
    analyst = MembershipFactory(role=Role.DHCS_ANALYST)
    approver = MembershipFactory(role=Role.DHCS_APPROVER)
    found = approved(cycle, analyst, approver)
    services.start_broker()
    releasing.release(found, by=approver)
    return found, applications, owners


def test_worker_killed_before_the_end_of_the_release_has_done_nothing(services, asked):
    found, applications, owners = asked
    with killed_while_waiting(services):
        Cycle.objects.select_for_update(no_key=True).get(pk=found.cycle_id)
    assert state() == Counter()
    assert Proposal.objects.get().released_at is None
    assert set(Application.objects.values_list("status", flat=True)) == {
        "recommended", "not_recommended",
    }  # fmt: skip
    finish(services)
    assert_released_once(applications, owners)


@pytest.mark.parametrize("told", [0, 2, 4])
def test_worker_killed_while_it_tells_the_practices_goes_on_where_it_was(services, asked, told):
    found, applications, owners = asked
    held = found.decisions.order_by("pk")[told]
    with killed_while_waiting(services):
        hold_email_of(held, owners)
    found.refresh_from_db()
    assert (found.announced, found.announced_at) == (told, None)
    assert found.released_at is not None
    assert OutboxEmail.objects.count() == told
    finish(services)
    assert_released_once(applications, owners)


@contextlib.contextmanager
def killed_while_waiting(services):
    """Hold what the block locks, start a worker, and kill it once it waits for the lock."""
    with transaction.atomic():
        yield
        services.start_worker("first worker")
        wait_until(is_waiting, "the worker to wait for the lock", 60)
        services.kill("first worker")
        transaction.set_rollback(True)


def hold_email_of(decision, owners):
    """Store the email of a decision without a commit: who stores it too has to wait."""
    [owner] = [hat for hat in owners.values() if hat.organisation_id == practice_of(decision)]
    OutboxEmail.objects.create(
        kind=decision.outcome,
        dedupe_key=f"decision:{decision.pk}",
        to=owner.user.email,
        subject="Held",
        body="Held",
    )


def practice_of(decision):
    return decision.application.practice_id


def is_waiting():
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0] > 0


def finish(services):
    """Start another worker and the schedule, and wait until everybody is told."""
    services.start_worker("second worker")
    services.start_beat()
    wait_until(lambda: Proposal.objects.get().announced_at, "everybody to be told", 90)


def state():
    """Count what a release stores."""
    tables = (ApplicationTransition, OutboxEmail, Offer, DecisionRecord)
    counts = Counter({table.__name__: table.objects.count() for table in tables})
    counts["in force"] = Decision.objects.filter(in_force=True).count()
    return +counts


def assert_released_once(applications, owners):
    """Every decision is in force, every application moved, every owner told: each once."""
    assert state() == Counter(
        {
            "ApplicationTransition": 5,
            "OutboxEmail": 5,
            "Offer": 2,
            "DecisionRecord": 1,
            "in force": 5,
        }
    )
    statuses = dict(Application.objects.values_list("pk", "status"))
    assert {name: statuses[one.pk] for name, one in applications.items()} == OUTCOMES
    sent = OutboxEmail.objects.values_list("to", flat=True)
    assert sorted(sent) == sorted(hat.user.email for hat in owners.values())
    assert set(Offer.objects.values_list("status", flat=True)) == {OfferStatus.OPEN}
