"""Who is here, and how far the application is: what a heartbeat stores, says and costs."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import Presence
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


def url(application, key="contacts"):
    return reverse("applications:presence", args=[application.pk, key])


def page(application, key="contacts"):
    return reverse("applications:section", args=[application.pk, key])


def seen():
    return sorted(Presence.objects.values_list("hat__user__full_name", "section"))


def test_a_heartbeat_says_who_is_where(as_hat, owner, contributor, draft):
    as_hat(owner).post(url(draft))
    as_hat(contributor).post(url(draft, "sites"))
    assert seen() == [("Ana Ruiz", "contacts"), ("Bo Li", "sites")]
    data = as_hat(owner).post(url(draft)).json()
    assert data == {"here": "", "sections": {"sites": "Bo Li now"}}
    data = as_hat(contributor).post(url(draft)).json()
    assert data == {
        "here": "2 people here: you, Ana Ruiz",
        "sections": {"contacts": "Ana Ruiz now"},
    }
    assert seen() == [("Ana Ruiz", "contacts"), ("Bo Li", "contacts")]


def test_reading_a_page_stores_nothing(as_hat, owner, draft):
    assert url(draft) in as_hat(owner).get(page(draft)).content.decode()
    assert seen() == []


def test_who_was_not_seen_for_a_minute_is_gone(as_hat, owner, contributor, draft):
    as_hat(contributor).post(url(draft))
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert as_hat(owner).post(url(draft)).json()["here"] == ""


def test_progress_is_said_when_it_is_asked_for(as_hat, owner, ready):
    ready.answers.filter(key="lead_name").delete()
    data = as_hat(owner).post(url(ready), {"progress": "1"}).json()["progress"]
    assert data["state"] == "1 thing to fill in"
    assert (data["sections"]["contacts"], data["sections"]["sites"]) == ("Started", "Complete")
    assert data["done"] == f"10 of {len(data['sections'])} sections need nothing more"


@pytest.mark.parametrize("key", ["nothing", "lead_name"])
def test_only_sections_have_a_heartbeat(as_hat, owner, draft, key):
    assert as_hat(owner).post(url(draft, key)).status_code == 404
    assert seen() == []


def test_strangers_and_staff_are_never_here(as_hat, hat_of, stranger, draft, client):
    submitted = ApplicationFactory(status=Status.SUBMITTED)
    assert as_hat(stranger).post(url(draft)).status_code == 404
    analyst = as_hat(hat_of(Role.DHCS_ANALYST))
    assert analyst.post(url(submitted)).status_code == 403
    assert client.post(url(draft)).status_code == 302
    assert (
        as_hat(hat_of(Role.PRACTICE_OWNER, submitted.practice)).post(url(submitted)).status_code
        == 200
    )
    assert seen() == []


def test_a_heartbeat_costs_the_same_with_one_person_and_three(as_hat, hat_of, owner, draft):
    counts = []
    for people in (0, 2):
        for _ in range(people):
            as_hat(hat_of(Role.PRACTICE_CONTRIBUTOR, draft.practice)).post(url(draft))
        client = as_hat(owner)
        client.post(url(draft))
        with CaptureQueriesContext(connection) as counted:
            client.post(url(draft))
        counts.append(len(counted))
    assert counts == [5, 5]
