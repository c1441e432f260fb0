"""Mail survives what happens to servers: killed brokers, killed workers, a mail server that is away.

Real processes on the database of the test. Retries wait for minutes, so where one is due the test
moves the row's `next_attempt_at` to now in place of waiting.
"""

import re
import sys
import time
from collections import Counter
from copy import copy
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from notifications.models import EmailStatus, OutboxEmail
from notifications.outbox import Email, enqueue, ring
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.factories.programs import CycleFactory
from tests.faults.services import Services, broker_at, wait_until
from tests.signing import seen
from tests.stepup import confirm_identity

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

BATCH = 6
SLOW_SINK = (sys.executable, "-m", "tests.faults.slow_sink")


@pytest.fixture
def services(transactional_db, tmp_path):
    """Real servers that sweep every second and take a silent worker for dead after two."""
    quick = {"OUTBOX_SWEEP_SECONDS": "1", "OUTBOX_STALE_SECONDS": "2"}
    with Services(tmp_path, **quick) as found, broker_at(found.broker_url):
        yield found


@pytest.fixture
def draft(transactional_db):
    """A finished application that its owner may sign."""
    application = complete(ApplicationFactory(cycle=CycleFactory()))
    owner = MembershipFactory(role=Role.PRACTICE_OWNER, organisation=application.practice)
    return application, owner


def test_mail_waits_for_a_killed_broker_and_arrives_when_it_is_back(services, draft):
    application, owner = draft
    services.start_sink()
    services.start_broker()
    web = services.start_web()
    services.kill("queue")

    receipt, seconds = submit(web, application, owner)
    assert receipt.endswith(reverse("applications:receipt", args=[application.pk]))
    assert seconds < 5
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    row = OutboxEmail.objects.get()
    assert (row.kind, row.to, row.status) == ("submitted", owner.user.email, EmailStatus.QUEUED)
    assert services.mail() == []

    services.start_broker()
    services.start_worker()
    services.start_beat()
    message = services.wait_for_mail(owner.user.email)
    assert application.reference in message["Subject"] + message.get_content()
    wait_until(lambda: not_sent() == 0, "the row to say that it is sent")
    assert len(services.mail()) == 1


def test_every_message_of_a_killed_worker_arrives_and_a_repeat_is_recognisable(services):
    services.start_sink(*SLOW_SINK)
    services.start_broker()
    services.start_worker("first worker")
    send(BATCH)
    wait_until(lambda: len(services.mail()) >= 2, "the batch to be half way")
    services.kill("first worker")
    assert not_sent() > 0

    services.start_worker("second worker")
    services.start_beat()
    wait_until(lambda: not_sent() == 0, "every message to be sent", 30)
    arrived = Counter(message["Message-ID"] for message in services.mail())
    wanted = {f"<{row.message_uid}@portal.example>" for row in OutboxEmail.objects.all()}
    assert arrived.keys() == wanted
    assert sum(arrived.values()) - len(arrived) <= 1


def test_mail_is_tried_again_after_the_mail_server_was_away(services):
    services.start_broker()
    services.start_worker()
    send(2)
    wait_until(lambda: refused() == 2, "both rows to be put back")
    row = OutboxEmail.objects.earliest("pk")
    assert (row.status, row.attempts) == (EmailStatus.QUEUED, 1)
    assert row.next_attempt_at > timezone.now()

    services.start_sink()
    ring()
    time.sleep(1)
    assert services.mail() == []
    OutboxEmail.objects.update(next_attempt_at=timezone.now())
    services.start_beat()
    wait_until(lambda: not_sent() == 0, "both messages to be sent")
    assert [message["Subject"] for message in services.mail()] == ["Message 0", "Message 1"]


def submit(web, application, owner):
    """Sign and submit over HTTP as the owner; return the address reached and the seconds taken."""
    browser = signed_in(web, owner)
    page = browser.open(web + reverse("applications:review", args=[application.pk])).read().decode()
    attested = {f"attest_{a.key}": "on" for a in application.cycle.definition.attestations}
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    form = {"csrfmiddlewaretoken": token, "signed_name": "Ana Ruiz", "signed_title": "Owner"}
    form |= seen(application)
    address = web + reverse("applications:submit", args=[application.pk])
    started = time.monotonic()
    answer = browser.open(address, urlencode(attested | form).encode())
    return answer.url, time.monotonic() - started


def signed_in(web, hat):
    """Return an HTTP client with the session of a person."""
    client = Client()
    client.force_login(hat.user)
    confirm_identity(client, hat.user)
    jar = CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    browser.open(f"{web}/accounts/login/").close()
    [known] = jar
    session = copy(known)
    session.name, session.value = "sessionid", client.cookies["sessionid"].value
    jar.set_cookie(session)
    return browser


def send(count):
    """Store some emails and wake the worker, as one act does."""
    emails = [
        Email("test", f"event:{n}", f"person{n}@people.example", f"Message {n}", "Good news.")
        for n in range(count)
    ]
    with transaction.atomic():
        enqueue(emails)


def not_sent():
    return OutboxEmail.objects.exclude(status=EmailStatus.SENT).count()


def refused():
    return OutboxEmail.objects.exclude(last_error="").count()
