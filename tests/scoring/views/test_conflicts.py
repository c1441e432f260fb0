"""Conflicts of interest on one application, as the lead of its plan sees and notes them."""

from html import unescape

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.enums import Role
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from applications.queries import applications_visible_to
from core.times import short
from notifications.models import OutboxEmail
from scoring.domain import conflicts
from scoring.domain.declining import decline
from scoring.enums import Ending
from scoring.models import Assignment, ScoreSheet
from scoring.views.conflicts import conflict_context
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead, a_reviewer, give, hand_in, in_review, scored, submitted
from tests.scoring.conflicting import check, declare

pytestmark = pytest.mark.django_db
FAILED, PASSED = ConflictOutcome.FAILED, ConflictOutcome.PASSED


@pytest.fixture
def review():
    review = in_review()
    OutboxEmail.objects.all().delete()
    return review


@pytest.fixture
def web(as_hat, review):
    return as_hat(review.lead)


def url(review, name="conflicts"):
    return reverse(f"scoring:{name}", args=[review.application.pk])


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def noted(review, **changes):
    return {
        "person": review.reviewer.pk, "rule": "helped", "reason": "She told me <so>.", **changes,
    }  # fmt: skip


def people(review):
    """Return {name: (summary, states of the reviews)} of the lead's view."""
    rows = conflict_context(review.application, review.lead)["conflict_people"]
    return {
        row["name"]: (str(row["summary"]), [str(one["state"]) for one in row["reviews"]])
        for row in rows
    }


def partial(review):
    context = conflict_context(review.application, review.lead)
    return unescape(render_to_string("scoring/partials/conflicts.html", context))


def test_each_rule_of_each_reviewer_has_an_outcome(web, review):
    second = give(review.application, review.lead).assignment.reviewer
    declare(review.application, review.reviewer, "other")
    assert people(review) == {
        review.reviewer.user.full_name: ("1 conflict", ["Reviewing"]),
        second.user.full_name: ("Not answered yet", ["Reviewing"]),
    }
    rows = conflict_context(review.application, review.lead)["conflict_people"]
    [row] = [row for row in rows if row["person"] == review.reviewer.user_id]
    outcomes = [(rule["hard"], rule["outcome"]) for rule in row["rules"]]
    assert outcomes == [(True, PASSED), (False, PASSED), *[(True, PASSED)] * 4, (False, FAILED)]
    page = text_of(web.get(url(review)))
    stated = ConflictCheck.objects.get(rule="other")
    assert f"{review.reviewer.label}, {short(stated.stated_at)}: declared by the reviewer" in page
    assert "We sang in one choir." in page
    assert page.count("Not answered yet") == 6
    assert "Warns" in page


def test_the_lead_notes_a_conflict_and_the_review_ends(web, review):
    hand_in(review.sheet, 61)
    response = web.post(url(review), noted(review))
    assert (response.status_code, response.url) == (302, url(review))
    page = text_of(web.get(response.url))
    assert "The conflict is noted and the review has ended. Choose another reviewer." in page
    assert "She told me <so>." in page
    row = ConflictCheck.objects.get()
    assert (row.source, row.rule, row.stated_by) == ("lead", "helped", review.lead.label)
    assert Assignment.objects.get().ended_kind == Ending.CONFLICT
    name = review.reviewer.user.full_name
    assert people(review) == {name: ("1 conflict", ["Void: 61 points do not count"])}
    sheet = reverse("scoring:sheet", args=[review.sheet.pk])
    assert f'href="{sheet}">Read the void sheet' in partial(review)
    assert web.get(sheet).status_code == 200
    assert list(applications_visible_to(review.reviewer)) == []


def test_a_confirmed_score_that_holds_void_points_is_said(as_hat):
    review = scored()
    web = as_hat(review.lead)
    web.post(url(review), noted(review))
    assert "The confirmed MCP score still holds its points" in text_of(web.get(url(review)))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"person": ""}, "Choose an answer."),
        ({"person": "999999"}, "Choose one of the answers in the list."),
        ({"rule": "same_tin"}, "Choose one of the answers in the list."),
        ({"rule": ""}, "Choose an answer."),
        ({"reason": "  "}, "Write why this is a conflict of interest."),
        ({"reason": "x" * 2001}, "Shorten this to 2000 characters."),
        ({"reason": "a\x00b"}, "a null character"),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_stays(web, review, changes, sentence):
    page = text_of(web.post(url(review), noted(review, **changes)), 422)
    assert sentence in page
    assert "error-summary" in page
    assert ("She told me <so>." in page) == ("reason" not in changes)
    assert ConflictCheck.objects.count() == 0


def test_a_lead_notes_none_for_oneself_nor_for_another_plan(web, review):
    twin = MembershipFactory(
        role=Role.MCP_REVIEWER, organisation=review.lead.organisation, user=review.lead.user
    )
    for person in (review.lead, twin, a_reviewer(a_lead())):
        assert web.post(url(review), noted(review, person=person.pk)).status_code == 422
    assert ConflictCheck.objects.count() == 0


@pytest.mark.parametrize("source", [ConflictSource.SYSTEM, ConflictSource.SELF])
def test_a_conflict_is_cleared_with_a_reason(web, review, source):
    row = check(review.application, review.reviewer.user, source=source, note="clinic.example")
    page = text_of(web.get(url(review)))
    assert f'name="check" value="{row.pk}"' in page
    data = {"check": row.pk, "reason": "A shared mail service"}
    response = web.post(url(review, "clear_conflict"), data)
    assert (response.status_code, response.url) == (302, url(review))
    row.refresh_from_db()
    assert (row.outcome, row.stated_by) == (PASSED, review.lead.label)
    assert row.note == "clinic.example\nA shared mail service"
    assert "The conflict is cleared." in text_of(web.get(url(review)))
    assert web.post(url(review, "clear_conflict"), data).status_code == 409


@pytest.mark.parametrize("data", [{"reason": ""}, {"reason": "x" * 2001}, {"reason": "a\x00"}])
def test_clearing_needs_a_reason(web, review, data):
    row = check(review.application, review.reviewer.user)
    page = text_of(web.post(url(review, "clear_conflict"), {"check": row.pk, **data}), 422)
    assert "error-summary" in page
    assert f'name="check" value="{row.pk}"' in page
    assert ConflictCheck.objects.get().outcome == FAILED


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 40])
def test_a_conflict_that_is_no_number_gets_a_sentence(web, review, number):
    data = {"check": number, "reason": "None"}
    assert "error-summary" in text_of(web.post(url(review, "clear_conflict"), data), 422)


def test_what_is_of_another_application_or_plan_is_not_cleared(web, review):
    other = in_review(review.lead, cycle=review.application.cycle)
    foreign = check(other.application, other.reviewer.user)
    stranger = check(review.application, a_reviewer(a_lead()).user)
    for row in (foreign, stranger):
        data = {"check": row.pk, "reason": "None"}
        assert web.post(url(review, "clear_conflict"), data).status_code == 404
    assert set(ConflictCheck.objects.values_list("outcome", flat=True)) == {FAILED}


def test_a_warning_about_oneself_is_for_another_lead_to_clear(web, review):
    row = check(review.application, review.lead.user, hard=False, rule="email_domain")
    page = text_of(web.get(url(review)))
    assert "(you)" in page
    assert f'name="check" value="{row.pk}"' not in page
    data = {"check": row.pk, "reason": "None"}
    page = text_of(web.post(url(review, "clear_conflict"), data), 409)
    assert "Ask another lead to clear it." in page


def test_a_lead_with_a_conflict_sees_nothing_of_it(web, review):
    check(review.application, review.lead.user)
    for name in ("conflicts", "clear_conflict"):
        assert web.get(url(review, name)).status_code == 404
        assert web.post(url(review, name), noted(review)).status_code == 404


def test_only_leads_of_the_plan_judge(as_hat, hat_of, review):
    hats = [a_lead(), review.reviewer, *(hat_of(role) for role in Role.see_all)]
    hats.append(hat_of(Role.PRACTICE_OWNER, review.application.practice))
    for hat in hats:
        web = as_hat(hat)
        for name in ("conflicts", "clear_conflict"):
            assert web.get(url(review, name)).status_code in (403, 404)
            assert web.post(url(review, name), noted(review)).status_code in (403, 404)
    assert ConflictCheck.objects.count() == 0


def test_the_application_says_who_declined_and_why(review):
    decline(review.sheet.assignment, reason="On leave until May", by=review.reviewer)
    text = partial(review)
    assert "Declined by the reviewer" in text
    assert "On leave until May" in text
    assert url(review) in text


def test_nobody_is_known_yet():
    lead = a_lead()
    context = conflict_context(submitted(lead), lead)
    text = render_to_string("scoring/partials/conflicts.html", context)
    assert "Nobody reviews this yet" in text


def test_a_conflict_of_somebody_who_never_reviewed_is_listed(review):
    other = a_reviewer(review.lead)
    conflicts.declare_for(
        review.application, person=other, rule="family", reason="A cousin", by=review.lead
    )
    assert people(review)[other.user.full_name] == ("1 conflict", [])
    assert ScoreSheet.objects.get().voided_at is None


@pytest.mark.parametrize("rows", [1, 3])
def test_the_partial_costs_two_queries(review, rows, django_assert_num_queries):
    for _ in range(rows):
        declare(review.application, give(review.application, review.lead).assignment.reviewer)
    assert review.application.cycle.definition
    with django_assert_num_queries(2):
        partial(review)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same(web, review, rows, django_assert_num_queries):
    for _ in range(rows):
        declare(review.application, give(review.application, review.lead).assignment.reviewer)
    web.get(url(review))
    with django_assert_num_queries(6):
        text_of(web.get(url(review)))
