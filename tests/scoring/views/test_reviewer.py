import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import Status
from core.forms import VERSION
from notifications.models import OutboxEmail
from scoring.domain import assignments, calibration, scores
from scoring.forms.sheets import COMMENT, POINTS, field_name
from scoring.models import CriterionComment, CriterionNote, CriterionScore
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import (
    a_lead,
    a_reviewer,
    codes_of,
    fill,
    hand_in,
    in_review,
    store,
)
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db


@pytest.fixture
def review():
    found = in_review()
    declare(found.application, found.reviewer)
    return found


@pytest.fixture
def sheet(review):
    return review.sheet


@pytest.fixture
def web(as_hat, review):
    return as_hat(review.reviewer)


def url(name, sheet):
    return reverse(f"scoring:{name}", args=[sheet.pk])


def points(code):
    return field_name(POINTS, code)


def comment(code):
    return field_name(COMMENT, code)


def text_of(response, status):
    assert response.status_code == status
    return unescape(response.content.decode())


def stored(sheet):
    return dict(CriterionScore.objects.filter(sheet=sheet).values_list("code", "points"))


def autosave(web, sheet, name, value, version=0):
    data = {"autosave": name, name: value, f"{VERSION}{name}": str(version)}
    return web.post(url("save", sheet), data, headers={"X-Autosave": "1"})


def test_save_keeps_a_part_of_the_sheet_and_comes_back_to_it(web, sheet):
    response = web.post(url("save", sheet), {points("1.1"): "4", comment("1.1"): "Good"})
    assert (response.status_code, response.url) == (302, url("sheet", sheet))
    assert stored(sheet) == {"1.1": 4}
    page = text_of(web.get(response.url), 200)
    assert "Saved at " in page
    assert "<span data-total>4</span>" in page
    assert "<span data-missing>17</span>" in page
    assert "Good</textarea>" in page
    assert f'name="{VERSION}{points("1.1")}" value="1"' in page


def test_submit_locks_the_sheet_and_goes_to_my_reviews(web, review, sheet):
    fill(sheet, 61)
    response = web.post(url("save", sheet), {"submit": "1"})
    assert (response.status_code, response.url) == (302, reverse("scoring:mine"))
    sheet.refresh_from_db()
    assert (sheet.total, sheet.submitted_by) == (61, review.reviewer.label)
    assert OutboxEmail.objects.filter(kind="scored").count() == 1
    page = text_of(web.get(url("sheet", sheet)), 200)
    assert f"Submitted by {review.reviewer.user.full_name}" in page
    assert "Submit scores" not in page
    assert "data-autosave" not in page


def test_submit_with_something_missing_keeps_what_was_typed(web, sheet):
    data = {points("1.1"): "5", comment("1.1"): "Every step is named.", "submit": "1"}
    page = text_of(web.post(url("save", sheet), data), 409)
    assert "These criteria have no points yet: " + ", ".join(codes_of(sheet)[1:]) in page
    assert "Every step is named.</textarea>" in page
    assert f'name="{VERSION}{points("1.1")}" value="1"' in page
    assert stored(sheet) == {"1.1": 5}
    sheet.refresh_from_db()
    assert not sheet.is_submitted


def test_points_that_are_no_level_are_named_and_the_rest_is_stored(web, sheet):
    page = text_of(web.post(url("save", sheet), {points("1.1"): "7", points("1.2"): "2"}), 422)
    assert "error-summary" in page
    assert f'href="#id_{points("1.1")}_0"' in page
    assert stored(sheet) == {"1.2": 2}


def test_two_tabs_show_both_versions_and_overwrite_nothing(web, sheet):
    first = {points("1.1"): "4", comment("1.1"): "From the first tab"}
    second = {points("1.1"): "2", comment("1.1"): "From the second tab", points("1.2"): "3"}
    assert web.post(url("save", sheet), first).status_code == 302
    page = text_of(web.post(url("save", sheet), second), 409)
    assert "Somebody else changed this after you opened the page" in page
    assert '<blockquote class="answer__text">4</blockquote>' in page
    assert '<blockquote class="answer__text">From the first tab</blockquote>' in page
    assert "From the second tab</textarea>" in page
    assert f'name="{VERSION}{points("1.1")}" value="1"' in page
    assert f'name="{VERSION}{points("1.2")}" value="1"' in page
    assert stored(sheet) == {"1.1": 4, "1.2": 3}
    assert CriterionComment.objects.get().text == "From the first tab"

    known = {f"{VERSION}{points('1.1')}": "1", f"{VERSION}{comment('1.1')}": "1"}
    known[f"{VERSION}{points('1.2')}"] = "1"
    assert web.post(url("save", sheet), second | known).status_code == 302
    assert stored(sheet) == {"1.1": 2, "1.2": 3}
    assert CriterionComment.objects.get().text == "From the second tab"


def test_conflict_with_zero_points_shows_the_zero(web, sheet):
    web.post(url("save", sheet), {points("1.1"): "0"})
    page = text_of(web.post(url("save", sheet), {points("1.1"): "2"}), 409)
    assert '<blockquote class="answer__text">0</blockquote>' in page


def test_submit_is_not_done_while_a_value_is_in_conflict(web, sheet):
    fill(sheet)
    page = text_of(web.post(url("save", sheet), {points("1.1"): "1", "submit": "1"}), 409)
    assert "Nothing was overwritten" in page
    sheet.refresh_from_db()
    assert not sheet.is_submitted


def test_second_click_on_submit_ends_like_the_first(web, sheet):
    fill(sheet)
    for _ in range(2):
        response = web.post(url("save", sheet), {"submit": "1"})
        assert (response.status_code, response.url) == (302, reverse("scoring:mine"))
    assert OutboxEmail.objects.filter(kind="scored").count() == 1


def test_autosave_answers_with_version_and_total(web, sheet):
    store(sheet, {"1.2": 3})
    answer = autosave(web, sheet, points("1.1"), "4")
    assert answer.status_code == 200
    saved = answer.json()
    assert saved.pop("saved_at")
    assert saved == {"versions": {points("1.1"): 1}, "errors": {}, "total": 7}
    assert stored(sheet) == {"1.2": 3, "1.1": 4}


def as_a_browser(web, sheet, **changed):
    """Return all that the page posts: every field with its value and its version."""
    page = unescape(web.get(url("sheet", sheet)).content.decode())
    hidden = re.findall(rf'name="({VERSION}[^"]+)" value="(\d+)"', page)
    radios = re.findall(r'type="radio" name="([^"]+)" value="(\d)"[^>]* checked', page)
    texts = re.findall(r'<textarea name="([^"]+)"[^>]*>\n([^<]*)</textarea>', page)
    return dict([*hidden, *radios, *texts]) | changed


def test_submit_of_what_is_stored_already_costs_little(
    web, review, sheet, django_assert_num_queries
):
    for _ in range(2):  # they don't count
        MembershipFactory(role=Role.MCP_LEAD, organisation=review.lead.organisation)
    fill(sheet, 61)
    data = as_a_browser(web, sheet, submit="1")
    assert len(data) == 18 * 6 + 1
    with django_assert_num_queries(12):  # 10, and a savepoint of the test's transaction
        assert web.post(url("save", sheet), data).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.total, sheet.given, sheet.is_submitted) == (61, 18, True)
    assert set(CriterionScore.objects.values_list("version", flat=True)) == {1}
    assert OutboxEmail.objects.filter(kind="scored").count() == 3


def test_submit_of_a_whole_form_with_other_points_costs_one_query_more(
    web, sheet, django_assert_num_queries
):
    fill(sheet, 54)
    data = as_a_browser(web, sheet, submit="1")
    data |= {points(code): "2" for code in codes_of(sheet)}
    with django_assert_num_queries(13):  # 11, and a savepoint of the test's transaction
        assert web.post(url("save", sheet), data).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.total, sheet.is_submitted) == (36, True)


@pytest.mark.parametrize("quietly", [True, False])
def test_a_save_is_refused_while_a_required_practice_round_waits(web, review, sheet, quietly):
    cycle = review.application.cycle
    sample = cycle.definition.samples[0].key
    practice = calibration.open_round(
        review.lead.organisation, cycle=cycle, samples=[sample], required=True, by=review.lead
    )
    if quietly:
        answer = autosave(web, sheet, comment("1.1"), "Typed before")
        assert answer.status_code == 422
        assert "finish the practice round" in answer.json()["message"]
    else:
        answer = web.post(url("save", sheet), {comment("1.1"): "Typed before"})
        page = text_of(answer, 409)
        assert "finish the practice round" in page
        assert "Typed before</textarea>" in page
    assert not CriterionComment.objects.exists()
    calibration.close_round(practice)
    assert autosave(web, sheet, comment("1.1"), "Typed before").status_code == 200
    assert CriterionComment.objects.get().text == "Typed before"


def test_submit_stores_what_is_new_and_counts_it(web, sheet):
    fill(sheet, 54)
    data = as_a_browser(web, sheet, submit="1")
    data |= {points("1.1"): "4", comment("1.2"): "Clearer", "note_1_3": "Ask Ben"}
    assert web.post(url("save", sheet), data).status_code == 302
    sheet.refresh_from_db()
    assert (sheet.total, sheet.is_submitted) == (55, True)
    changed = CriterionScore.objects.filter(version=2).values_list("code", "points")
    assert list(changed) == [("1.1", 4)]
    assert CriterionComment.objects.get(version=2).text == "Clearer"
    assert CriterionNote.objects.get().text == "Ask Ben"


def test_submit_of_the_same_words_on_an_older_version_is_no_conflict(web, sheet):
    fill(sheet)
    data = as_a_browser(web, sheet, submit="1")
    store(sheet, {}, {"1.1": "Better words"})
    data[comment("1.1")] = "Better words"
    assert web.post(url("save", sheet), data).status_code == 302
    sheet.refresh_from_db()
    assert sheet.is_submitted


def test_second_tab_that_submits_other_words_later_gets_them_back(web, sheet):
    fill(sheet)
    data = as_a_browser(web, sheet, submit="1")
    assert web.post(url("save", sheet), data).status_code == 302
    page = text_of(web.post(url("save", sheet), data | {comment("1.1"): "Late words"}), 409)
    assert "This sheet is submitted and can't be changed. Nothing was stored." in page
    assert "Late words</textarea>" in page
    assert not CriterionComment.objects.filter(text="Late words").exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_saving_costs_the_same_whatever_is_stored(web, sheet, rows, django_assert_num_queries):
    codes = codes_of(sheet)[:rows]
    store(sheet, dict.fromkeys(codes, 3), dict.fromkeys(codes, "Why"))
    whole = {comment(code): "Why" for code in codes} | {points(code): "4" for code in codes}
    whole |= {VERSION + name: "1" for name in whole}
    with django_assert_num_queries(9):  # 7, and a savepoint of the test's transaction
        assert web.post(url("save", sheet), whole).status_code == 302
    assert stored(sheet) == dict.fromkeys(codes, 4)
    with django_assert_num_queries(8):
        assert autosave(web, sheet, points(codes[0]), "2", version=2).status_code == 200
    assert stored(sheet)[codes[0]] == 2


def test_autosave_hands_back_the_other_version(web, sheet):
    store(sheet, {}, {"1.1": "From the other tab"})
    answer = autosave(web, sheet, comment("1.1"), "Mine")
    assert answer.status_code == 409
    found = answer.json()["conflicts"][comment("1.1")]
    assert found.pop("at")
    assert found == {
        "theirs": "From the other tab",
        "version": 1,
        "by": sheet.assignment.reviewer.user.full_name,
    }
    assert CriterionComment.objects.get().text == "From the other tab"


def test_autosave_names_the_error_and_stores_nothing(web, sheet):
    answer = autosave(web, sheet, points("1.1"), "9")
    assert answer.status_code == 422
    assert list(answer.json()) == ["errors"]
    assert list(answer.json()["errors"]) == [points("1.1")]
    assert stored(sheet) == {}


def test_autosave_of_a_field_that_does_not_exist_stores_nothing(web, sheet):
    answer = autosave(web, sheet, "points_9_9", "4")
    assert (answer.status_code, answer.json()["errors"]) == (422, {})
    assert stored(sheet) == {}


def test_autosave_of_a_locked_sheet_says_so(web, sheet):
    hand_in(sheet)
    answer = autosave(web, sheet, points("1.1"), "1", version=1)
    assert answer.status_code == 422
    sentence = "This sheet is submitted and can't be changed. Nothing was stored."
    assert answer.json() == {"message": sentence, "errors": {points("1.1"): [sentence]}}
    assert stored(sheet)["1.1"] == 3


@pytest.mark.parametrize("name", ["sheet", "save"])
def test_sheet_of_somebody_else_does_not_exist(as_hat, review, sheet, name):
    hats = [
        a_reviewer(review.lead),
        a_lead(),
        MembershipFactory(organisation=review.application.practice),
        MembershipFactory(role=Role.DHCS_ANALYST),
        MembershipFactory(role=Role.MILESTONE_REVIEWER),
    ]
    for hat in hats:
        web = as_hat(hat)
        assert web.get(url(name, sheet)).status_code == 404
        assert web.post(url(name, sheet), {points("1.1"): "1"}).status_code == 404
    assert stored(sheet) == {}


def test_review_that_was_taken_back_is_gone_and_gives_back_what_was_typed(web, review, sheet):
    assignments.end(sheet.assignment, reason="On leave", by=review.lead)
    assert web.get(url("sheet", sheet)).status_code == 404
    page = text_of(web.post(url("save", sheet), {comment("1.1"): "Half an hour of work"}), 409)
    sentence = "This review was taken back. Nothing was stored."
    assert sentence in page
    assert "Half an hour of work</textarea>" in page
    assert review.application.practice.name not in page
    answer = autosave(web, sheet, comment("1.1"), "More")
    assert answer.status_code == 422
    assert answer.json() == {"message": sentence, "errors": {comment("1.1"): [sentence]}}
    assert CriterionComment.objects.count() == 0


def test_lead_reads_the_sheet_and_may_not_write_it(as_hat, review, sheet):
    fill(sheet, 54, comment="Named in section two")
    web = as_hat(review.lead)
    page = text_of(web.get(url("sheet", sheet)), 200)
    assert f"{review.reviewer.user.full_name} is scoring this. You can read it here." in page
    assert "Named in section two" in page
    assert "Submit scores" not in page
    assert web.post(url("save", sheet), {points("1.1"): "1"}).status_code == 403
    assert stored(sheet)["1.1"] == 3


def test_dhcs_reads_a_submitted_sheet_and_may_not_write_it(as_hat, sheet, analyst):
    hand_in(sheet)
    web = as_hat(analyst)
    assert "Submitted by" in text_of(web.get(url("sheet", sheet)), 200)
    assert web.post(url("save", sheet), {points("1.1"): "1"}).status_code == 403


def test_every_link_of_the_sheet_leads_somewhere_for_dhcs(as_hat, sheet, analyst):
    hand_in(sheet)
    web = as_hat(analyst)
    back = text_of(web.get(url("sheet", sheet)), 200).split('<nav class="back"')[1]
    href = back.split('href="')[1].split('"')[0]
    assert web.get(href).status_code == 200


def test_sheet_of_a_returned_application_can_be_read_only(web, review, sheet):
    scores.return_to_practice(review.application, reason="Add members.", by=review.lead)
    page = text_of(web.get(url("sheet", sheet)), 200)
    assert "Submit scores" not in page
    refused = text_of(web.post(url("save", sheet), {points("1.1"): "1"}), 409)
    assert "so its scores can't change now" in refused
    assert stored(sheet) == {}


def test_status_of_the_application_is_untouched_by_saving(web, review, sheet):
    web.post(url("save", sheet), {points("1.1"): "4"})
    review.application.refresh_from_db()
    assert review.application.status == Status.IN_REVIEW
