"""What the race tests of scoring and selection share."""

import pytest

from eptportal.celery import app


@pytest.fixture
def bell():
    """Let the bell of the outbox ring into memory, so that a commit waits for no broker."""
    previous = app.conf.broker_url
    app.conf.broker_url = "memory://"
    _forget_connections()
    yield
    app.conf.broker_url = previous
    _forget_connections()


def _forget_connections():
    app._pool = None
    app.amqp._producer_pool = None
