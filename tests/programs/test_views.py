from datetime import timedelta
from html import unescape
from types import SimpleNamespace

import pytest
from django.urls import reverse

from accounts.models import User
from programs.views import home
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


def page(client, url, **query):
    response = client.get(url, query)
    assert response.status_code == 200
    text = unescape(response.content.decode())
    assert "UNDEFINED" not in text
    assert " style=" not in text
    return text


def test_estimate_works_out_band_total_and_milestones(client):
    text = page(client, reverse("programs:estimate"), members="920")
    assert "With 920 members you could earn up to $280,600" in text
    assert "$11,224" in text
    assert "$12,200" in text
    current = 'class="is-current" aria-current="true"'
    assert text.count(current) == 1
    assert 'id="band-D"' in text.split(current)[1][:20]
    assert "920: $280,600" in text


def test_estimate_without_members_shows_the_whole_table_and_the_cliff(client):
    text = page(client, reverse("programs:estimate"))
    assert text.count('id="band-') == 48
    assert "500: $290,000" in text
    assert "501: $198,897" in text
    assert "you could earn up to" not in text
    assert text.count("Check with DHCS:") == 4


def test_estimate_says_when_the_band_needs_a_check(client):
    text = page(client, reverse("programs:estimate"), members="6600")
    assert "The amount of your band needs a check" in text


@pytest.mark.parametrize(
    ("members", "sentence"),
    [
        ("0", "The number of members has to be 1 or more. You gave 0."),
        ("abc", "Write the number of members as a whole number, such as 920."),
        ("138001", "The payment table ends at 138,000 members."),
        ("", "Write the number of members, such as 920."),
    ],
)
def test_estimate_answers_bad_values_with_a_sentence_and_keeps_them(client, members, sentence):
    text = page(client, reverse("programs:estimate"), members=members)
    assert sentence in text
    assert "you could earn up to" not in text
    if members:
        assert f'value="{members}"' in text


def test_estimate_does_not_run_what_is_typed(client):
    response = client.get(reverse("programs:estimate"), {"members": "<script>alert(1)</script>"})
    assert b"<script>alert" not in response.content


def test_home_says_when_no_cycle_is_open(client):
    text = page(client, reverse("home"))
    assert "No cycle is open" in text
    assert reverse("account_signup") in text
    assert reverse("account_login") in text


def test_home_of_a_person_without_an_organisation_leads_on(client):
    client.force_login(User.objects.create_user("pat@clinic.example", full_name="Pat Example"))
    response = client.get(reverse("home"))
    assert (response.status_code, response.url) == (302, reverse("accounts:no_organisation"))


def test_home_sends_a_person_with_a_role_to_the_page_of_that_role(rf):
    request = rf.get("/")
    request.hat = SimpleNamespace(home_url="/queue/")
    response = home(request)
    assert (response.status_code, response.url) == (302, "/queue/")


@pytest.mark.parametrize(
    ("trait", "word"),
    [({}, "Open for applications"), ({"closed": True}, "Closed"), ({"upcoming": True}, "Not open")],
)
def test_home_shows_dates_and_state_of_the_cycle(client, trait, word):
    cycle = CycleFactory(decision_expected_at=None, **trait)
    text = page(client, reverse("home"))
    assert word in text
    assert cycle.title in text
    assert reverse("programs:cycle", args=[cycle.slug]) in text
    assert "Decisions expected" not in text


def test_cycle_page_shows_what_is_asked_scored_and_chosen(client):
    cycle = CycleFactory()
    cycle.decision_expected_at = cycle.scoring_due_at + timedelta(days=30)
    cycle.save()
    text = page(client, reverse("programs:cycle", args=[cycle.slug]))
    for part in (
        "Decisions expected",
        "Population of focus",
        "3.2 Planned activities",
        "Children and youth",
        "+20",
        "at most 125 (90 from the plan)",
        "an adjusted score of 77 or more",
        "M25",
        "Start an application",
    ):
        assert part in text


def test_closed_cycle_offers_no_application(client):
    cycle = CycleFactory(closed=True)
    text = page(client, reverse("programs:cycle", args=[cycle.slug]))
    assert 'class="usa-button"' not in text


def test_unknown_cycle_is_not_found(client):
    assert client.get(reverse("programs:cycle", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("cycles", [1, 3])
def test_public_pages_cost_the_same_with_more_cycles(client, cycles, django_assert_num_queries):
    made = CycleFactory.create_batch(cycles)
    assert made[0].definition
    with django_assert_num_queries(1):
        client.get(reverse("home"))
    with django_assert_num_queries(1):
        client.get(reverse("programs:estimate"), {"members": "920"})
    with django_assert_num_queries(2):
        client.get(reverse("programs:cycle", args=[made[0].slug]))
