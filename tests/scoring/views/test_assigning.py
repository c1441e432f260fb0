import json
import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application
from core.exceptions import DomainError
from notifications.models import OutboxEmail
from scoring.domain import assignments, team
from scoring.models import Assignment
from scoring.views import assigning
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead
from tests.scoring.running import World, conflict, standing

pytestmark = pytest.mark.django_db
URL = "/plan/assign/"


@pytest.fixture
def world():
    return World(4, 2)


@pytest.fixture
def web(as_hat, world):
    return as_hat(world.lead)


def text_of(response, status=200):
    assert response.status_code == status
    return re.sub(r"\s+", " ", unescape(response.content.decode()))


def body(world, *, step="look", picks=None, reviewer=None, **more):
    picks = world.applications if picks is None else picks
    hat = reviewer or world.hats[0]
    return {"step": step, "pick": [one.pk for one in picks], "reviewer": hat.pk} | more


def look_and_give(web, world, **kwargs):
    page = text_of(web.post(URL, body(world, **kwargs)))
    fields = dict(re.findall(r'name="(need|picked|reviewer|promised)" value="([^"]*)"', page))
    return page, web.post(URL, fields | {"step": "give"})


def test_page_shows_what_lacks_reviewers_and_who_could_take_it(web, world):
    world.limit(world.hats[0], 3)
    world.away(world.hats[1])
    assignments.assign(world.applications[0], reviewer=world.hats[0], by=world.lead)
    page = text_of(web.get(URL))
    assert re.findall(r'key-figures__value">(\d+)<', page) == ["3", "0", "1"]
    assert world.applications[1].reference in page
    assert world.applications[0].reference not in page
    assert re.findall(r'data-label="(?:Open reviews|Limit|Can take)">([^<]+)<', page) == [
        "0", "No limit", "Any number",
        "1", "3", "2",
        "0", "No limit", "0",
    ]  # fmt: skip
    assert world.applications[0].reference in text_of(web.get(f"{URL}?need=any"))


def test_preview_lists_every_effect_and_gives_nothing(web, world):
    first, _second = world.hats
    taken, closed, near, free = world.applications
    assignments.assign(taken, reviewer=first, by=world.lead)
    conflict(closed, first)
    conflict(near, first, hard=False)
    before, mails = standing(), OutboxEmail.objects.count()
    page = text_of(web.post(URL, body(world)))
    told = dict(re.findall(r'"Reference">([^<]+)</td>.*?"Why">([^<]+)</td>', page))
    assert told == {
        taken.reference: "Has it already.",
        closed.reference: "Has a conflict of interest.",
        near.reference: "Look at a possible conflict: A close relative of mine works there or owns it.",
        free.reference: "–",
    }
    assert "Give 2 reviews to" in page
    assert (standing(), OutboxEmail.objects.count()) == (before, mails)


def test_giving_many_stores_them_starts_them_and_sends_one_email(web, world):
    _page, response = look_and_give(web, world)
    assert response.status_code == 302
    assert standing() == {(one.pk, world.hats[0].pk) for one in world.applications}
    assert set(Application.objects.values_list("status", flat=True)) == {Status.IN_REVIEW}
    email = OutboxEmail.objects.get()
    assert email.to == world.hats[0].user.email
    assert [one.reference in email.body for one in world.applications] == [True] * 4
    assert "4 reviews are given." in text_of(web.get(response.url))
    _page, again = look_and_give(web, world)
    assert again.status_code == 302
    assert (len(standing()), OutboxEmail.objects.count()) == (4, 1)


@pytest.mark.parametrize("kind", ["limit", "away", "state", "had"])
def test_what_is_refused_or_warned_says_why(web, world, kind):
    hat, picks = world.hats[0], world.applications[:2]
    given = 0
    if kind == "limit":
        world.limit(hat, 1)
        given, why = 1, "Has reached the limit of open reviews (1)."
    elif kind == "away":
        world.away(hat)
        why = "Is away today."
    elif kind == "state":
        Application.objects.update(status=Status.RETURNED)
        page = text_of(web.post(URL, body(world, picks=picks)))
        assert "Give " not in page.split("What each application comes to")[0].split("<main")[1]
        return
    else:
        for one in picks:
            was = assignments.assign(one, reviewer=hat, by=world.lead)
            assignments.end(was, reason="No time", by=world.lead)
        given, why = 2, "Had it before."
    page, _response = look_and_give(web, world, picks=picks)
    assert why in page
    assert len(standing()) == given


def test_nothing_picked_or_nobody_chosen_keeps_what_was_picked(web, world):
    page = text_of(web.post(URL, body(world, picks=[])), 422)
    assert "Pick at least one application." in page
    assert f'value="{world.hats[0].pk}" selected' in page
    page = text_of(web.post(URL, body(world) | {"reviewer": ""}), 422)
    assert page.count(" checked>") == 4


def test_back_from_the_preview_keeps_picks_of_other_pages_too(web, world, monkeypatch):
    monkeypatch.setattr(assigning, "PAGE_SIZE", 2)
    picked = ",".join(str(one.pk) for one in world.applications[1:])
    back = {"step": "back", "picked": picked, "reviewer": world.hats[1].pk}
    page = text_of(web.post(URL, back))
    assert page.count(" checked>") == 1
    others = ",".join(str(one.pk) for one in world.applications[2:])
    assert f'name="picked" value="{others}"' in page
    assert f'value="{world.hats[1].pk}" selected' in page
    assert "Check what you entered" not in page


def test_all_that_match_are_taken_and_too_many_are_refused(web, world, monkeypatch):
    _page, response = look_and_give(web, world, picks=[], all="1", need="nobody")
    assert (response.status_code, len(standing())) == (302, 4)
    monkeypatch.setattr(assigning, "MOST", 2)
    page = text_of(web.post(URL, body(world, reviewer=world.hats[1])), 422)
    assert "At most 2 applications can be given at once." in page


def test_change_between_preview_and_button_is_shown_first(web, world):
    page = text_of(web.post(URL, body(world)))
    fields = dict(re.findall(r'name="(need|picked|reviewer|promised)" value="([^"]*)"', page))
    conflict(world.applications[0], world.hats[0])
    page = text_of(web.post(URL, fields | {"step": "give"}), 409)
    assert "Something changed since you opened this page." in page
    assert standing() == set()


@pytest.mark.parametrize(
    "hostile",
    [
        {"pick": ["x", "-1", "9" * 40, "²"]},
        {"picked": "1,,,a," + "9" * 30},
        {"reviewer": "\x00"},
        {"reviewer": "9" * 30},
        {"need": "\x00"},
        {"step": "\x00"},
        {"promised": "9" * 5000, "step": "give"},
    ],
    ids=json.dumps,
)
def test_hostile_fields_are_answered_in_words(web, world, hostile):
    response = web.post(URL, body(world) | hostile)
    assert response.status_code in (200, 409, 422)
    assert standing() == set()


@pytest.mark.parametrize("query", ["need=x", "after=x", "after=²", "after=" + "9" * 30, "need=%00"])
def test_hostile_addresses_show_the_first_page(web, world, query):
    assert world.applications[0].reference in text_of(web.get(f"{URL}?{query}"))


def test_other_plans_applications_and_people_are_not_taken(web, world):
    other = World(1, 1)
    page = text_of(web.post(URL, body(world, picks=other.applications)))
    assert "None of these can be given" in page
    refused = web.post(URL, body(world, reviewer=other.hats[0]))
    assert refused.status_code == 422
    assert other.hats[0].user.full_name not in text_of(refused, 422)


def test_application_closed_to_the_lead_is_not_listed(web, world):
    conflict(world.applications[0], world.lead)
    assert world.applications[0].reference not in text_of(web.get(URL))


@pytest.mark.parametrize("role", [Role.MCP_REVIEWER, Role.PRACTICE_OWNER, Role.DHCS_ANALYST])
@pytest.mark.parametrize(
    "name", ["assign_many", "assign_automatic", "assign_file", "assign_template"]
)
def test_pages_are_the_leads(as_hat, role, name):
    web = as_hat(MembershipFactory(role=role))
    assert web.get(reverse(f"scoring:{name}")).status_code == 403
    assert web.post(reverse(f"scoring:{name}")).status_code in (403, 405)


def test_page_without_a_cycle_says_so(as_hat):
    web = as_hat(a_lead())
    assert "No cycle is planned" in text_of(web.get(URL))
    assert web.post(URL, {"step": "look"}).status_code == 200


@pytest.mark.parametrize("size", [1, 3])
def test_queries_do_not_grow_with_the_list(as_hat, size, django_assert_max_num_queries):
    world = World(size, size)
    web = as_hat(world.lead)
    for one in world.applications:
        assignments.assign(one, reviewer=world.hats[0], by=world.lead)
    web.get(f"{URL}?need=any")
    with django_assert_max_num_queries(12) as captured:
        text_of(web.get(f"{URL}?need=any"))
    assert len(captured) == 12
    assert Assignment.objects.count() == size


def test_assign_one_is_refused_for_who_is_away_or_full(world):
    hat = world.hats[0]
    team.set_profile(hat, max_open=0, counties=[], specialties=[], by=world.lead)
    with pytest.raises(DomainError, match=r"limit of open reviews \(0\)"):
        assignments.assign(world.applications[0], reviewer=hat, by=world.lead)
    world.away(world.hats[1])
    with pytest.raises(DomainError, match="is away today"):
        assignments.assign(world.applications[0], reviewer=world.hats[1], by=world.lead)
    assert standing() == set()
