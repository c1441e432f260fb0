"""From the outbox to a real mail server: sent, refused, put off, given back, and each exactly once."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from notifications import tasks
from notifications.delivery import RETRY_AFTER, claim, deliver_due, requeue_stale
from notifications.models import EmailStatus, OutboxEmail

NOON = datetime(2026, 2, 3, 20, 0, tzinfo=UTC)


def add(to="ana@practice.example", **columns):
    fields = {
        "kind": "submitted",
        "dedupe_key": f"{to}:1",
        "subject": "Erhalten – Ñ",
        "body": "Hi\n",
    }
    return OutboxEmail.objects.create(to=to, **fields | columns)


def state(row):
    row.refresh_from_db()
    return row.status, row.attempts, row.next_attempt_at, row.claimed_at is not None


@pytest.mark.django_db
def test_a_due_email_is_sent_whole_and_noted(sink):
    row = add(body="Reference EPT1-000001-8\n.\nÑ “ok”\n")
    with time_machine.travel(NOON, tick=False):
        assert deliver_due() == 1
    [message] = sink.received
    assert (message["To"], message["Subject"]) == (row.to, "Erhalten – Ñ")
    assert message["From"] == "EPT Portal <no-reply@portal.example>"
    assert message["Message-ID"] == f"<{row.message_uid}@portal.example>"
    assert (message["X-EPT-Kind"], message["Auto-Submitted"]) == ("submitted", "auto-generated")
    text = message.get_content().replace("\r\n", "\n")
    assert text == "Reference EPT1-000001-8\n.\nÑ “ok”\n"
    row.refresh_from_db()
    assert (row.status, row.attempts, row.sent_at, row.last_error) == ("sent", 1, NOON, "")
    assert deliver_due() == 0
    assert len(sink.received) == 1


@pytest.mark.django_db
def test_an_address_refused_for_good_fails_and_the_rest_of_the_batch_goes(sink):
    bad, good = add("gone@practice.example"), add("bo@practice.example")
    sink.answers[bad.to] = "550 No such user"
    assert deliver_due() == 2
    assert state(bad) == (EmailStatus.FAILED, 1, None, False)
    assert "No such user" in bad.last_error
    assert state(good)[0] == EmailStatus.SENT
    assert sink.addresses() == [good.to]
    assert deliver_due() == 0


@pytest.mark.django_db
def test_a_message_refused_for_good_fails(sink):
    row = add()
    sink.hook = lambda address: "554 Looks like spam"
    deliver_due()
    assert state(row) == (EmailStatus.FAILED, 1, None, False)
    assert "Looks like spam" in row.last_error


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["recipient", "message"])
def test_a_temporary_refusal_is_tried_again_when_it_is_due(sink, where):
    row = add()
    if where == "recipient":
        sink.answers[row.to] = "451 Greylisted"
    else:
        sink.hook = lambda address: "451 Greylisted"
    with time_machine.travel(NOON, tick=False) as clock:
        deliver_due()
        assert state(row) == (EmailStatus.QUEUED, 1, NOON + timedelta(minutes=1), False)
        assert "Greylisted" in row.last_error
        sink.answers.clear()
        sink.hook = lambda address: None
        clock.shift(59)
        assert deliver_due() == 0
        clock.shift(1)
        assert deliver_due() == 1
    row.refresh_from_db()
    assert (row.status, row.attempts, row.last_error) == (EmailStatus.SENT, 2, "")
    assert sink.addresses() == [row.to]


@pytest.mark.django_db
def test_a_mail_server_that_is_down_puts_the_batch_off(sink, settings, closed_port):
    rows = [add(f"p{n}@practice.example") for n in range(3)]
    settings.EMAIL_PORT = closed_port
    with time_machine.travel(NOON, tick=False):
        assert deliver_due() == 3
    due = NOON + RETRY_AFTER[0]
    assert [state(row) for row in rows] == [(EmailStatus.QUEUED, 1, due, False)] * 3
    settings.EMAIL_PORT = sink.port
    with time_machine.travel(due, tick=False):
        assert deliver_due() == 3
    assert sink.addresses() == [row.to for row in rows]


@pytest.mark.django_db
def test_an_email_is_given_up_after_the_last_waiting_time(sink, settings, closed_port):
    settings.EMAIL_PORT = closed_port
    row, waits = add(), []
    with time_machine.travel(NOON, tick=False) as clock:
        while deliver_due():
            row.refresh_from_db()
            if row.status == EmailStatus.FAILED:
                break
            waits.append(row.next_attempt_at - timezone.now())
            clock.move_to(row.next_attempt_at)
    assert waits == RETRY_AFTER
    assert (row.status, row.attempts) == (EmailStatus.FAILED, len(RETRY_AFTER) + 1)


@pytest.mark.django_db
def test_a_header_that_cannot_be_written_fails_alone(sink):
    bad, good = add(subject="a\nBcc: x@evil.example"), add("bo@practice.example")
    deliver_due()
    assert state(bad)[0] == EmailStatus.FAILED
    assert state(good)[0] == EmailStatus.SENT
    assert sink.addresses() == [good.to]


@pytest.mark.django_db
def test_a_batch_takes_the_oldest_first_and_the_task_takes_them_all(sink, settings):
    rows = [add(f"p{n}@practice.example") for n in range(5)]
    assert [row.pk for row in claim(2)] == [row.pk for row in rows[:2]]
    assert [state(row)[0] for row in rows] == ["sending"] * 2 + ["queued"] * 3
    settings.OUTBOX_BATCH_SIZE = 2
    assert tasks.deliver_outbox() == 3
    assert sink.addresses() == [row.to for row in rows[2:]]


@pytest.mark.django_db
def test_only_what_a_dead_worker_left_is_given_back(settings, sink):
    settings.OUTBOX_STALE_SECONDS = 900
    with time_machine.travel(NOON, tick=False) as clock:
        dead = add("dead@practice.example")
        claim(1)
        clock.shift(600)
        busy = add("busy@practice.example")
        claim(1)
        sent = add("sent@practice.example", status="sent", sent_at=NOON, claimed_at=NOON)
        clock.shift(301)
        assert requeue_stale() == 1
        assert state(dead) == (EmailStatus.QUEUED, 1, None, False)
        assert [state(row)[0] for row in (busy, sent)] == ["sending", "sent"]
        assert tasks.sweep_outbox() == 1
    assert sink.addresses() == [dead.to]
    assert state(dead)[:2] == (EmailStatus.SENT, 2)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("reply", ["451 Later", "554 Never"])
def test_what_another_worker_sent_meanwhile_stays_sent(sink, reply):
    row, after = add(), add("bo@practice.example")

    def other_worker_was_only_slow(address):
        if address != row.to:
            return None
        try:
            found = OutboxEmail.objects.filter(pk=row.pk)
            found.update(status=EmailStatus.SENT, sent_at=timezone.now())
        finally:
            connection.close()
        return reply

    sink.hook = other_worker_was_only_slow
    deliver_due()
    assert state(row)[0] == EmailStatus.SENT
    assert state(after)[0] == EmailStatus.SENT


@pytest.mark.django_db(transaction=True)
def test_four_workers_send_each_of_forty_emails_once(sink):
    rows = [add(f"p{n:02}@practice.example") for n in range(40)]
    start, taken = threading.Barrier(4), []

    def work():
        try:
            start.wait(10)
            while count := deliver_due(3):
                taken.append(count)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(taken) == 40
    assert sink.addresses() == [row.to for row in rows]
    counts = OutboxEmail.objects.values_list("status", "attempts").distinct()
    assert list(counts) == [(EmailStatus.SENT, 1)]
