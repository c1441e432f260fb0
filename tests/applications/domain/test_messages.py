"""Messages between a practice and its plan: stored once, told to the other side."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.enums import Role
from applications.correspondence import PAGE_SIZE, thread_of
from applications.domain import messages
from applications.enums import Status
from applications.models import Message
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def application():
    return ApplicationFactory(status=Status.SUBMITTED)


@pytest.fixture
def owner(application, hat_of):
    return hat_of(Role.PRACTICE_OWNER, application.practice)


@pytest.fixture
def lead(application, hat_of):
    return hat_of(Role.MCP_LEAD, application.designated_mcp)


def test_the_practice_writes_to_every_lead(application, owner, lead, hat_of):
    second = hat_of(Role.MCP_LEAD, application.designated_mcp)
    hat_of(Role.MCP_REVIEWER, application.designated_mcp)
    hat_of(Role.MCP_LEAD)
    sent = messages.send(application, text="  When do you decide?\n", by=owner)
    assert (sent.side, sent.author, sent.text) == ("practice", owner.label, "When do you decide?")
    emails = OutboxEmail.objects.order_by("pk")
    assert {(e.kind, e.dedupe_key, e.to) for e in emails} == {
        ("message", f"message:{sent.pk}", hat.user.email) for hat in (lead, second)
    }
    assert f"/plan/{application.pk}/" in emails[0].body
    assert "When do you decide?" in emails[0].body
    assert owner.user.full_name in emails[0].subject


def test_the_lead_writes_to_every_owner_under_the_plans_name(application, owner, lead, hat_of):
    hat_of(Role.PRACTICE_CONTRIBUTOR, application.practice)
    sent = messages.send(application, text="Call us.", by=lead)
    email = OutboxEmail.objects.get()
    assert (sent.side, email.to) == ("mcp", owner.user.email)
    assert lead.user.full_name not in email.body + email.subject
    assert application.designated_mcp.name in email.subject
    assert email.body.endswith("/messages/")


def test_a_second_click_is_the_same_message(application, owner, lead):
    first = messages.send(application, text="Hello", by=owner)
    assert messages.send(application, text="Hello ", by=owner) == first
    assert [Message.objects.count(), OutboxEmail.objects.count()] == [1, 1]
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        messages.send(application, text="Hello", by=owner)
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("  ", "Write a message first."),
        ("x" * 5001, "at most 5,000 characters; this one has 5,001"),
    ],
)
def test_no_words_and_too_many_are_refused(application, owner, lead, text, sentence):
    with pytest.raises(DomainError, match=sentence):
        messages.send(application, text=text, by=owner)
    assert [Message.objects.count(), OutboxEmail.objects.count()] == [0, 0]
    messages.send(application, text="x" * 5000, by=owner)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [("draft", "after the application is submitted"), ("withdrawn", "ended")],
)
def test_before_the_submission_and_after_the_end_nothing_is_sent(hat_of, status, sentence):
    application = ApplicationFactory(status=status)
    owner = hat_of(Role.PRACTICE_OWNER, application.practice)
    with pytest.raises(WrongState, match=sentence):
        messages.send(application, text="Hello", by=owner)
    assert Message.objects.count() == 0


def test_a_thread_is_read_by_pages_newest_last(application, django_assert_num_queries):
    now = timezone.now()
    Message.objects.bulk_create(
        Message(application=application, side="mcp", author="x", text=str(n), created_at=now)
        for n in range(PAGE_SIZE + 3)
    )
    with django_assert_num_queries(1):
        last = thread_of(application)
    assert [m.text for m in last.rows] == [str(n) for n in range(3, PAGE_SIZE + 3)]
    first = thread_of(application, str(last.earlier))
    assert ([m.text for m in first.rows], first.earlier) == (["0", "1", "2"], None)
    for odd in ("x", "-1", "9" * 30, "\x00"):
        assert thread_of(application, odd).rows == last.rows
