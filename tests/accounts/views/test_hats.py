"""Changing hats, and what a person without any sees."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.places import HOME, PLACES
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def switch(client, hat, method="post"):
    return getattr(client, method)(reverse("accounts:switch", args=[hat.pk]))


def test_switching_leads_to_the_first_page_of_the_hat_and_lasts(hat_of, as_hat):
    first = hat_of(Role.DHCS_ANALYST)
    second = hat_of(Role.MCP_LEAD, user=first.user)
    client = as_hat(first)
    response = switch(client, second)
    assert (response.status_code, response.url) == (302, reverse("scoring:overview"))
    assert client.session["hat"] == second.pk
    assert client.get(reverse("selection:queue")).status_code == 403
    assert second.organisation.name in client.get(response.url).content.decode()


@pytest.mark.parametrize("how", ["foreign", "switched off", "nobody's"])
def test_a_hat_that_is_not_mine_does_not_exist(hat_of, as_hat, how):
    mine = hat_of(Role.MCP_REVIEWER)
    wanted = hat_of(Role.DHCS_APPROVER)
    if how == "switched off":
        wanted = hat_of(Role.DHCS_APPROVER, user=mine.user, is_active=False)
    if how == "nobody's":
        wanted.pk = 10**20
    client = as_hat(mine)
    assert switch(client, wanted).status_code == 404
    assert client.session["hat"] == mine.pk


def test_switching_needs_a_post_and_a_person(client, hat_of, as_hat):
    hat = hat_of(Role.MCP_LEAD)
    assert switch(as_hat(hat), hat, "get").status_code == 405
    response = switch(client, hat)
    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))
    assert "hat" not in client.session


def test_a_person_without_a_hat_is_told_how_to_set_up_a_practice(client):
    client.force_login(UserFactory())
    page = client.get(reverse("accounts:no_organisation")).content.decode()
    assert f'href="{reverse("applications:new_practice")}"' in page


@pytest.mark.parametrize("role", Role.values)
def test_every_role_has_a_first_page_that_it_may_open(hat_of, as_hat, role):
    application_free = hat_of(role)
    client = as_hat(application_free)
    if role in Role.of_practice:
        client.post(reverse("applications:new_practice"), {"name": "Fresno Family Medicine"})
    response = client.get(reverse("accounts:no_organisation"))
    assert (response.status_code, response.url) == (302, reverse(HOME[role]))
    assert client.get(response.url).status_code == 200
    assert 1 <= len(PLACES[role]) <= 6


@pytest.mark.parametrize("role", Role.values)
def test_every_place_in_the_navigation_opens_for_its_role(hat_of, as_hat, role):
    client = as_hat(hat_of(role))
    if role in Role.of_practice:
        client.post(reverse("applications:new_practice"), {"name": "Fresno Family Medicine"})
    for place in PLACES[role]:
        response = client.get(reverse(place.url_name), follow=True)
        assert (place.url_name, response.status_code) == (place.url_name, 200)
