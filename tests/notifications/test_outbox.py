"""An email is a row of the transaction it reports on: stored with it, lost with it, once."""

from time import monotonic

import pytest
from django.db import transaction

from notifications.models import EmailStatus, OutboxEmail
from notifications.outbox import Email, enqueue, ring


def email(to="ana@practice.example", key="submission:1", **changes):
    fields = {"kind": "submitted", "subject": "Received", "body": "Reference EPT1-000001-8\n"}
    return Email(dedupe_key=key, to=to, **fields | changes)


def stored():
    return list(OutboxEmail.objects.order_by("pk").values_list("kind", "dedupe_key", "to"))


@pytest.mark.django_db(transaction=True)
def test_enqueue_outside_a_transaction_raises_and_stores_nothing():
    with pytest.raises(RuntimeError, match="belongs in the transaction"):
        enqueue([email()])
    assert stored() == []


@pytest.mark.django_db
def test_a_stored_email_waits_to_be_sent():
    enqueue([email(subject="Received:\n  EPT1")])
    row = OutboxEmail.objects.get()
    assert (row.kind, row.dedupe_key, row.to) == (
        "submitted",
        "submission:1",
        "ana@practice.example",
    )
    assert (row.subject, row.body) == ("Received: EPT1", "Reference EPT1-000001-8\n")
    assert (row.status, row.attempts, row.next_attempt_at) == (EmailStatus.QUEUED, 0, None)


@pytest.mark.django_db
def test_a_subject_is_cut_to_what_the_column_holds():
    enqueue([email(subject="é" * 400)])
    assert OutboxEmail.objects.get().subject == "é" * 250


@pytest.mark.django_db
def test_one_event_to_one_address_is_stored_once_and_keeps_the_first_text():
    enqueue([email(), email(to="bo@practice.example")])
    enqueue([email(body="Another text"), email(key="submission:2")])
    assert stored() == [
        ("submitted", "submission:1", "ana@practice.example"),
        ("submitted", "submission:1", "bo@practice.example"),
        ("submitted", "submission:2", "ana@practice.example"),
    ]
    assert OutboxEmail.objects.filter(body="Another text").count() == 0


@pytest.mark.django_db
def test_a_rollback_leaves_no_row_and_rings_nobody(django_capture_on_commit_callbacks):
    def fail():
        with transaction.atomic():
            enqueue([email()])
            assert stored() == [("submitted", "submission:1", "ana@practice.example")]
            raise ZeroDivisionError

    with django_capture_on_commit_callbacks() as callbacks:
        pytest.raises(ZeroDivisionError, fail)
    assert stored() == []
    assert callbacks == []


@pytest.mark.django_db
def test_many_emails_ring_once_and_none_rings_never(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        enqueue(email(to=f"p{n}@practice.example") for n in range(3))
    assert callbacks == [ring]
    with django_capture_on_commit_callbacks() as callbacks:
        enqueue([])
    assert callbacks == []
    assert len(stored()) == 3


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_neither_undoes_the_commit_nor_holds_it_up(caplog):
    started = monotonic()
    with transaction.atomic():
        enqueue([email()])
    waited = monotonic() - started
    assert stored() == [("submitted", "submission:1", "ana@practice.example")]
    assert "Error calling ring" in caplog.text
    assert waited < 3
