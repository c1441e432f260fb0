"""Harsh defaults for every test, and hats of every role."""

import os

import pytest
from celery import current_app
from django.db import connection
from django.template import Engine
from django.test import Client

from accounts.enums import Role
from programs import models as program_models
from tests.factories.accounts import MembershipFactory

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


class UndefinedVariable(AssertionError):
    """A template used a variable that nobody gave it."""


class StrictInvalid(str):
    """Replaces the text of an undefined template variable; formatting it fails the test."""

    __slots__ = ()

    def __contains__(self, item: object) -> bool:
        return item == "%s"

    def __mod__(self, name: object) -> str:
        raise UndefinedVariable(f"Undefined template variable: {name}")


@pytest.fixture(autouse=True)
def _strict_templates(settings):
    engine = Engine.get_default()
    previous = engine.string_if_invalid
    engine.string_if_invalid = StrictInvalid("UNDEFINED:%s")
    yield
    engine.string_if_invalid = previous


@pytest.fixture(autouse=True)
def _fresh_definitions():
    program_models._definition.cache_clear()


@pytest.fixture
def hat_of(db):
    """Return a function that makes a hat of a role (and of an organisation when given)."""

    def make(role, organisation=None, **kwargs):
        extra = {"organisation": organisation} if organisation else {}
        return MembershipFactory(role=role, **extra, **kwargs)

    return make


@pytest.fixture
def as_hat():
    """Return a function that gives a browser-like client signed in under a hat."""

    def sign_in(hat, **kwargs) -> Client:
        client = Client(**kwargs)
        client.force_login(hat.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        session = client.session
        session["hat"] = hat.pk
        session.save()
        return client

    return sign_in


@pytest.fixture
def analyst(hat_of):
    return hat_of(Role.DHCS_ANALYST)


@pytest.fixture
def approver(hat_of):
    return hat_of(Role.DHCS_APPROVER)


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


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End what a killed server may have left open, so that the database can be dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
