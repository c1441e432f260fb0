"""Withdrawing: from where, what it does, who is told, and when it is refused."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from applications.enums import Status
from applications.models import ApplicationTransition
from core.times import long
from notifications.models import OutboxEmail
from tests.factories.applications import ApplicationFactory
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner_of(hat_of):
    return lambda application: hat_of(Role.PRACTICE_OWNER, application.practice)


def url_of(application):
    return reverse("applications:withdraw", args=[application.pk])


@pytest.mark.parametrize("status", Status.withdrawable)
def test_until_the_decision_it_is_withdrawn_and_both_sides_are_told(
    as_hat, hat_of, owner_of, status
):
    application = ApplicationFactory(status=status)
    owner = owner_of(application)
    second = owner_of(application)
    lead = hat_of(Role.MCP_LEAD, application.designated_mcp)
    hat_of(Role.MCP_REVIEWER, application.designated_mcp)
    client = confirm_identity(as_hat(owner), owner.user)
    assert url_of(application) in client.get(reverse("applications:home")).content.decode()
    page = client.get(url_of(application)).content.decode()
    assert escape(f"until {long(application.cycle.closes_at)}") in page
    response = client.post(url_of(application), {"reason": "We merged."})
    assert (response.status_code, response.url) == (302, reverse("applications:home"))
    application.refresh_from_db()
    assert application.status == Status.WITHDRAWN
    step = ApplicationTransition.objects.get()
    assert (step.name, step.from_status, step.reason) == ("withdraw", status, "We merged.")
    emails = {email.to: email for email in OutboxEmail.objects.all()}
    assert set(emails) == {hat.user.email for hat in (owner, second, lead)}
    assert {(e.kind, e.dedupe_key) for e in emails.values()} == {
        ("withdrawn", f"transition:{step.pk}")
    }
    body = emails[lead.user.email].body
    assert f"/plan/{application.pk}/" in body
    assert emails[owner.user.email].body.endswith("/home/")
    for shown in (owner.user.full_name, "Reason: We merged.", long(step.created_at)):
        assert shown in body
    assert "$" not in body


@pytest.mark.parametrize("status", sorted(set(Status.values) - set(Status.withdrawable)))
def test_otherwise_the_page_says_why_not(as_hat, owner_of, status):
    application = ApplicationFactory(status=status)
    client = as_hat(owner_of(application))
    expected = {
        "draft": "was not submitted, so there is nothing to withdraw",
        "withdrawn": "is withdrawn already",
    }.get(status, "There is a decision on this application")
    page = client.get(url_of(application))
    assert (page.status_code, expected in page.content.decode()) == (200, True)
    assert "<textarea" not in page.content.decode()
    response = client.post(url_of(application), {"reason": "We merged."})
    assert response.status_code == 409
    assert "Nothing was changed." in response.content.decode()
    application.refresh_from_db()
    assert application.status == status
    assert [ApplicationTransition.objects.count(), OutboxEmail.objects.count()] == [0, 0]


def test_a_reason_is_needed_and_after_closing_there_is_no_way_back(as_hat, owner_of):
    application = ApplicationFactory(status=Status.SUBMITTED)
    owner = owner_of(application)
    response = as_hat(owner).post(url_of(application), {"reason": "  "})
    assert response.status_code == 422
    assert 'href="#id_reason"' in response.content.decode()
    with time_machine.travel(application.cycle.closes_at + timedelta(days=1)):
        page = as_hat(owner).get(url_of(application)).content.decode()
    assert escape("The cycle is closed, so you can't apply again in it.") in page


def test_the_password_is_asked_for_first_and_then_it_is_done(as_hat, owner_of):
    application = ApplicationFactory(status=Status.SUBMITTED)
    owner = owner_of(application)
    owner.user.set_password("walnut-orchard-91")
    owner.user.save()
    client, url = as_hat(owner), url_of(application)
    response = client.post(url, {"reason": "We merged."})
    confirm = reverse("account_reauthenticate")
    assert (response.status_code, response.url.partition("?")[0]) == (302, confirm)
    assert ApplicationTransition.objects.count() == 0
    response = client.post(confirm, {"password": "walnut-orchard-91", "next": url})
    assert (response.status_code, response.url) == (302, reverse("applications:home"))
    assert ApplicationTransition.objects.get().reason == "We merged."
