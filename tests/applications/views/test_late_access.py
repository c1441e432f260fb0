"""The administrator's page of late access, and what the practice sees of it."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application, LateAccess
from core.times import PACIFIC, long
from notifications.models import OutboxEmail
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
URL = "applications:late_access"


@pytest.fixture
def administrator(hat_of):
    return hat_of(Role.DHCS_ADMINISTRATOR)


@pytest.fixture
def web(as_hat, administrator):
    return as_hat(administrator)


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


def practice_named(name):
    return PracticeFactory(organisation__name=name).organisation


def data_for(practice, **changes):
    tomorrow = timezone.localdate() + timedelta(days=1)
    fields = {"practice": practice.pk, "day": f"{tomorrow}", "time": "17:00", "reason": "A fire."}
    return fields | changes


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.DHCS_ADMINISTRATOR}))
def test_nobody_else_opens_it_or_grants(as_hat, hat_of, cycle, role):
    practice = practice_named("Fresno FM")
    client = as_hat(hat_of(role))
    assert client.get(reverse(URL)).status_code == 403
    assert client.post(reverse(URL), data_for(practice)).status_code == 403
    assert LateAccess.objects.count() == 0


def test_a_practice_is_found_by_a_part_of_its_name_or_its_reference(web, cycle):
    draft = ApplicationFactory(cycle=cycle, practice=practice_named("Fresno FM"))
    practice_named("Kern Clinic")
    for query in ("fresno", draft.reference.lower(), " Fresno FM "):
        text = web.get(reverse(URL), {"q": query}).content.decode()
        assert f'<a href="?practice={draft.practice_id}">Fresno FM</a>' in text
        assert "Kern Clinic" not in text
    nobody = web.get(reverse(URL), {"q": "<Napa>\x00"}).content.decode()
    assert "No practice has “&lt;Napa&gt;” in its name" in nobody


def test_the_chosen_practice_is_granted_and_told(web, cycle, administrator, hat_of):
    draft = ApplicationFactory(cycle=cycle, practice=practice_named("Fresno FM"))
    owner = hat_of(Role.PRACTICE_OWNER, draft.practice)
    chosen = web.get(reverse(URL), {"practice": draft.practice_id}).content.decode()
    assert f"{draft.reference}</span>, draft" in chosen
    data = data_for(draft.practice)
    response = web.post(reverse(URL), data)
    assert (response.status_code, response.url) == (302, reverse(URL))
    access = LateAccess.objects.get()
    at = datetime.fromisoformat(f"{data['day']}T17:00").replace(tzinfo=PACIFIC)
    assert (access.practice, access.cycle, access.until) == (draft.practice, cycle, at)
    assert (access.reason, access.granted_by) == ("A fire.", administrator.label)
    assert OutboxEmail.objects.get().to == owner.user.email
    text = web.get(reverse(URL)).content.decode()
    for shown in ("Fresno FM", escape(long(at)), "A fire.", escape(administrator.label)):
        assert shown in text


@pytest.mark.parametrize(
    ("changes", "status", "sentence"),
    [
        ({"practice": "999999999"}, 422, "Choose a practice from the list."),
        ({"practice": "x\x00"}, 422, "error-summary"),
        ({"day": ""}, 422, "Enter the last day."),
        ({"day": "soon"}, 422, "Enter a date such as 12/8/2026."),
        ({"time": "late"}, 422, "Enter a time such as 5:00 pm."),
        ({"reason": ""}, 422, "Say why the practice may apply late."),
        ({"day": "0001-01-01"}, 409, "This time has passed."),
        ({"day": "9999-12-31", "time": "23:59"}, 409, "Scores are due"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_typed_is_lost(web, cycle, changes, status, sentence):
    practice = practice_named("Fresno FM")
    data = data_for(practice, reason="A <fire>.") | changes
    response = web.post(reverse(URL), data)
    text = response.content.decode()
    assert (response.status_code, sentence in text) == (status, True)
    assert "A &lt;fire&gt;.</textarea>" in text or "reason" in changes
    assert LateAccess.objects.count() == 0


def test_without_a_cycle_the_page_says_so(web):
    practice = practice_named("Fresno FM")
    assert "There is no cycle yet" in web.get(reverse(URL)).content.decode()
    assert web.post(reverse(URL), data_for(practice)).status_code == 422


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_three(
    web, cycle, rows, django_assert_max_num_queries
):
    for n in range(rows):
        web.post(reverse(URL), data_for(practice_named(f"Practice {n}")))
    web.get(reverse(URL))
    with django_assert_max_num_queries(5):
        text = web.get(reverse(URL)).content.decode()
    assert text.count("A fire.") == rows


def test_the_practice_starts_and_is_counted_down_late(web, as_hat, hat_of, cycle):
    practice = practice_named("Fresno FM")
    owner = as_hat(hat_of(Role.PRACTICE_OWNER, practice))
    home = reverse("applications:home")
    assert "Applications are closed" in owner.get(home).content.decode()
    web.post(reverse(URL), data_for(practice))
    until = LateAccess.objects.get().until
    text = owner.get(home).content.decode()
    assert f'action="{reverse("applications:start")}"' in text
    for name in ("home", "practice", "messages"):
        page = owner.get(reverse(f"applications:{name}")).content.decode()
        assert "Your late access ends in " in page
        assert escape(long(until)) in page
    assert owner.post(reverse("applications:start")).status_code == 302
    draft = Application.objects.get()
    section = reverse("applications:section", args=[draft.pk, "contacts"])
    assert 'name="lead_name"' in owner.get(section).content.decode()
    assert owner.post(section, {"lead_name": "Bohumil Zed", "leave": "1"}).status_code == 302
    with time_machine.travel(until + timedelta(seconds=1)):
        client = as_hat(hat_of(Role.PRACTICE_OWNER, practice))
        closed = client.get(section).content.decode()
        assert "This draft was not submitted" in client.get(home).content.decode()
    assert 'name="lead_name"' not in closed
    assert "Bohumil Zed" in closed
    assert draft.status == Status.DRAFT


def test_the_page_starts_in_the_cycle_that_is_open(web, cycle):
    opened = CycleFactory(title="The open one")
    response = web.get(reverse(URL))
    assert response.context["cycle"] == opened
    assert web.get(reverse(URL), {"cycle": cycle.slug}).context["cycle"] == cycle
