"""The status page, the draft that stays after closing, and the words that a practice may read."""

import json

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from applications.enums import PUBLIC_LABELS, Status
from core.times import long
from tests.factories.applications import ApplicationFactory, PracticeFactory, complete
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
STAFF_ONLY = [
    "Scored",
    "Recommended",
    "recommended",
    "Not recommended",
    "Waitlisted",
    "Declined the place",
    "Withdrawn from the program",
]
PAGES = ["home", "status", "messages", "practice", "profile", "sites", "members"]
OWN_PAGES = ["review", "receipt", "withdraw", "draft_json"]


@pytest.fixture
def client_of(as_hat, hat_of):
    def make(application, role=Role.PRACTICE_OWNER):
        return as_hat(hat_of(role, application.practice))

    return make


@pytest.mark.parametrize("status", Status.values)
def test_no_staff_word_reaches_a_page_of_the_practice(client_of, status):
    application = ApplicationFactory(status=status)
    client = client_of(application)
    urls = [reverse(f"applications:{name}") for name in PAGES]
    urls += [reverse(f"applications:{name}", args=[application.pk]) for name in OWN_PAGES]
    urls.append(reverse("applications:section", args=[application.pk, "contacts"]))
    for url in urls:
        response = client.get(url, follow=True)
        assert response.status_code == 200, url
        text = response.content.decode()
        found = [word for word in STAFF_ONLY if word in text]
        allowed = ["Withdrawn from the program"] if status == "left" else []
        assert found in ([], allowed), url
    refused = client.post(urls[-1], {"lead_name": "x"}).content.decode()
    assert not [word for word in STAFF_ONLY if word in refused]


@pytest.mark.parametrize("status", sorted(set(Status.values) - {"draft"}))
def test_the_status_page_says_where_it_is_and_what_is_next(client_of, status):
    application = ApplicationFactory(status=status)
    text = client_of(application).get(reverse("applications:status")).content.decode()
    assert escape(str(PUBLIC_LABELS[status])) in text
    assert "What happens next" in text
    due = status in (*Status.with_plan, Status.RETURNED)
    assert (escape(f"By {long(application.cycle.scoring_due_at)}") in text) is due


def test_without_an_application_the_status_is_the_home_page(as_hat, hat_of):
    client = as_hat(hat_of(Role.PRACTICE_OWNER, PracticeFactory().organisation))
    response = client.get(reverse("applications:status"))
    assert (response.status_code, response.url) == (302, reverse("applications:home"))


def test_a_draft_at_closing_is_kept_to_read_and_to_download(client_of):
    draft = complete(ApplicationFactory(cycle=CycleFactory(closed=True)))
    client = client_of(draft, Role.PRACTICE_CONTRIBUTOR)
    home = client.get(reverse("applications:home")).content.decode()
    export = reverse("applications:draft_json", args=[draft.pk])
    assert "This draft was not submitted" in home
    assert f'href="{export}"' in home
    review = client.get(reverse("applications:review", args=[draft.pk])).content.decode()
    assert "This page can be read, not changed" in review
    assert ">Change<" not in review
    assert "Submit application" not in review
    response = client.get(export)
    content = json.loads(response.content)
    assert content["answers"]["lead_email"] == "ana.ruiz@practice.example"
    assert content["practice"]["tin"] == "••-•••4567"
    assert response["Content-Disposition"] == (
        f'attachment; filename="{draft.reference}-draft.json"'
    )
    assert response["Cache-Control"] == "private, no-store"


def test_a_draft_is_exported_for_its_own_practice_only(as_hat, hat_of, draft, stranger):
    url = reverse("applications:draft_json", args=[draft.pk])
    lead = hat_of(Role.MCP_LEAD, draft.designated_mcp)
    for hat in (stranger, lead, hat_of(Role.DHCS_ANALYST)):
        assert as_hat(hat).get(url).status_code == 404


def test_the_home_page_of_a_closed_cycle_invites_to_nothing(as_hat, hat_of):
    CycleFactory(closed=True)
    client = as_hat(hat_of(Role.PRACTICE_OWNER, PracticeFactory().organisation))
    text = client.get(reverse("applications:home")).content.decode()
    assert "What you need" not in text
    assert "You are here" not in text
    assert reverse("applications:start") not in text


def test_the_status_page_costs_at_most_twelve_queries(client_of, django_assert_max_num_queries):
    application = ApplicationFactory(status=Status.IN_REVIEW)
    client = client_of(application)
    client.get(reverse("applications:status"))
    with django_assert_max_num_queries(12):
        client.get(reverse("applications:status"))
