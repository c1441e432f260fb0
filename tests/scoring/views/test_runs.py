import re

import pytest
from django.urls import reverse

from accounts.enums import Role
from core.times import day
from notifications.models import OutboxEmail
from scoring import tasks
from scoring.domain import applying, automatic, team
from scoring.enums import RunState
from scoring.models import AssignmentRun
from scoring.queries import runs as run_queries
from tests.factories.accounts import MembershipFactory
from tests.scoring.running import World, conflict, pairs_of, standing
from tests.scoring.views.test_assigning import text_of

pytestmark = pytest.mark.django_db
TRY = "/plan/assign/automatic/"


@pytest.fixture
def world(request):
    return World(4, getattr(request, "param", 2))


@pytest.fixture
def web(as_hat, world):
    return as_hat(world.lead)


def page_of(run):
    return reverse("scoring:assign_run", args=[run.pk])


def do(web, run, act):
    return web.post(reverse(f"scoring:assign_{act}", args=[run.pk]))


def figures(page):
    return re.findall(r'key-figures__value">([\d,]+)<', page)


def test_try_shows_loads_and_pairs_and_assigns_nothing(web, world):
    world.limit(world.hats[1], 1)
    conflict(world.applications[0], world.hats[0])
    conflict(world.applications[0], world.hats[1])
    response = web.post(TRY, {"reviewers_each": "1"})
    run = AssignmentRun.objects.get()
    assert (response.status_code, response.url) == (302, page_of(run))
    page = text_of(web.get(response.url))
    assert "This is a dry run. Nothing is assigned yet." in page
    assert figures(page)[:3] == ["3", "1", "1"]
    assert re.findall(r'data-label="(?:Before|New|After)">(\d+)<', page) == [
        "0", "2", "2",
        "0", "1", "1",
    ]  # fmt: skip
    assert "Everybody else has a conflict of interest." in page
    assert all(one.reference in page for one in world.applications)
    assert "Give these 3 reviews" in page
    assert (standing(), OutboxEmail.objects.count()) == (set(), 0)


def test_give_applies_once_and_the_page_says_when(web, world):
    run = world.prepare()
    assert do(web, run, "apply").url == page_of(run)
    assert standing() == pairs_of(run)
    page = text_of(web.get(page_of(run)))
    assert page.count("Each reviewer has been told in one email.") == 1
    assert "4 reviews are given." in page
    assert "Give these" not in page
    do(web, run, "apply")
    assert (standing(), OutboxEmail.objects.count()) == (pairs_of(run), 2)


def test_stale_run_says_what_changed_and_offers_to_try_again(web, world):
    run = world.prepare()
    conflict(world.applications[0], world.hats[0])
    conflict(world.applications[0], world.hats[1])
    page = text_of(do(web, run, "apply"), 409)
    assert f"can't get {world.applications[0].reference} any more. Nothing was assigned." in page
    assert "Try it again" in page
    assert standing() == set()


def test_discard_leaves_nothing(web, world):
    run = world.prepare()
    assert do(web, run, "discard").url == "/plan/assign/"
    run.refresh_from_db()
    assert (run.state, standing()) == (RunState.DISCARDED, set())
    assert "This dry run was discarded" in text_of(web.get(page_of(run)))
    refused = text_of(do(web, run, "apply"), 409)
    assert "can't be applied" in refused


def test_work_of_a_worker_is_shown_with_its_progress(web, world, monkeypatch):
    monkeypatch.setattr(automatic, "IN_A_REQUEST", 0)
    monkeypatch.setattr(applying, "IN_A_REQUEST", 0)
    monkeypatch.setattr(applying, "STEP", 1)
    web.post(TRY, {"reviewers_each": "1"})
    run = AssignmentRun.objects.get()
    page = text_of(web.get(page_of(run)))
    assert "0 percent worked out" in page
    assert 'hx-trigger="every 2s"' in page
    assert "An automatic assignment is open" in text_of(web.get("/plan/assign/"))
    assert "is being prepared" in text_of(web.post(TRY, {"reviewers_each": "1"}), 409)
    tasks.prepare_run(run.pk)
    assert "hx-trigger" not in text_of(web.get(page_of(run)))
    do(web, run, "apply")
    applying._step(run.pk)
    page = text_of(web.get(page_of(run)))
    assert "1 of 4 reviews are given" in page
    assert "Discard it" not in page
    assert "can't be stopped any more" in text_of(do(web, run, "discard"), 409)
    world.limit(world.hats[0], 1)
    world.limit(world.hats[1], 1)
    tasks.apply_run(run.pk)
    page = text_of(web.get(page_of(run)))
    assert "hx-trigger" not in page
    assert page.count("Has reached the limit of open reviews (1).") == 2
    assert len(standing()) == 2


def test_run_that_stopped_says_why_and_can_be_tried_again(web, world, monkeypatch):
    monkeypatch.setattr(applying, "IN_A_REQUEST", 0)
    run = world.prepare()
    do(web, run, "apply")
    for hat in world.hats:
        conflict(world.applications[0], hat)
    tasks.apply_run(run.pk)
    page = text_of(web.get(page_of(run)))
    assert "The assignment stopped" in page
    assert "Nothing was assigned. Prepare the assignment again." in page
    assert "Try it again" in page


def test_nothing_to_assign_is_said_on_the_page(web, world):
    world.apply(world.prepare())
    assert "There is nothing to assign." in text_of(web.post(TRY, {"reviewers_each": "1"}), 409)


@pytest.mark.parametrize("value", ["", "0", "6", "x", "\x00", "9" * 5000])
def test_number_of_reviewers_is_chosen_from_the_list(web, value):
    assert text_of(web.post(TRY, {"reviewers_each": value}), 422)
    assert AssignmentRun.objects.count() == 0


def test_pairs_come_in_pages_and_what_is_closed_to_the_lead_has_no_name(web, world, monkeypatch):
    monkeypatch.setattr(run_queries, "PAIRS", 3)
    monkeypatch.setattr("scoring.views.runs.PAIRS", 3)
    run = world.prepare()
    conflict(world.applications[0], world.lead)
    page = text_of(web.get(page_of(run)))
    assert "1 to 3 of 4 reviews" in page
    assert world.applications[0].practice.name not in page
    assert "Closed to you by a conflict of interest" in page
    assert world.applications[3].reference not in page
    page = text_of(web.get(f"{page_of(run)}?from=3"))
    assert "4 to 4 of 4 reviews" in page
    for hostile in ("x", "²", "9" * 40, "-1", "4"):
        assert "1 to 3 of 4" in text_of(web.get(f"{page_of(run)}?from={hostile}"))


def test_runs_of_other_plans_do_not_exist(as_hat, world):
    run = world.prepare()
    other = World(1, 1)
    web = as_hat(other.lead)
    assert web.get(page_of(run)).status_code == 404
    assert do(web, run, "apply").status_code == 404
    assert do(web, run, "discard").status_code == 404
    assert as_hat(world.hats[0]).get(page_of(run)).status_code == 404


@pytest.mark.parametrize("size", [1, 3])
def test_queries_do_not_grow_with_the_run(as_hat, size, django_assert_num_queries):
    world = World(size, size)
    web, run = as_hat(world.lead), world.prepare()
    web.get(page_of(run))
    with django_assert_num_queries(7):
        web.get(page_of(run))


@pytest.mark.parametrize("world", [3], indirect=True)
def test_why_a_person_gets_no_more_is_said_beside_the_loads(web, world):
    full, away, free = world.hats
    world.limit(full, 1)
    world.away(away)
    web.post(TRY, {"reviewers_each": "1"})
    page = text_of(web.get(page_of(AssignmentRun.objects.get())))
    whys = [one.strip() for one in re.findall(r'data-label="Why no more">([^<]*)<', page)]
    people = re.findall(r'<th scope="row">([^<]+)</th>', page)
    said = dict(zip(people, whys, strict=True))
    assert said == {
        full.user.full_name: "limit of 1 reached",
        away.user.full_name: f"away until {day(team.today())}",
        free.user.full_name: "–",
    }


def test_a_person_with_two_roles_reaches_the_smaller_limit(web, world):
    hat = world.hats[0]
    other = MembershipFactory(user=hat.user, organisation=world.plan, role=Role.MCP_LEAD)
    world.limit(other, 1)
    web.post(TRY, {"reviewers_each": "1"})
    assert "limit of 1 reached" in text_of(web.get(page_of(AssignmentRun.objects.get())))
