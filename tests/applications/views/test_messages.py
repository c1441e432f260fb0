"""The practice's messages page."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import Message
from notifications.models import OutboxEmail
from tests.factories.applications import ApplicationFactory, PracticeFactory

pytestmark = pytest.mark.django_db
URL = "applications:messages"


@pytest.fixture
def application():
    return ApplicationFactory(status=Status.SUBMITTED, designated_mcp__name="Valley Health Plan")


@pytest.fixture
def lead(application, hat_of):
    return hat_of(Role.MCP_LEAD, application.designated_mcp, user__full_name="Dana Lead")


def page(client, status=200, **query):
    response = client.get(reverse(URL), query)
    assert response.status_code == status
    return response.content.decode()


@pytest.mark.parametrize("role", Role.of_practice)
def test_owner_and_contributor_read_and_write(as_hat, hat_of, application, lead, role):
    client = as_hat(hat_of(role, application.practice))
    response = client.post(reverse(URL), {"text": "Is <b>everything</b> there?"})
    assert (response.status_code, response.url) == (302, reverse(URL))
    assert Message.objects.get().text == "Is <b>everything</b> there?"
    assert OutboxEmail.objects.get().to == lead.user.email
    text = page(client)
    assert "Is &lt;b&gt;everything&lt;/b&gt; there?" in text
    assert "Your plan has been told by email." in text


def test_the_plan_answers_under_its_own_name(as_hat, hat_of, application, lead):
    now = timezone.now()
    Message.objects.create(
        application=application, side="mcp", author=lead.label, text="Yes.", created_at=now
    )
    text = page(as_hat(hat_of(Role.PRACTICE_OWNER, application.practice)))
    assert "<strong>Valley Health Plan</strong>" in text
    assert "Dana Lead" not in text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "Write a message first."), ("x" * 5001, "5001"), ("a\x00b", 'href="#id_text"')],
)
def test_a_refused_message_stays_on_the_page(as_hat, hat_of, application, text, sentence):
    client = as_hat(hat_of(Role.PRACTICE_OWNER, application.practice))
    response = client.post(reverse(URL), {"text": text})
    assert response.status_code == 422
    shown = response.content.decode()
    assert sentence in shown
    assert text in shown
    assert Message.objects.count() == 0


@pytest.mark.parametrize("state", ["none", "draft"])
def test_before_the_submission_the_page_says_when_it_opens(as_hat, hat_of, state):
    practice = PracticeFactory().organisation
    if state == "draft":
        ApplicationFactory(practice=practice)
    client = as_hat(hat_of(Role.PRACTICE_OWNER, practice))
    assert "Messages open after you submit" in page(client)
    response = client.post(reverse(URL), {"text": "Hello"})
    assert response.status_code == (409 if state == "draft" else 302)
    assert Message.objects.count() == 0


def test_after_a_withdrawal_messages_are_kept_to_read(as_hat, hat_of):
    application = ApplicationFactory(status=Status.WITHDRAWN)
    client = as_hat(hat_of(Role.PRACTICE_OWNER, application.practice))
    text = page(client)
    assert "Messages can be read here, not sent." in text
    assert "<textarea" not in text
    response = client.post(reverse(URL), {"text": "Hello"})
    assert response.status_code == 409
    assert "Hello" in response.content.decode()


def test_other_people_do_not_see_them(as_hat, hat_of, application, lead, analyst):
    now = timezone.now()
    Message.objects.create(
        application=application, side="mcp", author="x", text="Between us", created_at=now
    )
    stranger = hat_of(Role.PRACTICE_OWNER, PracticeFactory().organisation)
    assert "Between us" not in page(as_hat(stranger))
    for hat in (lead, analyst):
        page(as_hat(hat), status=403)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_message_and_three(
    as_hat, hat_of, application, rows, django_assert_max_num_queries
):
    client = as_hat(hat_of(Role.PRACTICE_OWNER, application.practice))
    now = timezone.now()
    for n in range(rows):
        Message.objects.create(
            application=application, side="mcp", author="x", text=f"No. {n}", created_at=now
        )
    page(client)
    with django_assert_max_num_queries(5):
        assert page(client).count("No. ") == rows
