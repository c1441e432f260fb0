"""The page behind an invitation's link, for everybody who may open it."""

import re
from html import unescape
from urllib.parse import quote

import pytest
from django.urls import reverse

from accounts.domain import invitations, memberships
from accounts.enums import Role
from core.times import long
from tests.accounts.inviting import last_link, run_out
from tests.factories.accounts import UserFactory

CY = "cy@fresno.example"
ACCOUNT = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def invitation(owner):
    return invitations.invite(email=CY, role=Role.PRACTICE_CONTRIBUTOR, by=owner)


@pytest.fixture
def link(invitation):
    return last_link(CY)


@pytest.fixture
def cy(db):
    return UserFactory(email=CY, full_name="Cy Moss")


def words(response):
    return " ".join(response.content.decode().split())


def test_a_stranger_reads_who_invites_to_what_until_when(client, invitation, link):
    response = client.get(link)
    text = words(response)
    assert response.status_code == 200
    for shown in (
        "Join Fresno Family Medicine",
        "Ana Ruiz (Practice owner, Fresno Family Medicine) invites you.",
        "Practice contributor",
        "Can fill in the application and add files.",
        long(invitation.expires_at),
        f'href="{reverse("account_login")}?next={link}"',
        f'href="{reverse("account_signup")}?next={link}&amp;email={quote(invitation.email, safe="")}"',
    ):
        assert shown in text
    assert CY not in text
    assert response["Cache-Control"].count("no-store") == 1


def test_the_invited_address_is_filled_in_at_sign_up(client, invitation, link):
    found = re.search(r'href="(/accounts/signup/\?[^"]*)"', words(client.get(link)))
    address = unescape(found[1])
    page = client.get(address).content.decode()
    assert f'value="{invitation.email}"' in page
    assert f'value="{link}"' in page


def test_the_page_is_the_same_whether_an_account_exists(client, link):
    def page():
        text = words(client.get(link))
        return text.split("<main")[1].split("</main>")[0]

    before = page()
    UserFactory(email=CY)
    assert page() == before


def test_a_stranger_cannot_accept(client, invitation, link):
    assert client.post(link).status_code == 200
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_the_invited_person_joins_and_wears_the_new_hat(client, cy, hat_of, invitation, link):
    hat_of(Role.MCP_REVIEWER, user=cy)
    client.force_login(cy, backend=ACCOUNT)
    text = words(client.get(link))
    assert f'<form method="post" action="{link}">' in text
    response = client.post(link, follow=True)
    hat = cy.memberships.get(organisation=invitation.organisation)
    assert response.redirect_chain[0] == (hat.home_url, 302)
    assert "You belong to Fresno Family Medicine now." in words(response)
    assert response.context["shell"]["hat"]["pk"] == hat.pk
    assert client.post(link).url == hat.home_url
    assert cy.memberships.count() == 2
    page = client.get(link)
    assert (page.status_code, "You accepted this invitation" in words(page)) == (200, True)


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_address_learns_only_that(client, invitation, link, method):
    client.force_login(UserFactory(email="mallory@fresno.example"), backend=ACCOUNT)
    response = getattr(client, method)(link)
    text = words(response)
    assert response.status_code == 403
    assert "This invitation is for another email address" in text
    assert f'<input type="hidden" name="next" value="{link}">' in text
    for secret in (CY, "Fresno Family Medicine", "Ana Ruiz", "contributor"):
        assert secret not in text
    invitation.refresh_from_db()
    assert invitation.accepted_at is None


def test_signing_out_comes_back_to_the_invitation(client, link):
    client.force_login(UserFactory(email="mallory@fresno.example"), backend=ACCOUNT)
    response = client.post(reverse("account_logout"), {"next": link})
    assert (response.status_code, response.url) == (302, link)
    assert "Sign in to join" in words(client.get(link))


@pytest.mark.parametrize("who", ["nobody", "cy"])
@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ("expired", "This invitation has run out"),
        ("revoked", "This invitation was taken back"),
        ("replaced", "A newer email replaces this link"),
        ("accepted", "This invitation was accepted"),
    ],
)
def test_an_invitation_that_is_over_says_how(client, owner, invitation, link, who, how, sentence):
    cy = UserFactory(email=CY)
    if how == "expired":
        run_out(invitation)
    if how == "revoked":
        invitations.revoke(invitation, by=owner)
    if how == "replaced":
        invitations.resend(invitation, by=owner)
    if how == "accepted":
        memberships.remove(invitations.accept(invitation, user=cy), by=owner)
    if who == "cy":
        client.force_login(cy, backend=ACCOUNT)
    for method in (client.get, client.post):
        response = method(link)
        if (how, who) == ("accepted", "cy"):
            assert response.status_code in (200, 302)
        else:
            assert (response.status_code, sentence in words(response)) == (410, True)
    assert cy.memberships.filter(is_active=True).count() == 0


@pytest.mark.parametrize("token", ["x", "0" * 43, "%00", "é" * 43, "a" * 5000])
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_link_does_not_exist(client, invitation, token, method):
    assert getattr(client, method)(f"/invitations/{token}/").status_code == 404


def test_the_digest_is_not_a_link(client, invitation):
    assert client.get(f"/invitations/{invitation.token_digest}/").status_code == 404
