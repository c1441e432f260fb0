import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from core.forms import VERSION
from scoring.domain import calibration
from scoring.models import CalibrationRound, CalibrationScore, CalibrationSheet
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, fill, in_review
from tests.scoring.conflicting import declare
from tests.scoring.domain.test_calibration import FIRST, SECOND, finish, opened, save
from tests.scoring.grading import team

pytestmark = pytest.mark.django_db
LEAD, LIST = "/plan/calibration/", "/reviews/practice/"
SHEET = f"{LIST}{FIRST}/"


@pytest.fixture
def cycle():
    return CycleFactory()


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def reviewers(lead):
    return team(lead, "Ana Able", "Bo Brisk", "Cy Calm")


def page_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def everything(practice, points="3"):
    codes = [c.code for c in practice.cycle.definition.criteria()]
    return {f"points_{code.replace('.', '_')}": points for code in codes}


def test_lead_opens_a_round_sees_progress_and_closes_it(as_hat, lead, reviewers, cycle):
    web = as_hat(lead)
    assert "Open the practice round" in page_of(web.get(LEAD))
    response = web.post(LEAD, {"samples": [FIRST, SECOND], "required": "yes"})
    assert (response.status_code, response.url) == (302, LEAD)
    practice = CalibrationRound.objects.get()
    assert (practice.samples, practice.required, practice.plan) == (
        [FIRST, SECOND],
        True,
        lead.organisation,
    )
    finish(practice, reviewers[0])
    page = page_of(web.get(LEAD))
    assert "0 of 3 reviewers are done" in page
    assert "1 of 2" in page
    assert "Real sheets wait" in page
    assert "Open the practice round" not in page
    assert web.post(reverse("scoring:close_calibration", args=[practice.pk])).url == LEAD
    practice.refresh_from_db()
    assert practice.closed_at is not None
    assert "Open another round" in page_of(web.get(LEAD))


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"required": "no"}, "Choose at least one sample."),
        ({"samples": ["nothing"], "required": "no"}, "Choose from the answers in the list."),
        ({"samples": [FIRST]}, "Choose an answer."),
        ({"samples": [f"a{chr(0)}b"], "required": "no"}, "Choose from the answers in the list."),
    ],
)
def test_round_that_is_not_whole_opens_nothing(as_hat, lead, cycle, data, sentence):
    assert sentence in page_of(as_hat(lead).post(LEAD, data), 422)
    assert not CalibrationRound.objects.exists()


def test_second_open_round_is_refused_with_the_reason(as_hat, lead, cycle):
    opened(lead, cycle)
    page = page_of(as_hat(lead).post(LEAD, {"samples": [FIRST], "required": "no"}), 409)
    assert "A practice round is open already." in page


def test_lead_compares_the_group_with_the_reference(as_hat, lead, reviewers, cycle):
    practice = opened(lead, cycle)
    for hat, points in zip(reviewers, (1, 3, 5), strict=True):
        finish(practice, hat, points=points)
    page = page_of(as_hat(lead).get(LEAD))
    assert "3 sheets submitted" in page
    assert page.count("1 points: 1, 3 points: 1, 5 points: 1") >= 18
    assert "Agreement (Krippendorff's alpha) over all criteria" in page
    assert "The one site is in HPI quartile 1." in page
    assert re.findall(r"[−+]\d+\.0", page) == ["−54.0", "+54.0"]


def test_reviewer_scores_a_sample_and_then_sees_the_group(as_hat, lead, reviewers, cycle):
    practice = opened(lead, cycle)
    finish(practice, reviewers[1], points=5)
    web = as_hat(reviewers[0])
    assert "0 of 1 samples submitted" in page_of(web.get(LIST))
    before = page_of(web.get(SHEET))
    assert "Sample data" in before
    assert "Mixteco" in before
    assert "The one site is in HPI quartile 1." not in before
    saved = web.post(SHEET, {"points_1_1": "4"})
    assert (saved.status_code, saved.url) == (302, SHEET)
    assert CalibrationScore.objects.get(sheet__reviewer=reviewers[0]).points == 4
    page = page_of(web.get(SHEET))
    assert "<span data-total>4</span>" in page
    assert f'name="{VERSION}points_1_1" value="1"' in page
    data = everything(practice) | {f"{VERSION}points_1_1": "1", "submit": "1"}
    assert web.post(SHEET, data).url == SHEET
    after = page_of(web.get(SHEET))
    assert "1 other reviewer submitted this sample." in after
    assert "The one site is in HPI quartile 1." in after
    assert "−2.0" in after
    assert "Bo Brisk" not in after
    assert "Submitted" in page_of(web.get(LIST))


def test_submit_with_gaps_keeps_what_was_given(as_hat, lead, reviewers, cycle):
    opened(lead, cycle)
    page = page_of(as_hat(reviewers[0]).post(SHEET, {"points_1_1": "4", "submit": "1"}), 409)
    assert "Missing: 1.2, 1.3" in page
    assert CalibrationScore.objects.get().points == 4


def test_two_windows_do_not_overwrite_each_other(as_hat, lead, reviewers, cycle):
    practice = opened(lead, cycle)
    save(practice, reviewers[0], {"1.1": 2})
    save(practice, reviewers[0], {"1.1": 5}, {"1.1": 1})
    web = as_hat(reviewers[0])
    page = page_of(web.post(SHEET, {"points_1_1": "3", f"{VERSION}points_1_1": "1"}), 409)
    assert "In another window you gave 5." in page
    assert CalibrationScore.objects.get().points == 5
    assert f'name="{VERSION}points_1_1" value="2"' in page


@pytest.mark.parametrize("value", ["6", "x", "9" * 5000, f"3{chr(0)}"])
def test_points_that_are_none_are_refused_beside_the_criterion(
    as_hat, lead, reviewers, cycle, value
):
    opened(lead, cycle)
    page = page_of(as_hat(reviewers[0]).post(SHEET, {"points_1_1": value}), 422)
    assert "Choose one of the answers in the list." in page
    assert not CalibrationScore.objects.exists()


def autosave(web, value, version="0"):
    data = {"autosave": "points_1_1", "points_1_1": value, f"{VERSION}points_1_1": version}
    return web.post(SHEET, data, headers={"X-Autosave": "1"})


def test_autosave_answers_with_version_and_total(as_hat, lead, reviewers, cycle):
    practice = opened(lead, cycle)
    web = as_hat(reviewers[0])
    first = autosave(web, "4").json()
    assert (first["versions"], first["total"], first["errors"]) == ({"points_1_1": 1}, 4, {})
    stale = autosave(web, "5")
    assert (stale.status_code, stale.json()["conflicts"]["points_1_1"]["theirs"]) == (409, 4)
    assert autosave(web, "9", "1").status_code == 422
    calibration.close_round(practice)
    closed = autosave(web, "5", "1")
    assert (closed.status_code, "closed" in closed.json()["message"]) == (422, True)
    assert CalibrationScore.objects.get().points == 4


def test_closed_round_can_be_read_and_not_written(as_hat, lead, reviewers, cycle):
    practice = opened(lead, cycle)
    calibration.close_round(practice)
    web = as_hat(reviewers[0])
    assert "This practice round is closed" in page_of(web.get(SHEET))
    assert "is closed. Nothing was stored." in page_of(web.post(SHEET, {"points_1_1": "1"}), 409)
    assert not CalibrationSheet.objects.exists()


@pytest.mark.parametrize("address", [f"{LIST}{SECOND}/", f"{LIST}nothing/"])
def test_sample_that_is_not_in_the_round_is_not_there(as_hat, lead, reviewers, cycle, address):
    opened(lead, cycle)
    web = as_hat(reviewers[0])
    assert [web.get(address).status_code, web.post(address).status_code] == [404, 404]


def test_no_round_no_cycle_no_error(as_hat, lead, reviewers):
    web = as_hat(reviewers[0])
    assert "No practice round" in page_of(web.get(LIST))
    assert web.get(SHEET).status_code == 404
    assert page_of(as_hat(lead).get(LEAD))
    assert as_hat(lead).post(LEAD, {"samples": [FIRST]}).status_code == 409


def test_another_plans_round_is_neither_shown_nor_closed(as_hat, lead, reviewers, cycle):
    practice = opened(lead, cycle)
    finish(practice, reviewers[0])
    other = a_lead()
    web = as_hat(other)
    assert "Ana Able" not in page_of(web.get(f"{LEAD}?round={practice.pk}"))
    assert web.post(reverse("scoring:close_calibration", args=[practice.pk])).status_code == 404
    [stranger] = team(other, "Sam")
    assert "No practice round" in page_of(as_hat(stranger).get(LIST))


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        (Role.MCP_REVIEWER, (403, 200)),
        (Role.DHCS_ANALYST, (403, 403)),
        (Role.PRACTICE_OWNER, (403, 403)),
    ],
)
def test_who_opens_which_page(as_hat, hat_of, role, statuses):
    web = as_hat(hat_of(role))
    assert (web.get(LEAD).status_code, web.get(LIST).status_code) == statuses


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_for_one_reviewer_and_three(
    as_hat, lead, cycle, count, django_assert_num_queries
):
    practice = opened(lead, cycle, samples=[FIRST, SECOND])
    people = team(lead, *"ABC"[:count])
    for hat in people:
        finish(practice, hat)
    web, reviewer = as_hat(lead), as_hat(people[0])
    with django_assert_num_queries(7):
        web.get(LEAD)
    with django_assert_num_queries(5):
        reviewer.get(LIST)
    with django_assert_num_queries(7):
        reviewer.get(SHEET)


@pytest.fixture
def review(cycle):
    found = in_review(cycle=cycle)
    declare(found.application, found.reviewer)
    return found


def test_real_sheet_opens_after_the_required_round(as_hat, review, cycle):
    practice = opened(review.lead, cycle)
    web = as_hat(review.reviewer)
    sheet = reverse("scoring:sheet", args=[review.sheet.pk])
    assert "Finish the practice round first" in page_of(web.get(reverse("scoring:mine")))
    refused = web.get(sheet)
    assert (refused.status_code, refused.url) == (302, LIST)
    page = page_of(web.get(LIST))
    assert "finish the practice round before you score real applications" in page
    assert web.get(sheet).url == LIST
    finish(practice, review.reviewer)
    assert review.application.practice.name in page_of(web.get(sheet))
    assert "practice round" not in page_of(web.get(reverse("scoring:mine")))


def test_real_sheet_is_not_submitted_before_the_required_round(as_hat, review, cycle):
    fill(review.sheet)
    practice = opened(review.lead, cycle)
    web, save_it = as_hat(review.reviewer), reverse("scoring:save", args=[review.sheet.pk])
    page = page_of(web.post(save_it, {"submit": "1"}), 409)
    assert "finish the practice round before you score real applications" in page
    review.sheet.refresh_from_db()
    assert review.sheet.submitted_at is None
    finish(practice, review.reviewer)
    assert web.post(save_it, {"submit": "1"}).status_code == 302
    review.sheet.refresh_from_db()
    assert review.sheet.submitted_at is not None


def test_round_of_choice_stops_no_sheet_and_the_lead_reads_on(as_hat, review, cycle):
    practice = opened(review.lead, cycle, required=False)
    sheet = reverse("scoring:sheet", args=[review.sheet.pk])
    web = as_hat(review.reviewer)
    assert "Your lead opened a practice round" in page_of(web.get(reverse("scoring:mine")))
    assert web.get(sheet).status_code == 200
    CalibrationRound.objects.filter(pk=practice.pk).update(required=True)
    assert as_hat(review.lead).get(sheet).status_code == 200
    assert web.get(sheet).url == LIST
