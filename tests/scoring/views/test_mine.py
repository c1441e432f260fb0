"""The reviewer's lists: what waits, what comes next, what is done, what is given back."""

from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.models import Application, Submission
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.domain import assignments, declining, reopening, scores
from scoring.domain.declining import decline
from scoring.enums import Ending, Purpose
from scoring.models import Assignment, CriterionScore, ScoreSheet
from scoring.queries import lacking_reviewers
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.hostile import undone
from tests.scoring.building import a_lead, a_reviewer, hand_in, in_review, store, submitted
from tests.scoring.conflicting import check, declare

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory()


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
def give(lead, hat, cycle):
    """Return a function that gives the reviewer a new application; answered unless said otherwise."""

    def make(*, answered=True, **kwargs):
        application = submitted(lead, cycle=kwargs.pop("cycle", cycle), **kwargs)
        sheet = assignments.assign(application, reviewer=hat, by=lead).sheet
        application.refresh_from_db()
        if answered:
            declare(application, hat)
        return sheet

    return make


def sign_again(sheet):
    """Store a second submission of an application whose first one the reviewer has read."""
    Assignment.objects.filter(pk=sheet.assignment_id).update(read_submission=1)
    Submission.objects.create(
        application=sheet.assignment.application, number=2, content="{}", sha256="0" * 64,
        signed_name="Ana", signed_title="Owner", signed_by="Ana", created_at=timezone.now(),
    )  # fmt: skip


def move(sheet, status, **columns):
    found = Application.objects.filter(pk=sheet.assignment.application_id)
    found.update(status=status, **columns)


def page_of(web, name="mine", **query):
    response = web.get(reverse(f"scoring:{name}"), query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def references(*sheets):
    return [sheet.assignment.application.reference for sheet in sheets]


def listed(page, *sheets):
    """Return the references of `sheets` that a page names, in its order."""
    found = {page.find(f">{text}<"): text for text in references(*sheets)}
    return [text for place, text in sorted(found.items()) if place >= 0]


def score_next(web, **data):
    response = web.post(reverse("scoring:next"), data)
    assert response.status_code == 302
    return response.url


def url(name, sheet):
    return reverse(f"scoring:{name}", args=[sheet.pk])


def long_ago(sheet):
    """The last save was two minutes ago."""
    then = timezone.now() - timedelta(minutes=2)
    CriterionScore.objects.filter(sheet=sheet).update(updated_at=then)


@pytest.mark.parametrize("name", ["mine", "done", "next", "my_conflicts", "declare_new"])
@pytest.mark.parametrize(
    "role", [r for r in Role.values if r not in (Role.MCP_LEAD, Role.MCP_REVIEWER)]
)
def test_my_reviews_are_for_plans_only(as_hat, hat_of, role, name):
    assert as_hat(hat_of(role)).get(reverse(f"scoring:{name}")).status_code == 403


def test_without_a_cycle_the_pages_say_what_will_come(as_hat):
    web = as_hat(a_reviewer(a_lead()))
    assert "Nothing to score yet" in page_of(web)
    assert "Nothing is submitted yet" in page_of(web, "done")
    assert "You have answered for every application" in page_of(web, "declare_new")
    assert "No conflicts" in page_of(web, "my_conflicts")


def test_the_list_is_in_the_order_in_which_the_work_can_be_done(web, give):
    closed, returned, waiting = give(), give(), give()
    move(closed, "scored", mcp_score=54)
    move(returned, "returned")
    move(waiting, "returned")
    move(waiting, "submitted")
    new, asked, started, corrected = give(), give(answered=False), give(), give()
    store(started, {"1.1": 3})
    store(corrected, {"1.1": 3})
    sign_again(corrected)
    sheets = [corrected, started, new, asked, waiting, returned, closed]
    page = page_of(web)
    assert listed(page, *sheets) == references(*sheets)
    states = ["Corrected: read what changed", "Started", "Not started", "Not started",
              "Corrected: waits for your lead", "With the practice for correction",
              "Scoring is over"]  # fmt: skip
    rows = page.split("<tbody>")[1].split("<tr>")[1:]
    assert [state in row for state, row in zip(states, rows, strict=True)] == [True] * 7
    assert ["Answer about conflicts first" in row for row in rows] == [
        row == rows[3] for row in rows
    ]
    assert f'<a href="{url("declare", asked)}">' in rows[3]
    assert f'<a href="{url("sheet", started)}">' in rows[1]
    assert "1 of 18 criteria" in rows[1]
    assert "7 to score" in page


def test_a_correction_that_was_read_is_no_news(web, give):
    sheet = give()
    store(sheet, {"1.1": 3})
    sign_again(sheet)
    assert "Corrected: read what changed" in page_of(web)
    Assignment.objects.update(read_submission=2)
    page = page_of(web)
    assert "Corrected" not in page
    assert "Started" in page


def test_done_and_somebody_elses_are_not_in_the_list(web, give, lead, cycle):
    mine, done = give(), give()
    other = in_review(lead, cycle=cycle).sheet
    third = give()
    Assignment.objects.filter(pk=third.assignment_id).update(purpose=Purpose.THIRD_READER)
    hand_in(done, 61)
    page = page_of(web)
    assert listed(page, mine, done, other, third) == references(mine, third)
    assert page.count("Third reader") == 1
    assert "1 of 3 reviews submitted" in page
    page = page_of(web, "done")
    assert listed(page, mine, done, other) == references(done)
    assert "61 of 90" in page


def test_a_lead_who_reviews_finds_the_lists_by_tabs(as_hat, lead, web):
    tab = f'<a href="{reverse("scoring:done")}"'
    assert f"{tab}>Done" in page_of(as_hat(lead))
    assert 'class="tabs"' not in page_of(web)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_three(web, give, rows, django_assert_num_queries):
    for _ in range(rows):
        give(answered=False)
    page_of(web)
    with django_assert_num_queries(7):
        assert page_of(web).count("0 of 18 criteria") == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_what_is_done_costs_the_same_for_one_row_and_three(
    web, give, rows, django_assert_num_queries
):
    for _ in range(rows):
        hand_in(give())
    page_of(web, "done")
    with django_assert_num_queries(5):
        assert page_of(web, "done").count("54 of 90") == rows


def pages(web, name, sheets):
    """Go from page to page; return the references in order."""
    found, link = [], ""
    while True:
        page = page_of(web, name, **({"after": link} if link else {}))
        found += listed(page, *sheets)
        if "?after=" not in page:
            return found
        link = page.split("?after=")[1].split('"')[0]


def test_every_review_is_on_one_page_exactly(web, give, monkeypatch):
    monkeypatch.setattr("scoring.views.mine.PAGE_SIZE", 2)
    sheets = [give() for _ in range(5)]
    store(sheets[3], {"1.1": 2})
    order = [sheets[3], *sheets[:3], sheets[4]]
    assert pages(web, "mine", sheets) == references(*order)
    for sheet in sheets:
        hand_in(sheet)
    ScoreSheet.objects.update(submitted_at=timezone.now())
    assert pages(web, "done", sheets) == references(*reversed(sheets))


@pytest.mark.parametrize("after", ["x", "1", "-", "9" * 30, "1-x", "²-1", "\x00", "0-99999999"])
def test_a_place_that_is_none_shows_a_page(web, give, after):
    give()
    for name in ("mine", "done", "my_conflicts"):
        page_of(web, name, after=after)


def test_the_load_is_shown_by_cycle_when_there_are_several(web, give, cycle):
    give()
    assert "Your reviews by cycle" not in page_of(web)
    now = timezone.now()
    later = CycleFactory(title="EPT Cohort 2", scoring_due_at=cycle.scoring_due_at + timedelta(30))
    assert later.opens_at <= now
    there = give(cycle=later)
    hand_in(give(cycle=later))
    page = page_of(web)
    assert listed(page, there) == []
    row = page.split("Your reviews by cycle")[1].split("EPT Cohort 2")[1]
    assert row.split('class="num"')[1].split(">")[1].split("<")[0] == "1"
    assert listed(page_of(web, cycle=later.slug), there) == references(there)


def test_score_next_opens_the_first_that_can_be_scored(web, give):
    returned = give()
    move(returned, "returned")
    new, started = give(), give()
    store(started, {"1.1": 2})
    long_ago(started)
    assert score_next(web) == url("sheet", started)
    assert score_next(web, skip=started.pk) == url("sheet", new)
    hand_in(started)
    assert score_next(web) == url("sheet", new)


def test_score_next_leaves_what_was_saved_a_moment_ago_in_another_window(web, give):
    first, second = give(), give()
    store(first, {"1.1": 2})
    assert score_next(web) == url("sheet", second)
    store(second, {}, {"1.1": "Why"})
    assert score_next(web) == url("sheet", first)


def test_score_next_asks_about_conflicts_first(web, give):
    sheet = give(answered=False)
    assert score_next(web) == url("declare", sheet)


def test_score_next_leaves_what_is_ended_void_or_not_mine(web, give, lead, hat, cycle):
    ended, conflicted = give(), give()
    in_review(lead, cycle=cycle)
    assignments.end(ended.assignment, reason="On leave", by=lead)
    declare(conflicted.assignment.application, hat, "family")
    assert score_next(web) == reverse("scoring:mine")
    assert "Nothing else waits for you to score." in page_of(web)
    mine = give()
    assert score_next(web, skip="x") == url("sheet", mine)
    assert score_next(web, skip=mine.pk) == reverse("scoring:mine")


def test_score_next_goes_to_another_cycle_when_this_one_is_done(web, give, cycle):
    later = CycleFactory(scoring_due_at=cycle.scoring_due_at + timedelta(30))
    there, here = give(cycle=later), give()
    assert score_next(web) == url("sheet", here)
    hand_in(here)
    assert score_next(web) == url("sheet", there)


def test_a_declined_review_goes_back_to_the_lead(web, give, lead, hat, cycle):
    sheet = give()
    store(sheet, {"1.1": 2})
    barred = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    application = sheet.assignment.application
    check(application, barred.user)
    OutboxEmail.objects.all().delete()
    response = web.post(url("decline", sheet), {"reason": "I am on leave <soon>."})
    assert (response.status_code, response.url) == (302, reverse("scoring:mine"))
    assert "You declined the review." in page_of(web)
    assignment = Assignment.objects.get()
    assert (assignment.ended_kind, assignment.ended_at is None) == (Ending.DECLINED, False)
    assert assignment.ended_reason == f"{hat.label}: I am on leave <soon>."
    email = OutboxEmail.objects.get()
    assert (email.kind, email.to) == ("declined", lead.user.email)
    assert hat.user.full_name in email.subject
    assert "Reason: I am on leave <soon>." in email.body
    assert reverse("scoring:application", args=[application.pk]) in email.body
    assert list(lacking_reviewers(lead.organisation, cycle, 1)) == [application]
    assert web.get(url("decline", sheet)).status_code == 404
    assert web.get(url("sheet", sheet)).status_code == 404


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001, "a\x00b"])
def test_declining_needs_a_reason_that_can_be_stored(web, give, reason):
    sheet = give()
    response = web.post(url("decline", sheet), {"reason": reason})
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    assert Assignment.objects.get().ended_at is None


def test_submitted_scores_are_not_declined(web, give):
    sheet = give()
    hand_in(sheet)
    assert "Your scores are submitted" in web.get(url("decline", sheet)).content.decode()
    response = web.post(url("decline", sheet), {"reason": "Too late"})
    page = unescape(response.content.decode())
    assert response.status_code == 409
    assert "Your scores are submitted, so you can't decline." in page
    assert "Too late" in page
    assert Assignment.objects.get().ended_at is None


def test_declining_twice_tells_once_and_what_ended_otherwise_says_so(give, hat, lead):
    sheet, taken = give(), give()
    OutboxEmail.objects.all().delete()
    for _ in range(2):
        decline(sheet.assignment, reason="On leave", by=hat)
    assert OutboxEmail.objects.count() == 1
    assignments.end(taken.assignment, reason="Mine", by=lead)
    with pytest.raises(WrongState, match="ended already"):
        decline(taken.assignment, reason="On leave", by=hat)


@pytest.mark.parametrize(("who", "reason"), [("lead", "On leave"), ("hat", "  ")])
def test_only_the_reviewer_declines_and_says_why(give, lead, hat, who, reason):
    sheet = give()
    by = {"lead": lead, "hat": hat}[who]
    with pytest.raises(DomainError):
        declining.decline(sheet.assignment, reason=reason, by=by)
    assert Assignment.objects.get().ended_at is None


def test_a_review_that_went_back_to_the_practice_starts_again_as_mine(web, give, lead):
    sheet = give()
    hand_in(sheet)
    application = sheet.assignment.application
    scores.return_to_practice(application, reason="Add the members.", by=lead)
    assert "With the practice for correction" in page_of(web)
    with undone():
        assert score_next(web) == reverse("scoring:mine")
    assert Application.objects.get().status == "returned"


def test_a_reopened_sheet_says_so_with_the_first_words_of_the_reason(web, give, lead):
    sheet, other = give(), give()
    hand_in(sheet)
    for reason in ("Once", "The budget of criterion 4.2 counts staff twice; " + "look " * 30):
        reopening.reopen(sheet, reason=reason, by=lead)
        sheet.refresh_from_db()
        if reason == "Once":
            hand_in(sheet)
    page = page_of(web)
    assert listed(page, other, sheet) == references(sheet, other)
    assert page.count("Reopened") == 1
    assert "The budget of criterion 4.2 counts staff twice; look look look look…<" in page


def test_a_reviewer_finds_scoring_offline_and_a_sheet_to_take_along(web, give):
    sheet = give()
    assert f'href="{reverse("scoring:offline")}"' in page_of(web)
    page = unescape(web.get(url("sheet", sheet)).content.decode())
    link = f"{reverse('scoring:offline_form')}?sheet={sheet.pk}"
    assert f'href="{link}"' in page
    assert web.get(link)["Content-Type"].endswith("spreadsheetml.sheet")
