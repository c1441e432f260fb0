"""From an invitation's email to work in the practice, for a person without and with an account."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Membership, User
from accounts.queries import people_of
from notifications.models import OutboxEmail
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db

CY = "cy@fresno.example"
PASSWORD = "walnut-orchard-91"


@pytest.fixture
def application():
    return ApplicationFactory()


@pytest.fixture
def owner(hat_of, application):
    return hat_of(Role.PRACTICE_OWNER, application.practice, user__full_name="Ana Ruiz")


@pytest.fixture
def link(owner, as_hat):
    """The link that Cy finds in the email."""
    invite = {"email": CY, "role": Role.PRACTICE_CONTRIBUTOR}
    page = as_hat(owner).post(reverse("accounts:invite"), invite, follow=True)
    assert CY in page.content.decode()
    body = OutboxEmail.objects.get(to=CY).body
    return re.search(r"https?://[^/\s]+(/invitations/\S+/)", body)[1]


def follow(client, page, text):
    """Open the link on `page` whose words are `text`."""
    [url] = re.findall(rf'href="([^"]+)"[^>]*>{text}</a>', page.content.decode().split("<main")[1])
    return client.get(url)


def send(client, page, data):
    """Send the form of `page` with what it hides (such as where to go next) and `data`."""
    main = page.content.decode().split("<main")[1]
    form = next(f for f in re.findall(r"<form.*?</form>", main, re.DOTALL) if set(data) & names(f))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return client.post(re.search(r'action="([^"]+)"', form)[1], hidden | data)


def names(form):
    return set(re.findall(r'name="(\w+)"', form))


def code():
    body = OutboxEmail.objects.filter(to=CY).latest("pk").body
    return re.search(r"^([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})$", body, re.MULTILINE)[1]


def join(client, link, owner):
    """Press the button on the invitation and look at what the new hat opens."""
    page = client.get(link)
    assert "Join " in page.content.decode()
    response = client.post(link)
    assert (response.status_code, response.url) == (302, reverse("applications:home"))
    home = client.get(response.url)
    assert home.status_code == 200
    assert home.context["shell"]["hat"]["role"] == "Practice contributor"
    cy = Membership.objects.get(user__email=CY, organisation=owner.organisation)
    assert set(people_of(owner.organisation)) == {owner, cy}
    assert OutboxEmail.objects.filter(kind="joined").get().to == owner.user.email


def test_a_person_without_an_account_signs_up_and_comes_back_to_the_invitation(link, owner):
    client = Client()
    page = follow(client, client.get(link), "Create an account")
    person = {"full_name": "Cy Moss", "email": CY, "password1": PASSWORD}
    response = send(client, page, person)
    page = client.get(response.url)
    assert "Enter the code from your email" in page.content.decode()
    response = send(client, page, {"code": code()})
    assert (response.status_code, response.url) == (302, link)
    assert Membership.objects.filter(user__email=CY).count() == 0
    join(client, link, owner)


def test_a_wrong_code_in_between_does_not_lose_the_way(link, owner):
    client = Client()
    page = follow(client, client.get(link), "Create an account")
    send(client, page, {"full_name": "Cy Moss", "email": CY, "password1": PASSWORD})
    page = client.get(reverse("account_email_verification_sent"))
    page = send(client, page, {"code": "AAA-AAA"})
    assert page.status_code == 200
    assert send(client, page, {"code": code()}).url == link
    join(client, link, owner)


def test_a_person_with_an_account_signs_in_and_comes_back_to_the_invitation(link, owner, hat_of):
    cy = User.objects.create_user(CY, PASSWORD, full_name="Cy Moss")
    EmailAddress.objects.create(user=cy, email=CY, verified=True, primary=True)
    hat_of(Role.MCP_REVIEWER, user=cy)
    client = Client()
    page = follow(client, client.get(link), "Sign in")
    response = send(client, page, {"login": CY, "password": PASSWORD})
    assert (response.status_code, response.url) == (302, link)
    join(client, link, owner)
    assert cy.memberships.filter(is_active=True).count() == 2
