"""Which hat a request wears, that one hat never sees through another, and what history records."""

import pytest
from django.contrib import auth
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.urls import reverse

from accounts.enums import Role
from accounts.middleware import HatMiddleware
from accounts.models import Membership, User
from applications.enums import Status
from applications.models import Application
from scoring.models import Assignment
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.applications import ApplicationFactory
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def worn(rf):
    """Return a function that gives (hat, hats) of a request by `user` with `session`."""

    def wear(user, session):
        request = rf.get("/")
        request.user, request.session = user, session
        HatMiddleware(lambda _: HttpResponse())(request)
        return request.hat, request.hats

    return wear


def test_a_stranger_wears_none(worn, hat_of):
    hat = hat_of(Role.PRACTICE_OWNER)
    assert worn(AnonymousUser(), {"hat": hat.pk}) == (None, [])
    assert worn(UserFactory(), {"hat": hat.pk}) == (None, [])


def test_the_first_hat_is_worn_until_another_is_chosen(worn, hat_of):
    first = hat_of(Role.PRACTICE_OWNER)
    second = hat_of(Role.MCP_REVIEWER, user=first.user)
    foreign = hat_of(Role.DHCS_APPROVER)
    both = [first, second]
    assert worn(first.user, {}) == (first, both)
    assert worn(first.user, {"hat": second.pk}) == (second, both)
    assert worn(first.user, {"hat": foreign.pk}) == (first, both)


def test_a_hat_that_was_switched_off_is_not_worn(worn, hat_of):
    off = hat_of(Role.DHCS_APPROVER, is_active=False)
    assert worn(off.user, {"hat": off.pk}) == (None, [])
    second = hat_of(Role.MCP_LEAD, user=off.user)
    assert worn(off.user, {"hat": off.pk}) == (second, [second])


def test_one_hat_does_not_see_through_the_other(hat_of, as_hat):
    mine = ApplicationFactory(status=Status.SUBMITTED)
    theirs = ApplicationFactory(status=Status.IN_REVIEW, cycle=mine.cycle)
    owner = hat_of(Role.PRACTICE_OWNER, mine.practice)
    reviewer = hat_of(Role.MCP_REVIEWER, theirs.designated_mcp, user=owner.user)
    Assignment.objects.create(application=theirs, reviewer=reviewer, assigned_by="Lead")
    withdraw = [reverse("applications:withdraw", args=[a.pk]) for a in (mine, theirs)]
    assert [as_hat(owner).get(url).status_code for url in withdraw] == [200, 404]
    assert [as_hat(reviewer).get(url).status_code for url in withdraw] == [404, 403]
    assert as_hat(owner).get(reverse("scoring:mine")).status_code == 403
    assert as_hat(reviewer).get(reverse("applications:home")).status_code == 403


def test_switching_a_membership_off_ends_access_at_once(hat_of, as_hat):
    application = ApplicationFactory(status=Status.SUBMITTED)
    owner = hat_of(Role.PRACTICE_OWNER, application.practice)
    client, url = as_hat(owner), reverse("applications:withdraw", args=[application.pk])
    assert "Withdraw" in client.get(url).content.decode()
    Membership.objects.filter(pk=owner.pk).update(is_active=False)
    response = client.post(url, {"reason": "Late"})
    assert (response.status_code, response.url) == (302, reverse("accounts:no_organisation"))
    assert Application.objects.get().status == Status.SUBMITTED


def test_history_says_who_in_which_role_changed_it_from_where(hat_of, as_hat):
    application = ApplicationFactory(status=Status.SUBMITTED)
    owner = hat_of(Role.PRACTICE_OWNER, application.practice)
    MembershipFactory(user=owner.user)
    url = reverse("applications:withdraw", args=[application.pk])
    client = confirm_identity(as_hat(owner, REMOTE_ADDR="192.0.2.7"), owner.user)
    client.post(url, {"reason": "Merged"})
    event = application.events.order_by("pgh_id").last()
    assert (event.pgh_label, event.status) == ("update", Status.WITHDRAWN)
    assert event.pgh_context.metadata == {
        "user": owner.user_id,
        "hat": owner.pk,
        "label": owner.label,
        "path": url,
        "address": "192.0.2.7",
    }


@pytest.mark.parametrize("hats", [1, 3])
def test_person_and_hats_are_read_in_one_query(rf, as_hat, hats, django_assert_num_queries):
    user = UserFactory()
    worn = [MembershipFactory(user=user) for _ in range(hats)]
    request = rf.get("/")
    request.session = SessionStore(as_hat(worn[-1]).session.session_key)
    request.user = AnonymousUser()
    with django_assert_num_queries(2):  # the session, and the person with the hats
        HatMiddleware(lambda _: HttpResponse())(request)
        assert (request.hats, request.hat) == (worn, worn[-1])
        assert {hat.user for hat in request.hats} == {request.user} == {user}


def change_password(hat, session, settings):
    hat.user.set_password("Another-password-1")
    hat.user.save()


def switch_account_off(hat, session, settings):
    User.objects.filter(pk=hat.user_id).update(is_active=False)


def lose_the_proof(hat, session, settings):
    del session[auth.HASH_SESSION_KEY]


def sign_in_another_way(hat, session, settings):
    session[auth.BACKEND_SESSION_KEY] = "somewhere.else.Backend"


@pytest.mark.parametrize(
    "change", [change_password, switch_account_off, lose_the_proof, sign_in_another_way]
)
def test_a_session_that_proves_nothing_is_signed_out(hat_of, as_hat, settings, change):
    hat = hat_of(Role.PRACTICE_OWNER)
    web, url = as_hat(hat), reverse("applications:home")
    assert web.get(url).status_code == 200
    session = web.session
    change(hat, session, settings)
    session.save()
    response = web.get(url)
    assert (response.status_code, response.url) == (302, f"{reverse('account_login')}?next={url}")


def test_a_session_of_the_former_secret_key_goes_on(hat_of, as_hat, settings):
    web, url = as_hat(hat_of(Role.PRACTICE_OWNER)), reverse("applications:home")
    former = web.session[auth.HASH_SESSION_KEY]
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the-next-secret-key-" + "x" * 40
    assert web.get(url).status_code == 200
    assert web.session[auth.HASH_SESSION_KEY] != former
