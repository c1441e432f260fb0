"""Signing up: the code travels through the outbox, and only the code opens the account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from notifications.models import OutboxEmail

pytestmark = pytest.mark.django_db

ANA = {"full_name": "Ana Muñoz", "email": "Ana@Fresno.Example", "password1": "walnut-orchard-91"}
CODE_PAGE = "account_email_verification_sent"


def sign_up(client, **changes):
    return client.post(reverse("account_signup"), ANA | changes)


def code_in(email):
    [code] = re.findall(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", email.body, re.MULTILINE)
    return code


def test_sign_up_stores_the_person_and_queues_the_code(client):
    response = sign_up(client)
    assert (response.status_code, response.url) == (302, reverse(CODE_PAGE))
    user = User.objects.get()
    assert (user.email, user.full_name) == ("ana@fresno.example", "Ana Muñoz")
    assert user.check_password(ANA["password1"])
    queued = OutboxEmail.objects.get()
    assert (queued.to, queued.status) == ("ana@fresno.example", "queued")
    assert code_in(queued)
    assert "None" not in queued.subject + queued.body
    assert "EPT Portal" in queued.body
    assert mail.outbox == []
    assert "_auth_user_id" not in client.session


def test_the_code_signs_in_and_leads_to_the_start(client):
    sign_up(client)
    page = client.get(reverse(CODE_PAGE))
    assert "ana@fresno.example" in page.content.decode()
    response = client.post(reverse(CODE_PAGE), {"code": code_in(OutboxEmail.objects.get())})
    assert (response.status_code, response.url) == (302, reverse("home"))
    address = EmailAddress.objects.get()
    assert (address.email, address.verified) == ("ana@fresno.example", True)
    assert client.session["_auth_user_id"] == str(User.objects.get().pk)


def test_a_wrong_code_does_not_sign_in(client):
    sign_up(client)
    response = client.post(reverse(CODE_PAGE), {"code": "AAA-AAA"})
    assert "data-error-summary" in response.content.decode()
    assert EmailAddress.objects.get().verified is False
    assert "_auth_user_id" not in client.session


def test_signing_in_before_the_code_was_entered_sends_another(client):
    sign_up(client)
    again = Client()
    account = {"login": "ana@fresno.example", "password": ANA["password1"]}
    response = again.post(reverse("account_login"), account)
    assert (response.status_code, response.url) == (302, reverse(CODE_PAGE))
    first, second = OutboxEmail.objects.order_by("pk")
    assert first.to == second.to == "ana@fresno.example"
    assert (first.dedupe_key == second.dedupe_key, code_in(first) == code_in(second)) == (
        False,
        False,
    )
    assert "_auth_user_id" not in again.session


def test_an_address_that_has_an_account_is_not_given_away(client):
    User.objects.create_user("ana@fresno.example", "walnut-orchard-91", full_name="Ana")
    response = sign_up(client, full_name="Mallory")
    assert (response.status_code, response.url) == (302, reverse(CODE_PAGE))
    assert list(User.objects.values_list("full_name", flat=True)) == ["Ana"]
    told = OutboxEmail.objects.get()
    assert (told.kind, told.to) == ("account_already_exists", "ana@fresno.example")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"full_name": ""}, 'href="#id_full_name"'),
        ({"email": "ana"}, "Enter a valid email address."),
        ({"password1": "short"}, "at least 12 characters"),
        ({"full_name": "A" * 151}, "at most 150 characters"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_stored(client, changes, sentence):
    response = sign_up(client, **changes)
    text = response.content.decode()
    assert sentence in text
    assert User.objects.count() == OutboxEmail.objects.count() == 0


def test_a_password_reset_goes_through_the_outbox_too(client):
    User.objects.create_user("ana@fresno.example", "walnut-orchard-91", full_name="Ana")
    response = client.post(reverse("account_reset_password"), {"email": "ANA@fresno.example"})
    assert response.status_code == 302
    sent = OutboxEmail.objects.get()
    assert (sent.kind, sent.to) == ("password_reset_key", "ana@fresno.example")
    [path] = re.findall(r"https?://[^/\s]+(/accounts/password/reset/key/\S+)", sent.body)
    page = client.get(path, follow=True)
    assert "password1" in page.content.decode()
    assert mail.outbox == []
