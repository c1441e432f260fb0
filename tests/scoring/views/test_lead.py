import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import Status
from applications.models import ApplicationTransition
from scoring.domain import recommending
from scoring.models import Assignment
from scoring.queries import sheets_visible_to
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import (
    ApplicationFactory,
    a_lead,
    a_reviewer,
    give,
    hand_in,
    in_review,
    scored,
    submitted,
)

pytestmark = pytest.mark.django_db

ACTS = ["assign", "confirm", "recommend", "return", "message"]


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def web(as_hat, lead):
    return as_hat(lead)


def url(name, application):
    return reverse(f"scoring:{name}", args=[application.pk])


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def body_for(lead, act):
    return {
        "assign": lambda: {"reviewer": a_reviewer(lead).pk},
        "confirm": dict,
        "recommend": lambda: {"recommended": "yes", "reason": "Strong."},
        "return": lambda: {"reason": "Add the members.", "note_members": "Count again."},
        "message": lambda: {"text": "When can we talk?"},
    }[act]()


def test_assign_gives_the_review_and_says_so(web, lead):
    application, reviewer = submitted(lead), a_reviewer(lead)
    response = web.post(url("assign", application), {"reviewer": reviewer.pk})
    assert (response.status_code, response.url) == (302, url("application", application))
    assert Assignment.objects.get().reviewer == reviewer
    page = text_of(web.get(response.url))
    assert "The reviewer has been told by email." in page
    assert reviewer.user.full_name in page


def test_assign_offers_only_people_of_the_plan(web, lead):
    stranger = a_reviewer(a_lead())
    colleague = a_reviewer(lead)
    application = submitted(lead)
    page = text_of(web.get(url("application", application)))
    assert f'value="{colleague.pk}"' in page
    assert stranger.user.full_name not in page
    refused = text_of(web.post(url("assign", application), {"reviewer": stranger.pk}), 422)
    assert stranger.user.full_name not in refused
    assert Assignment.objects.count() == 0


def test_whole_way_of_the_lead(web, lead):
    review = in_review(lead)
    application = review.application
    assert "Confirm the MCP score" not in text_of(web.get(url("application", application)))
    hand_in(review.sheet, 61)
    assert "Confirm 61 points" in text_of(web.get(url("application", application)))
    assert web.post(url("confirm", application)).status_code == 302
    page = text_of(web.get(url("application", application)))
    assert "Now recommend the application or not" in page
    assert "Save the recommendation" in page
    data = {"recommended": "no", "reason": "The plan has no dates.", "note": "Call them."}
    assert web.post(url("recommend", application), data).status_code == 302
    application.refresh_from_db()
    assert (application.status, application.recommended) == (Status.SCORED, None)
    page = text_of(web.get(url("application", application)))
    assert "Your recommendation is prepared. DHCS sees it once you hand it over." in page
    mark = recommending.ready_counts(application.cycle, lead).mark
    assert web.post(reverse("scoring:hand_over"), {"mark": mark}).status_code == 302
    application.refresh_from_db()
    assert (application.status, application.recommended) == (Status.NOT_RECOMMENDED, False)
    assert application.recommendation_reason == "The plan has no dates."
    page = text_of(web.get(url("application", application)))
    assert "1 application is handed over to DHCS." in page
    assert "Scores and recommendation are locked." in page
    assert "Save the recommendation" not in page


def test_recommend_without_a_reason_keeps_what_was_typed(web, lead):
    application = scored(lead=lead).application
    data = {"recommended": "yes", "reason": "", "note": "Ask about the staff."}
    page = text_of(web.post(url("recommend", application), data), 422)
    assert 'href="#id_reason"' in page
    assert "Ask about the staff.</textarea>" in page
    application.refresh_from_db()
    assert application.status == Status.SCORED


def test_confirm_with_an_open_sheet_names_who_is_waited_for(web, lead):
    review = in_review(lead)
    page = text_of(web.post(url("confirm", review.application)), 409)
    assert f"Still to submit their scores: {review.reviewer.user.full_name}." in page
    review.application.refresh_from_db()
    assert review.application.status == Status.IN_REVIEW


def test_sheets_far_apart_are_pointed_out(web, lead):
    review = in_review(lead)
    second = give(review.application, lead)
    hand_in(review.sheet, 50)
    hand_in(second, 59)
    near = text_of(web.get(url("application", review.application)))
    assert "The sheets are far apart" not in near

    other = in_review(lead)
    second = give(other.application, lead)
    hand_in(other.sheet, 50)
    hand_in(second, 60)
    far = text_of(web.get(url("application", other.application)))
    assert "The sheets are far apart" in far
    assert "They differ by 10 points; the program's limit is 9." in far


@pytest.mark.parametrize("act", ACTS)
def test_another_plans_application_does_not_exist(as_hat, lead, act):
    application = submitted(lead)
    stranger = a_lead()
    web = as_hat(stranger)
    assert web.get(url("application", application)).status_code == 404
    assert web.post(url(act, application), body_for(stranger, act)).status_code == 404
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert ApplicationTransition.objects.count() == 0


def test_draft_that_names_the_plan_does_not_exist(web, lead):
    draft = ApplicationFactory(designated_mcp=lead.organisation)
    assert web.get(url("application", draft)).status_code == 404
    cycle_page = text_of(web.get(reverse("scoring:applications")))
    assert draft.reference not in cycle_page


OUTSIDERS = ["reviewer", "owner", "analyst", "auditor"]
NOT_THEIRS = [
    (who, act) for who in OUTSIDERS for act in ACTS if (who, act) != ("analyst", "return")
]


@pytest.mark.parametrize(("who", "act"), NOT_THEIRS)
def test_who_sees_the_application_but_does_not_lead_may_not_act(as_hat, lead, act, who):
    review = in_review(lead)
    hat = {
        "reviewer": lambda: review.reviewer,
        "owner": lambda: MembershipFactory(organisation=review.application.practice),
        "analyst": lambda: MembershipFactory(role=Role.DHCS_ANALYST),
        "auditor": lambda: MembershipFactory(role=Role.AUDITOR),
    }[who]()
    web = as_hat(hat)
    assert web.get(url("application", review.application)).status_code == 403
    answer = web.post(url(act, review.application), body_for(lead, act))
    assert answer.status_code == 403
    review.application.refresh_from_db()
    assert review.application.status == Status.IN_REVIEW
    assert ApplicationTransition.objects.count() == 1


def test_list_shows_this_plans_applications_with_progress(web, lead):
    cycle = CycleFactory()
    waiting = submitted(lead, cycle=cycle)
    review = in_review(lead, cycle=cycle)
    done = in_review(lead, cycle=cycle)
    hand_in(done.sheet)
    foreign = submitted(a_lead(), cycle=cycle)
    page = text_of(web.get(reverse("scoring:applications")))
    for application in (waiting, review.application, done.application):
        assert application.reference in page
    assert foreign.reference not in page
    assert "Nobody yet" in page
    assert "0 of 18 criteria" in page
    assert "Scores submitted" in page

    only = text_of(web.get(reverse("scoring:applications"), {"status": "submitted"}))
    assert waiting.reference in only
    assert review.application.reference not in only


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "%00"])
def test_list_takes_any_page_mark(web, lead, after):
    application = submitted(lead)
    page = text_of(web.get(reverse("scoring:applications"), {"after": after}))
    assert application.reference in page


def test_list_pages_give_every_row_once(web, lead):
    cycle = CycleFactory()
    references = [submitted(lead, cycle=cycle).reference for _ in range(53)]
    address, found, pages = reverse("scoring:applications"), [], 0
    while address:
        page = text_of(web.get(address))
        found += re.findall(r"EPT\d*-\d{6}-\d", page)
        pages += 1
        more = page.split('href="?after=')[1:]
        address = more and f"{reverse('scoring:applications')}?after={more[0].split(chr(34))[0]}"
    assert pages == 2
    assert list(dict.fromkeys(found)) == references
    assert len(found) == len(references)


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_one_row_and_three(as_hat, lead, rows, django_assert_num_queries):
    cycle = CycleFactory()
    for _ in range(rows):
        in_review(lead, cycle=cycle)
    web = as_hat(lead)
    web.get(reverse("scoring:applications"))
    with django_assert_num_queries(9):
        page = text_of(web.get(reverse("scoring:applications")))
    assert page.count("0 of 18 criteria") == rows


def test_lead_takes_a_review_back_and_gives_it_to_another(as_hat, lead):
    review = in_review(lead)
    client, page = as_hat(lead), reverse("scoring:application", args=[review.application.pk])
    assert "Take the review back from" in client.get(page).content.decode()
    end = reverse("scoring:end", args=[review.application.pk, review.sheet.assignment_id])
    assert client.post(end, {"reason": ""}).status_code == 422
    assert client.post(end, {"reason": "On leave"}).status_code == 302
    review.sheet.assignment.refresh_from_db()
    assert review.sheet.assignment.ended_reason == f"{lead.label}: On leave"
    assert client.post(end, {"reason": "Again"}).status_code == 404
    assert sheets_visible_to(review.reviewer).count() == 0


def test_submitted_review_can_not_be_taken_back(as_hat, lead):
    review = in_review(lead)
    hand_in(review.sheet)
    end = reverse("scoring:end", args=[review.application.pk, review.sheet.assignment_id])
    response = as_hat(lead).post(end, {"reason": "Too late"})
    assert response.status_code == 409
    assert "so the assignment stands" in response.content.decode()
