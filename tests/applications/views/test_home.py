"""The practice's first page, where an application begins, and what the pages cost."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from accounts.models import Membership, Organisation
from applications.enums import PUBLIC_LABELS, Status
from applications.models import Application, MemberCount
from core.times import long
from tests.factories.accounts import OrganisationFactory, UserFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory, complete
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
HOME = "applications:home"


@pytest.fixture
def member(hat_of):
    return hat_of(Role.PRACTICE_OWNER, PracticeFactory().organisation)


def home(client):
    response = client.get(reverse(HOME))
    assert response.status_code == 200
    return response.content.decode()


def test_setting_up_a_practice_puts_its_hat_on(client):
    user = UserFactory()
    client.force_login(user)
    response = client.post(reverse("applications:new_practice"), {"name": " Fresno <FM> "})
    assert (response.status_code, response.url) == (302, reverse(HOME))
    hat = Membership.objects.get(user=user)
    assert (hat.role, hat.organisation.name) == (Role.PRACTICE_OWNER, "Fresno <FM>")
    assert client.session["hat"] == hat.pk
    assert "Fresno &lt;FM&gt;" in home(client)


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\x00b"])
def test_a_practice_needs_a_name_that_can_be_stored(client, name):
    client.force_login(UserFactory())
    response = client.post(reverse("applications:new_practice"), {"name": name})
    assert response.status_code == 422
    assert 'href="#id_name"' in response.content.decode()
    assert Organisation.objects.count() == 0


def test_without_a_cycle_the_page_says_so(as_hat, member):
    client = as_hat(member)
    assert "No cycle is planned" in home(client)
    client.post(reverse("applications:start"))
    assert "No cycle is open now." in home(client)
    assert Application.objects.count() == 0


def test_an_open_cycle_invites_to_begin_once(as_hat, member):
    cycle, client = CycleFactory(), as_hat(member)
    assert f'action="{reverse("applications:start")}"' in home(client)
    for _ in range(2):
        response = client.post(reverse("applications:start"))
        assert (response.status_code, response.url) == (302, reverse("applications:application"))
    application = Application.objects.get()
    assert (application.practice, application.cycle) == (member.organisation, cycle)
    assert application.reference in home(client)


@pytest.mark.parametrize(
    ("trait", "title", "moment"),
    [
        ("upcoming", "Applications are not open yet", "opens_at"),
        ("closed", "Applications are closed", "closes_at"),
    ],
)
def test_outside_its_times_a_cycle_says_when_and_takes_nothing(
    as_hat, member, trait, title, moment
):
    cycle, client = CycleFactory(**{trait: True}), as_hat(member)
    page = home(client)
    assert title in page
    assert escape(long(getattr(cycle, moment))) in page
    client.post(reverse("applications:start"))
    assert "takes applications from" in home(client)
    assert Application.objects.count() == 0


def test_starting_is_a_post(as_hat, member):
    CycleFactory()
    assert as_hat(member).get(reverse("applications:start")).status_code == 405
    assert Application.objects.count() == 0


@pytest.mark.parametrize("role", sorted(set(Role.values) - set(Role.of_practice)))
def test_other_roles_have_no_practice_pages(as_hat, hat_of, role):
    client = as_hat(hat_of(role))
    for name in ("home", "application", "practice", "profile", "sites", "members"):
        assert client.get(reverse(f"applications:{name}")).status_code == 403
    assert client.post(reverse("applications:start")).status_code == 403


@pytest.mark.parametrize("status", Status.values)
def test_the_practice_reads_its_own_words_for_every_state(as_hat, hat_of, status):
    application = ApplicationFactory(status=status)
    page = home(as_hat(hat_of(Role.PRACTICE_OWNER, application.practice)))
    assert escape(str(PUBLIC_LABELS[status])) in page
    assert (reverse("applications:withdraw", args=[application.pk]) in page) is (
        status in Status.withdrawable
    )
    told = {"recommended", "not_recommended"}
    assert "ecommended" not in page or status not in told


def test_a_withdrawn_application_can_be_begun_again_while_it_is_open(as_hat, hat_of):
    old = ApplicationFactory(status=Status.WITHDRAWN)
    owner = hat_of(Role.PRACTICE_OWNER, old.practice)
    client = as_hat(owner)
    assert "Start again" in home(client)
    client.post(reverse("applications:start"))
    assert Application.objects.exclude(pk=old.pk).get().status == Status.DRAFT
    with time_machine.travel(old.cycle.closes_at + timedelta(days=1)):
        assert "Start again" not in home(as_hat(owner))


def test_the_application_opens_where_something_is_missing(as_hat, owner, draft):
    client, url = as_hat(owner), reverse("applications:application")
    assert client.get(url).url == reverse("applications:sites")
    complete(draft)
    assert client.get(url).url == reverse("applications:review", args=[draft.pk])
    assert "Everything is filled in." in home(client)


@pytest.mark.parametrize("name", ["home", "members", "sites", "practice"])
def test_pages_cost_the_same_with_one_row_and_three_and_at_most_twelve(
    as_hat, hat_of, owner, ready, name
):
    practice, counts = ready.practice.practice, []
    client, url = as_hat(owner), reverse(f"applications:{name}")
    site = practice.sites.get()
    client.get(url)
    for more in (0, 2):
        for number in range(more):
            hat_of(Role.PRACTICE_CONTRIBUTOR, ready.practice)
            plan = OrganisationFactory(kind="mcp")
            MemberCount.objects.create(practice=practice, plan=plan, members=9, as_of="2026-01-31")
            site.pk, site.name = None, f"Site {number}"
            site.save()
        with CaptureQueriesContext(connection) as counted:
            assert client.get(url).status_code == 200
        counts.append(len(counted))
    assert counts[0] == counts[1]
    assert counts[0] <= 12
