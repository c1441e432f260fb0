"""An open score page says so, and “score next” leaves its sheet alone in other windows."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.domain import presence
from applications.models import Presence
from scoring.domain import assignments
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, a_reviewer, hand_in, submitted
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def hat(lead):
    return a_reviewer(lead)


@pytest.fixture
def web(as_hat, hat):
    return as_hat(hat)


@pytest.fixture
def two(lead, hat):
    """Return two sheets of the reviewer, the first one is next."""
    cycle, found = CycleFactory(), []
    for _one in range(2):
        application = submitted(lead, cycle=cycle)
        found.append(assignments.assign(application, reviewer=hat, by=lead).sheet)
        declare(application, hat)
    return found


def url(name, sheet):
    return reverse(f"scoring:{name}", args=[sheet.pk])


def beat(web, sheet, status=200, **data):
    response = web.post(url("presence", sheet), data)
    assert response.status_code == status


def score_next(web, **data):
    return web.post(reverse("scoring:next"), data).url


def noted():
    return list(Presence.objects.values_list("application", "section"))


def test_an_open_page_is_left_alone_while_it_speaks(web, two):
    first, second = two
    assert (
        f'data-presence="{url("presence", first)}"' in web.get(url("sheet", first)).content.decode()
    )
    assert score_next(web) == url("sheet", first)
    beat(web, first, page="abc1")
    assert noted() == [(first.assignment.application_id, "sheet-abc1")]
    assert score_next(web) == url("sheet", second)
    with time_machine.travel(timezone.now() + timedelta(seconds=149), tick=False):
        assert score_next(web) == url("sheet", second)
    with time_machine.travel(timezone.now() + timedelta(seconds=151), tick=False):
        assert score_next(web) == url("sheet", first)


def test_a_page_that_is_left_frees_the_sheet_unless_another_has_it(web, two):
    first, second = two
    beat(web, first, page="one")
    beat(web, first, page="two")
    beat(web, first, page="one", left="1")
    assert score_next(web) == url("sheet", second)
    beat(web, first, page="two", left="1")
    assert noted() == []
    assert score_next(web) == url("sheet", first)


def test_what_is_open_everywhere_comes_last(web, two):
    first, second = two
    beat(web, first)
    beat(web, second)
    assert score_next(web) == url("sheet", first)
    assert score_next(web, skip=first.pk) == url("sheet", second)


def test_a_submitted_sheet_is_not_noted(web, two):
    hand_in(two[0])
    beat(web, two[0])
    assert noted() == []


@pytest.mark.parametrize("page", ["\x00", "x" * 5000, "<b>", "²", "a b"])
def test_any_mark_of_a_page_is_taken(web, two, page):
    beat(web, two[0], page=page)
    [(_application, section)] = noted()
    assert section in ("sheet", "sheet-" + "x" * 20)


def test_the_practice_never_sees_who_reviews(web, two):
    application = two[0].assignment.application
    owner = MembershipFactory(organisation=application.practice, role=Role.PRACTICE_OWNER)
    presence.note(application, section="practice", by=owner)
    beat(web, two[0])
    assert [hat for hat, _section in presence.people_here(application)] == [owner]


def test_only_the_reviewer_says_so(as_hat, lead, two):
    others = [lead, a_reviewer(lead), MembershipFactory(role=Role.DHCS_ANALYST)]
    for other in others:
        beat(as_hat(other), two[0], status=404)
    assert noted() == []


def test_a_heartbeat_costs_little(as_hat, hat, two, django_assert_num_queries):
    web = as_hat(hat)
    beat(web, two[0])
    with django_assert_num_queries(4):
        beat(web, two[0])
