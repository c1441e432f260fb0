from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from scoring.domain import settling
from tests.factories.programs import CycleFactory
from tests.scoring.building import (
    a_lead,
    a_reviewer,
    give,
    hand_in,
    in_review,
    scored,
    submitted,
)
from tests.scoring.conflicting import declare
from tests.scoring.settling import apart

pytestmark = pytest.mark.django_db

LIST = "/plan/"


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def web(as_hat, lead):
    return as_hat(lead)


@pytest.fixture
def cycle():
    return CycleFactory()


def shown(response):
    return [row.application for row in response.context["rows"]]


def named(application, name="", **columns):
    Application.objects.filter(pk=application.pk).update(**columns)
    if name:
        application.practice.name = name
        application.practice.save()
    return application


@pytest.mark.parametrize("text", ["yosemite", "  Yosemite ", "YOSEM"])
def test_search_finds_a_part_of_the_name(web, lead, cycle, text):
    wanted = named(submitted(lead, cycle=cycle), "Yosemite Family Medicine")
    submitted(lead, cycle=cycle)
    response = web.get(LIST, {"q": text})
    assert shown(response) == [wanted]
    assert "1 application matches." in text_of(response)


def test_search_finds_a_reference(web, lead, cycle):
    wanted = submitted(lead, cycle=cycle)
    submitted(lead, cycle=cycle)
    assert shown(web.get(LIST, {"q": wanted.reference.lower()})) == [wanted]


def test_filters_narrow_together(web, lead, cycle):
    first = in_review(lead, cycle=cycle)
    named(first.application, county="Fresno")
    second = in_review(lead, cycle=cycle)
    named(second.application, county="Kern")
    nobody = named(submitted(lead, cycle=cycle), county="Kern")
    assert shown(web.get(LIST, {"reviewer": first.reviewer.pk})) == [first.application]
    assert shown(web.get(LIST, {"reviewer": "nobody"})) == [nobody]
    assert shown(web.get(LIST, {"county": "Kern"})) == [second.application, nobody]
    both = {"county": "Kern", "status": "in_review"}
    assert shown(web.get(LIST, both)) == [second.application]
    assert shown(web.get(LIST, {"need": "unassigned"})) == [nobody]
    response = web.get(LIST, {"need": "unassigned", "county": "Fresno"})
    assert shown(response) == []
    assert "Take a filter away to see more." in text_of(response)


def test_chips_carry_counts_and_keep_the_other_filters(web, lead, cycle):
    submitted(lead, cycle=cycle)
    in_review(lead, cycle=cycle)
    response = web.get(LIST, {"county": "", "q": "a", "status": "in_review"})
    chips = {c["label"]: (c["count"], c["href"], c["active"]) for c in response.context["chips"]}
    assert chips == {
        "Submitted": (1, f"{LIST}?status=submitted&q=a", False),
        "In review": (1, f"{LIST}?q=a", True),
    }
    needs = {c["label"]: c["href"] for c in response.context["needs"]}
    assert needs["Not assigned yet"] == f"{LIST}?need=unassigned&status=in_review&q=a"


def test_spread_is_shown_when_two_sheets_are_in(web, lead, cycle):
    review = in_review(lead, cycle=cycle)
    second = give(review.application, lead)
    hand_in(review.sheet, 50)
    assert [row.spread for row in web.get(LIST).context["rows"]] == [None]
    hand_in(second, 62)
    assert [row.spread for row in web.get(LIST).context["rows"]] == [12]


def test_third_readers_sheet_is_not_in_the_spread(web, lead, cycle):
    case = apart(lead, totals=(50, 40), cycle=cycle)
    reader = a_reviewer(lead)
    hand_in(settling.assign_third(case.application, reviewer=reader, by=lead).sheet, 80)
    assert [row.spread for row in web.get(LIST).context["rows"]] == [10]
    page = web.get(reverse("scoring:application", args=[case.application.pk]))
    assert page.context["found"].difference.spread == 10


@pytest.mark.parametrize(
    "asked",
    [
        {"status": "nowhere"}, {"need": "sleep"}, {"reviewer": "9" * 30}, {"county": "Narnia"},
        {"q": "a\x00b"}, {"q": "x" * 10_000}, {"after": "\x00"}, {"reviewer": "1 OR 1"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_filters_nothing_and_stays(web, lead, cycle, asked):
    application = submitted(lead, cycle=cycle)
    response = web.get(LIST, asked)
    assert shown(response) == [application]
    if "q" in asked:
        assert "usa-error-message" in text_of(response)


def test_pages_keep_the_filters(web, lead, cycle):
    every = [named(submitted(lead, cycle=cycle), county="Kern") for _one in range(51)]
    first = web.get(LIST, {"county": "Kern"})
    assert first.context["next_query"] == f"?after={every[49].pk}&county=Kern"
    second = web.get(LIST + first.context["next_query"])
    assert shown(first) + shown(second) == every
    assert second.context["first_query"] == "?county=Kern"


def test_a_reviewer_of_another_plan_is_no_choice(web, lead, cycle):
    stranger = in_review(cycle=cycle).reviewer
    submitted(lead, cycle=cycle)
    assert stranger.user.full_name not in text_of(web.get(LIST))


def test_what_is_closed_to_the_lead_is_in_no_count(web, lead, cycle):
    review = in_review(lead, cycle=cycle)
    declare(review.application, lead, "family")
    response = web.get(LIST)
    assert (response.context["total"], shown(response)) == (0, [])
    assert "No applications here yet" in text_of(response)


def test_import_stays_in_reach(web):
    assert f'href="{reverse("applications:import")}"' in text_of(web.get(LIST))


@pytest.mark.parametrize("asked", [{}, {"need": "to_recommend", "q": "o"}])
@pytest.mark.parametrize("rows", [1, 3])
def test_costs_the_same_for_one_row_and_three(web, lead, cycle, rows, asked):
    for _one in range(rows):
        submitted(lead, cycle=cycle)
        scored(lead=lead, cycle=cycle)
    web.get(LIST)
    with CaptureQueriesContext(connection) as queries:
        text_of(web.get(LIST, asked))
    assert len(queries) == (10 if asked else 9)
