from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.places import PLACES
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


def text_of(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


def navigation(response):
    """Return the places as (label, url, current) of a page."""
    return [(p["label"], p["url"], p["current"]) for p in response.context["shell"]["places"]]


@pytest.fixture
def hat_with_home(hat_of):
    """Return a function that makes a hat of a role whose first page has what it needs."""

    def make(role):
        if role in Role.of_practice:
            return hat_of(role, PracticeFactory().organisation)
        return hat_of(role)

    return make


@pytest.mark.parametrize("role", Role.values)
def test_frame_shows_the_places_of_the_role_and_where_one_is(as_hat, hat_with_home, role):
    hat = hat_with_home(role)
    response = as_hat(hat).get(hat.home_url)
    assert response.status_code == 200
    places = navigation(response)
    assert [(label, url) for label, url, _current in places] == [
        (str(place.label), reverse(place.url_name)) for place in PLACES[role]
    ]
    assert [url for _label, url, current in places if current] == [hat.home_url]
    text = text_of(response)
    assert hat.organisation.name in text
    assert str(hat.get_role_display()) in text


@pytest.mark.parametrize("name", ["profile", "sites", "members"])
def test_sections_of_an_application_are_under_its_place(as_hat, hat_of, name):
    application = ApplicationFactory()
    hat = hat_of(Role.PRACTICE_OWNER, application.practice)
    response = as_hat(hat).get(reverse(f"applications:{name}"))
    assert [url for _label, url, current in navigation(response) if current] == ["/application/"]
    without = hat_of(Role.PRACTICE_OWNER, PracticeFactory().organisation)
    response = as_hat(without).get(reverse(f"applications:{name}"))
    assert [url for _label, url, current in navigation(response) if current] == ["/practice/"]


def test_frame_without_a_person_has_no_places_and_a_way_in(client):
    response = client.get(reverse("programs:estimate"))
    shell = response.context["shell"]
    assert (shell["hat"], shell["places"], shell["other_hats"]) == (None, [], [])
    assert (shell["user_email"], shell["user_name"]) == ("", "")
    assert reverse("account_login") in text_of(response)


def test_person_without_an_organisation_sees_the_name_and_no_place(client):
    user = UserFactory(full_name="Ana Ruiz")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = client.get(reverse("accounts:no_organisation"))
    shell = response.context["shell"]
    assert (shell["user_name"], shell["hat"], shell["places"]) == ("Ana Ruiz", None, [])


def test_other_hats_of_the_person_are_offered_and_only_active_ones(as_hat, hat_of):
    worn = hat_of(Role.DHCS_ANALYST)
    other = MembershipFactory(user=worn.user, role=Role.MCP_LEAD)
    MembershipFactory(user=worn.user, role=Role.AUDITOR, is_active=False)
    hat_of(Role.MCP_REVIEWER)
    response = as_hat(worn).get(reverse("selection:queue"))
    assert [h["pk"] for h in response.context["shell"]["other_hats"]] == [other.pk]
    assert reverse("accounts:switch", args=[other.pk]) in text_of(response)


def test_switching_hats_changes_the_places(as_hat, hat_of):
    worn = hat_of(Role.DHCS_ANALYST)
    other = MembershipFactory(user=worn.user, role=Role.MCP_LEAD)
    web = as_hat(worn)
    assert web.get(reverse("scoring:applications")).status_code == 403
    response = web.post(reverse("accounts:switch", args=[other.pk]))
    assert (response.status_code, response.url) == (302, reverse("scoring:overview"))
    assert web.get(reverse("selection:queue")).status_code == 403
    assert navigation(web.get(response.url))[0][:2] == ("Overview", response.url)


def test_hat_of_somebody_else_can_not_be_put_on(as_hat, hat_of):
    mine, theirs = hat_of(Role.MCP_REVIEWER), hat_of(Role.DHCS_APPROVER)
    web = as_hat(mine)
    assert web.post(reverse("accounts:switch", args=[theirs.pk])).status_code == 404
    assert web.get(reverse("selection:queue")).status_code == 403


def test_frame_names_the_cycle(client):
    CycleFactory(title="EPT Cohort Nine")
    assert "EPT Cohort Nine" in text_of(client.get(reverse("programs:estimate")))


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.DHCS_ANALYST, ("selection:mentions", "selection:my_claims", "selection:columns")),
        (Role.MCP_LEAD, ("account_reauthenticate",)),
        (Role.MCP_REVIEWER, ("account_reauthenticate",)),
        (Role.AUDITOR, ("account_reauthenticate",)),
    ],
)
def test_frame_of_staff_names_the_cycle_in_which_they_work(as_hat, hat_of, role, names):
    now = timezone.now()
    earlier = CycleFactory(opens_at=now - timedelta(days=100))
    newer = CycleFactory()
    web = as_hat(hat_of(role))
    for name in names:
        label = web.get(reverse(name)).context["shell"]["cycle_label"]
        assert label == (newer if role in Role.of_mcp else earlier).title
    for cycle in (newer, earlier):
        web.get(web.get("/", follow=True).request["PATH_INFO"], {"cycle": cycle.slug})
        for name in names:
            assert web.get(reverse(name)).context["shell"]["cycle_label"] == cycle.title


@pytest.mark.parametrize(("role", "noted"), [(Role.PRACTICE_OWNER, True), (Role.AUDITOR, False)])
def test_last_week_is_counted_down_for_practices(as_hat, hat_with_home, role, noted):
    now = timezone.now()
    closes = now + timedelta(days=2, hours=3)
    CycleFactory(opens_at=now - timedelta(days=20), closes_at=closes)
    hat = hat_with_home(role)
    note = as_hat(hat).get(hat.home_url).context["shell"]["closing_note"]
    assert note.startswith("Applications close in 2 days, on ") is noted
    assert bool(note) is noted


def test_demo_people_are_offered_in_the_demo_only(client, settings):
    user = UserFactory(email="lead@demo.example", full_name="Dana Lead")
    MembershipFactory(user=user, role=Role.MCP_LEAD)
    assert "Continue as MCP lead" in text_of(client.get(reverse("account_login")))
    settings.DEMO_SIGN_IN = False
    text = text_of(client.get(reverse("account_login")))
    assert "Continue as" not in text
    assert "lead@demo.example" not in text
    assert client.post(reverse("demo_sign_in"), {"email": user.email}).status_code == 404
