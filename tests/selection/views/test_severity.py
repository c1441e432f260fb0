from html import unescape

import pytest
from django.urls import reverse

from scoring.statistics import Severity
from selection.presenting import severity_note
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


def scored(cycle, score, count=5):
    """Applications of one plan that were handed over with one score."""
    plan = OrganisationFactory(kind="mcp")
    for _ in range(count):
        ApplicationFactory(cycle=cycle, designated_mcp=plan, status="recommended", mcp_score=score)


def page_of(web, cycle, **headers):
    response = web.get(reverse("selection:workbench", args=[cycle.slug]), headers=headers)
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_threshold_page_says_how_far_plans_are_apart_before_it_is_set(as_hat, analyst, cycle):
    scored(cycle, 60)
    scored(cycle, 70)
    page = page_of(as_hat(analyst), cycle)
    assert "do plans score alike?" in page
    assert "The strictest of 2 plans gives 5.0 points less than the mean of all plans" in page
    assert reverse("scoring:fairness_all") in page
    assert page.index("do plans score alike?") < page.index('name="threshold"')


def test_too_few_scores_say_nothing_about_plans(as_hat, analyst, cycle):
    scored(cycle, 60)
    page = page_of(as_hat(analyst), cycle)
    assert "Too few applications are scored to say whether plans are strict" in page


def test_part_of_the_page_does_without(as_hat, analyst, cycle):
    scored(cycle, 60)
    assert "do plans score alike?" not in page_of(as_hat(analyst), cycle, HX_Request_Type="partial")


@pytest.mark.parametrize(("apart", "tone"), [(2.9, "info"), (3, "warning")])
def test_plans_that_are_far_apart_are_a_warning(apart, tone):
    found = [Severity(1, 5, 0, 0), Severity(2, 5, apart, apart)]
    assert severity_note(found)["tone"] == tone


@pytest.mark.parametrize(
    ("apart", "seen"), [(0.0, False), (0.04, False), (0.06, True), (2.9, True)]
)
def test_plans_that_can_not_be_told_apart_get_no_figures(apart, seen):
    sentence = severity_note([Severity(1, 5, -apart, -apart), Severity(2, 5, apart, apart)])[
        "sentence"
    ]
    assert ("No difference between plans can be seen" in sentence) is not seen
    assert ("0.0" in sentence) is False
