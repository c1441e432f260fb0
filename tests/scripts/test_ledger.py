"""The rush's bookkeeping: what is lost, stored twice or not submitted is found in the database."""

import json

import pytest
from django.db import connection
from django.utils import timezone

from applications.models import Answer, ApplicationTransition, Submission
from notifications.models import OutboxEmail
from scripts.bench.ledger import Findings, answers_in, differing, judge
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db(transaction=True)
ANSWERS = {"leadership": "We “lead” 100%", "types": ["a", "b"], "empty": None}


@pytest.fixture
def application():
    made = ApplicationFactory()
    Answer.objects.filter(application=made).delete()
    for key, value in ANSWERS.items():
        Answer.objects.create(application=made, key=key, value=value)
    sign(made, 1, ANSWERS)
    return made


@pytest.fixture
def conninfo():
    connection.ensure_connection()
    return connection.connection.info.dsn


@pytest.fixture
def expected(application):
    return {(application.pk, key): value for key, value in ANSWERS.items()}


def sign(application, number, answers):
    given = {key: value for key, value in answers.items() if value}
    Submission.objects.create(
        application=application,
        number=number,
        content=json.dumps({"answers": given}),
        sha256="0" * 64,
        signed_name="Ana Ruiz",
        signed_title="Owner",
        signed_by="Ana",
        created_at=timezone.now(),
    )


def test_what_is_stored_and_signed_as_confirmed_is_neither_lost_nor_double(
    application, conninfo, expected
):
    assert answers_in(conninfo, [application.pk]) == expected
    assert judge(conninfo, [application.pk], expected) == Findings(0, 0, 0)


def test_an_answer_that_is_not_the_confirmed_one_is_lost(application, conninfo, expected):
    Answer.objects.filter(key="leadership").update(value="An older text")
    Answer.objects.filter(key="types").delete()
    Answer.objects.create(application=application, key="stray", value="Nobody typed this")
    assert judge(conninfo, [application.pk], expected).lost_answers == 3


def test_an_answer_that_was_not_signed_is_lost(application, conninfo, expected):
    expected[application.pk, "leadership"] = "A newer text"
    Answer.objects.filter(key="leadership").update(value="A newer text")
    assert judge(conninfo, [application.pk], expected).lost_answers == 1


def submit_again(application):
    sign(application, 2, ANSWERS)


def step_again(application):
    for _ in range(2):
        step = {"name": "submit", "from_status": "draft", "to_status": "submitted"}
        ApplicationTransition.objects.create(
            application=application, **step, actor="Ana", created_at=timezone.now()
        )


def mail_again(application):
    for key in ("first", "second"):
        text = {"subject": "Received", "body": f"We have {application.reference}."}
        OutboxEmail.objects.create(kind="submitted", dedupe_key=key, to="a@b.example", **text)


@pytest.mark.parametrize("again", [submit_again, step_again, mail_again])
def test_a_second_submission_step_or_receipt_is_a_duplicate(application, conninfo, expected, again):
    again(application)
    assert judge(conninfo, [application.pk], expected) == Findings(0, 1, 0)


def test_a_draft_is_not_submitted(application, conninfo, expected):
    draft = ApplicationFactory(cycle=application.cycle)
    expected |= answers_in(conninfo, [draft.pk])
    assert judge(conninfo, [application.pk, draft.pk], expected).not_submitted == 1


@pytest.mark.parametrize(
    ("found", "keys"),
    [({"a": 1}, set()), ({"a": 2}, {"a"}), ({}, {"a"}), ({"a": 1, "b": 1}, {"b"})],
)
def test_differing_names_what_is_other_missing_or_too_much(found, keys):
    assert differing({"a": 1}, found) == keys
