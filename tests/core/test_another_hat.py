"""A form that was made under one hat stores nothing under another."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.middleware import SESSION_KEY
from accounts.models import Invitation
from applications.models import Message, Practice, Site
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(as_hat):
    """Return a browser that wears the hat of the second practice, and both hats of one person."""
    first = ApplicationFactory(status="submitted").practice
    second = ApplicationFactory(status="submitted").practice
    mine = MembershipFactory(organisation=first, role=Role.PRACTICE_OWNER)
    other = MembershipFactory(organisation=second, role=Role.PRACTICE_OWNER, user=mine.user)
    web = as_hat(mine)
    session = web.session
    session[SESSION_KEY] = other.pk
    session.save()
    return web, mine, other


FORMS = [
    ("applications:profile", {"name": "New name", "ehr": "Epic", "version:ehr": "0"}),
    ("applications:sites", {"add": "1"}),
    ("applications:paste_sites", {"text": "A\t1 Main\tFresno\t93701", "add": "all"}),
    ("applications:messages", {"text": "Hello"}),
    ("accounts:invite", {"email": "x@fresno.example", "role": Role.PRACTICE_OWNER}),
]


@pytest.mark.parametrize(("name", "data"), FORMS, ids=[name for name, _data in FORMS])
def test_a_form_of_another_hat_stores_nothing_and_says_so(two, name, data):
    web, mine, other = two
    before = list(Practice.objects.order_by("pk").values())
    response = web.post(reverse(name), {**data, "hat": mine.pk})
    text = response.content.decode()
    assert response.status_code == 409
    assert other.organisation.name in text
    assert reverse("accounts:switch", args=[mine.pk]) in text
    assert list(Practice.objects.order_by("pk").values()) == before
    assert (Site.objects.count(), Message.objects.count(), Invitation.objects.count()) == (0, 0, 0)
    assert web.post(reverse(name), {**data, "hat": other.pk}).status_code in (200, 302)


def test_an_autosave_of_another_hat_is_refused_in_a_sentence(two):
    web, mine, other = two
    data = {"ehr": "Epic", "version:ehr": "0", "autosave": "ehr"}
    url, headers = reverse("applications:profile"), {"X-Autosave": "1"}
    refused = web.post(url, {**data, "hat": mine.pk}, headers=headers)
    assert refused.status_code == 409
    assert "Nothing was stored." in refused.json()["message"]
    assert not Practice.objects.filter(ehr="Epic").exists()
    assert web.post(url, {**data, "hat": other.pk}, headers=headers).status_code == 200
    assert Practice.objects.get(ehr="Epic").pk == other.organisation_id


def test_the_hat_of_somebody_else_is_not_named(two):
    web, _mine, _other = two
    stranger = MembershipFactory(role=Role.PRACTICE_OWNER, organisation__name="Stranger Clinic")
    response = web.post(reverse("applications:profile"), {"ehr": "Epic", "hat": stranger.pk})
    assert response.status_code == 409
    assert "Stranger Clinic" not in response.content.decode()


@pytest.mark.parametrize(
    "name",
    ["applications:profile", "applications:sites", "applications:members", "accounts:people"],
)
def test_pages_say_under_which_hat_they_were_made(two, name):
    web, _mine, other = two
    page = web.get(reverse(name)).content.decode()
    assert f'<input type="hidden" name="hat" value="{other.pk}">' in page
