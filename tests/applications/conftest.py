"""An owner with a complete draft, and threads that race."""

import threading

import pytest
from celery import current_app
from django.db import connection

from accounts.enums import Role
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory, complete


@pytest.fixture
def draft(db):
    return ApplicationFactory()


@pytest.fixture
def ready(draft):
    return complete(draft)


@pytest.fixture
def owner(draft, hat_of):
    return hat_of(Role.PRACTICE_OWNER, draft.practice, user__full_name="Ana Ruiz")


@pytest.fixture
def contributor(draft, hat_of):
    return hat_of(Role.PRACTICE_CONTRIBUTOR, draft.practice, user__full_name="Bo Li")


@pytest.fixture
def stranger(db):
    return MembershipFactory(role=Role.PRACTICE_OWNER)


@pytest.fixture
def race():
    """Return a function that runs `act(number)` in `count` threads at once and returns the results."""

    def run(act, count):
        barrier, results = threading.Barrier(count), [None] * count

        def work(number):
            try:
                barrier.wait(10)
                results[number] = act(number)
            except Exception as error:  # noqa: BLE001 - the test looks at what each thread met
                results[number] = error
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return results

    return run


@pytest.fixture
def memory_broker():
    """Ring a bell in this process after each commit, where no broker runs."""
    before = current_app.conf.broker_url, current_app.conf.broker_transport_options
    _use_broker("memory://", {})
    yield
    _use_broker(*before)


def _use_broker(url, options):
    current_app.conf.update(broker_url=url, broker_transport_options=options)
    current_app.pool.force_close_all()
    current_app._pool = None
    current_app.amqp._producer_pool = None
