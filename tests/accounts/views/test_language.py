"""The language switch: a cookie for everybody, the account for who is signed in."""

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.enums import Role
from accounts.models import User
from notifications.models import OutboxEmail

pytestmark = pytest.mark.django_db
URL = "/language/"
ANA = {"full_name": "Ana", "email": "ana@fresno.example", "password1": "walnut-orchard-91"}


@pytest.fixture(autouse=True)
def _english_again():
    yield
    translation.activate(settings.LANGUAGE_CODE)


def language_of(client, path="/estimate/"):
    return client.get(path)["Content-Language"]


def test_a_visitor_keeps_the_language_in_a_cookie(client):
    response = client.post(
        URL, {"language": "es"}, headers={"referer": "http://testserver/estimate/"}
    )
    assert (response.status_code, response.url) == (302, "http://testserver/estimate/")
    assert response.cookies["django_language"].value == "es"
    assert language_of(client) == "es"


def test_the_account_keeps_it_on_every_computer(as_hat, hat_of):
    hat = hat_of(Role.DHCS_ANALYST)
    as_hat(hat).post(URL, {"language": "es"})
    assert User.objects.get(pk=hat.user_id).language == "es"
    elsewhere = as_hat(hat)
    response = elsewhere.get("/start/", follow=True)
    assert response["Content-Language"] == "es"
    assert '<html lang="es">' in response.content.decode()
    assert elsewhere.get("/nothing-here/")["Content-Language"] == "es"
    elsewhere.post(URL, {"language": "en-us"})
    assert language_of(as_hat(hat)) == "en-us"


def test_the_account_goes_before_cookie_and_browser(as_hat, hat_of):
    hat = hat_of(Role.DHCS_ANALYST, user__language="en-us")
    client = as_hat(hat, HTTP_ACCEPT_LANGUAGE="es")
    client.cookies["django_language"] = "es"
    assert language_of(client) == "en-us"


@pytest.mark.parametrize("stored", ["", "xx", "tlh"])
def test_without_a_language_that_we_have_the_browser_decides(as_hat, hat_of, stored):
    hat = hat_of(Role.DHCS_ANALYST, user__language=stored)
    assert language_of(as_hat(hat, HTTP_ACCEPT_LANGUAGE="es")) == "es"
    assert language_of(as_hat(hat)) == "en-us"


@pytest.mark.parametrize("code", ["xx", "", "e\x00s", "es" * 5000])
def test_a_language_that_we_lack_does_not_exist(as_hat, hat_of, code):
    hat = hat_of(Role.DHCS_ANALYST)
    assert as_hat(hat).post(URL, {"language": code}).status_code == 404
    assert User.objects.get(pk=hat.user_id).language == ""


def test_the_switch_needs_a_post_and_leads_nowhere_else(client):
    assert client.get(URL).status_code == 405
    response = client.post(URL, {"language": "es", "next": "https://evil.example/"})
    assert response.url == "/"


@pytest.mark.parametrize(
    ("cookie", "asked", "kept"),
    [("", "en-US", ""), ("", "es-MX,es", "es"), ("es", "en-US", "es"), ("en-us", "es", "en-us")],
)
def test_a_new_account_keeps_the_language_that_was_read(client, cookie, asked, kept):
    if cookie:
        client.cookies["django_language"] = cookie
    client.post(reverse("account_signup"), ANA, headers={"accept-language": asked})
    assert User.objects.get().language == kept


@pytest.mark.parametrize("code", ["es", "en-us"])
def test_emails_of_the_account_speak_its_language(client, code):
    User.objects.create_user(ANA["email"], ANA["password1"], full_name="Ana", language=code)
    client.post(
        reverse("account_reset_password"),
        {"email": ANA["email"]},
        headers={"accept-language": "en" if code == "es" else "es"},
    )
    with translation.override(code):
        expected = gettext("Choose a new password")
    assert OutboxEmail.objects.get().subject == expected
