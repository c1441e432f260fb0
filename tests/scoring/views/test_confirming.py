import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application
from scoring.domain import recommending
from scoring.domain.recommending import Words
from scoring.models import PlannedRecommendation
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, give, hand_in, in_review, recommend, scored
from tests.scoring.settling import apart

pytestmark = pytest.mark.django_db
CONFIRM = "scoring:confirm_many"


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def web(as_hat, lead):
    return as_hat(lead)


@pytest.fixture
def cycle(db):
    return CycleFactory()


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def finished(lead, cycle, *totals):
    """Return an application with one submitted sheet for each total."""
    found = []
    for total in totals:
        review = in_review(lead, cycle=cycle)
        hand_in(review.sheet, total)
        found.append(review.application)
    return found


def hidden_of(page):
    return dict(re.findall(r'type="hidden" name="(part|seen)" value="([^"]*)"', page))


def state(row):
    return Application.objects.values_list("status", "mcp_score").get(pk=row.pk)


def test_list_shows_finished_undisputed_applications_with_score_and_basis(web, lead, cycle):
    [one] = finished(lead, cycle, 61)
    hand_in(give(one, lead), 62)
    waiting = in_review(lead, cycle=cycle).application
    differing = apart(lead, cycle=cycle).application
    foreign = in_review(cycle=cycle)
    hand_in(foreign.sheet, 50)
    done = scored(70, lead=lead, cycle=cycle).application
    page = text_of(web.get(reverse(CONFIRM)))
    row = page.split("<tbody>")[1]
    assert one.reference in row
    assert "Mean of 2" in row
    assert ">62</td>" in row
    hidden = (waiting, differing, foreign.application, done)
    assert [other.reference for other in hidden if other.reference in row] == []
    assert "1 to confirm, 1 confirmed" in page
    taken = text_of(web.get(reverse(CONFIRM), {"part": "confirmed"})).split("<tbody>")[1]
    assert done.reference in taken
    assert one.reference not in taken


def test_preview_lists_every_effect_and_stores_nothing(web, lead, cycle):
    one, two = finished(lead, cycle, 61, 40)
    waiting = in_review(lead, cycle=cycle)
    foreign = in_review(cycle=cycle)
    hand_in(foreign.sheet, 50)
    picked = [one.pk, two.pk, waiting.application.pk, foreign.application.pk]
    page = text_of(web.post(reverse(CONFIRM), {"pick": picked}))
    assert "Confirm 2 scores" in page
    assert "2 applications: their MCP scores are confirmed." in page
    name = waiting.reviewer.user.full_name
    practice = waiting.application.practice.name
    assert (
        f"{waiting.application.reference}, {practice}: Still to submit their scores: {name}."
        in page
    )
    assert "1 application is not in this cycle's list any more." in page
    assert foreign.application.reference not in page
    assert page.count("One sheet") == 2
    assert {state(row) for row in (one, two)} == {(Status.IN_REVIEW, None)}


@pytest.mark.parametrize("chosen", ["pick", "all"])
def test_what_was_previewed_is_confirmed_and_taken_back(web, lead, cycle, chosen):
    one, two = finished(lead, cycle, 61, 40)
    data = {"all": "1"} if chosen == "all" else {"pick": [one.pk, two.pk]}
    preview = text_of(web.post(reverse(CONFIRM), data))
    answer = web.post(reverse(CONFIRM), hidden_of(preview) | {"save": "1"})
    assert (answer.status_code, answer.url) == (302, reverse(CONFIRM))
    assert (state(one), state(two)) == ((Status.SCORED, 61), (Status.SCORED, 40))
    assert "2 scores are confirmed. Now recommend the applications or not." in text_of(
        web.get(answer.url)
    )
    recommending.prepare([one.pk], words=Words(True, "Strong plan."), by=lead)
    preview = text_of(web.post(reverse(CONFIRM), data | {"part": "confirmed"}))
    assert "Take 2 scores back" in preview
    assert "1 prepared recommendation is taken back too." in preview
    assert "Taken back too: Strong plan." in preview
    answer = web.post(reverse(CONFIRM), hidden_of(preview) | {"save": "1"})
    assert answer.url == reverse(CONFIRM) + "?part=confirmed"
    assert {state(row) for row in (one, two)} == {(Status.IN_REVIEW, None)}
    assert not PlannedRecommendation.objects.exists()


def test_what_changed_since_the_preview_is_shown_again_and_confirmed_only_then(web, lead, cycle):
    one, two = finished(lead, cycle, 61, 40)
    preview = text_of(web.post(reverse(CONFIRM), {"all": "1"}))
    hand_in(give(one, lead), 63)
    again = text_of(web.post(reverse(CONFIRM), hidden_of(preview) | {"save": "1"}), 409)
    assert "These have changed since you looked" in again
    assert "1 score is confirmed." in again
    assert ">62</td>" in again
    assert (state(one), state(two)) == ((Status.IN_REVIEW, None), (Status.SCORED, 40))
    web.post(reverse(CONFIRM), hidden_of(again) | {"save": "1"})
    assert state(one) == (Status.SCORED, 62)


def test_what_was_handed_over_meanwhile_is_left_alone(web, lead, cycle):
    row = scored(70, lead=lead, cycle=cycle).application
    preview = text_of(web.post(reverse(CONFIRM), {"all": "1", "part": "confirmed"}))
    recommend(row, recommended=True, reason="Good.", note="", by=lead)
    answer = web.post(reverse(CONFIRM), hidden_of(preview) | {"save": "1"})
    assert answer.status_code == 302
    page = text_of(web.get(answer.url))
    assert "1 application was left alone: it has moved on." in page
    assert state(row) == (Status.RECOMMENDED, 70)


@pytest.mark.parametrize("part", ["", "confirmed"])
@pytest.mark.parametrize(
    "data", [{}, {"pick": ["x", "9" * 30, "\x00"]}, {"seen": "x:1 :2"}, {"save": "1", "seen": ""}]
)
def test_nothing_ticked_is_said(web, lead, cycle, part, data):
    finished(lead, cycle, 61)
    page = text_of(web.post(reverse(CONFIRM), data | {"part": part}), 422)
    assert "Tick at least one application in the list." in page


@pytest.mark.parametrize("part", ["", "confirmed"])
def test_pages_of_the_list_give_every_row_once(web, lead, cycle, monkeypatch, part):
    monkeypatch.setattr("scoring.views.confirming.PAGE_SIZE", 2)
    make = scored if part else None
    rows = (
        [scored(60, lead=lead, cycle=cycle).application for _ in range(5)]
        if make
        else finished(lead, cycle, *[60] * 5)
    )
    address, found = reverse(CONFIRM) + (f"?part={part}" if part else ""), []
    while address:
        page = text_of(web.get(address))
        found += [row.pk for row in rows if row.reference in page.split("<tbody>")[1]]
        more = re.search(r'href="([^"]*after=[^"]*)"', page)
        address = more and more[1]
    assert found == [row.pk for row in rows]


@pytest.mark.parametrize("part", ["", "confirmed"])
@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_one_row_and_three(
    as_hat, lead, cycle, number, part, django_assert_num_queries
):
    if part:
        for _ in range(number):
            scored(60, lead=lead, cycle=cycle)
    else:
        finished(lead, cycle, *[60] * number)
    web = as_hat(lead)
    web.get(reverse(CONFIRM))
    with django_assert_num_queries(6 if part else 8):
        page = text_of(web.get(reverse(CONFIRM), {"part": part}))
    assert page.count("Choose Organisation") == number


@pytest.mark.parametrize("role", [r for r in Role.values if r != Role.MCP_LEAD])
def test_who_does_not_lead_confirms_nothing(as_hat, hat_of, lead, cycle, role):
    [row] = finished(lead, cycle, 61)
    organisation = lead.organisation if role in Role.of_mcp else None
    other = as_hat(hat_of(role, organisation))
    assert other.get(reverse(CONFIRM)).status_code == 403
    assert other.post(reverse(CONFIRM), {"all": "1", "save": "1"}).status_code == 403
    assert state(row) == (Status.IN_REVIEW, None)


def test_empty_lists_say_what_will_come(web):
    page = text_of(web.get(reverse(CONFIRM)))
    assert "No score waits to be confirmed" in page
    page = text_of(web.get(reverse(CONFIRM), {"part": "confirmed"}))
    assert "No confirmed score waits here" in page


def test_plan_list_leads_here_when_scores_wait(web, lead, cycle):
    plan_list = reverse("scoring:applications")
    assert reverse(CONFIRM) not in text_of(web.get(plan_list))
    finished(lead, cycle, 61, 62)
    page = text_of(web.get(plan_list))
    assert f'href="{reverse(CONFIRM)}">Confirm 2 scores</a>' in page
