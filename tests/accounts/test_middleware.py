"""Which hat a request wears, that one hat never sees through another, and what history records."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.urls import reverse

from accounts.enums import Role
from accounts.middleware import HatMiddleware
from accounts.models import Membership
from applications.enums import Status
from applications.models import Application
from scoring.models import Assignment
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.applications import ApplicationFactory

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
    as_hat(owner, REMOTE_ADDR="192.0.2.7").post(url, {"reason": "Merged"})
    event = application.events.order_by("pgh_id").last()
    assert (event.pgh_label, event.status) == ("update", Status.WITHDRAWN)
    assert event.pgh_context.metadata == {
        "user": owner.user_id,
        "hat": owner.pk,
        "label": owner.label,
        "path": url,
        "address": "192.0.2.7",
    }
