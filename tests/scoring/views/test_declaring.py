"""Answering the questions about conflicts of interest: one application, many, and looking back."""

from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from applications.queries import applications_readable_by, applications_visible_to
from core.exceptions import WrongState
from notifications.models import OutboxEmail
from scoring.domain import assignments, conflicts
from scoring.domain.declaring import declare_none
from scoring.enums import Ending
from scoring.models import Assignment, ScoreSheet
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, a_reviewer, fill, hand_in, in_review, submitted
from tests.scoring.conflicting import DECLARED, check, declare

pytestmark = pytest.mark.django_db
FAILED, PASSED = ConflictOutcome.FAILED, ConflictOutcome.PASSED
NEW = "scoring:declare_new"


@pytest.fixture
def review():
    review = in_review()
    OutboxEmail.objects.all().delete()
    return review


@pytest.fixture
def hat(review):
    return review.reviewer


@pytest.fixture
def web(as_hat, hat):
    return as_hat(hat)


@pytest.fixture
def more(review, hat):
    """Return a function that gives the reviewer more applications of the same cycle."""

    def make(count):
        return [
            assignments.assign(
                submitted(review.lead, cycle=review.application.cycle), reviewer=hat, by=review.lead
            ).sheet
            for _ in range(count)
        ]

    return make


def url(sheet, name="declare"):
    return reverse(f"scoring:{name}", args=[sheet.pk])


def reply(*yes, without=(), **notes):
    """Return what the page of one application sends."""
    answered = {
        f"answer_{key}": "yes" if key in yes else "no" for key in DECLARED if key not in without
    }
    return answered | {f"note_{key}": text for key, text in notes.items()}


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def said(hat):
    """Return what the person declared as {application: set of rules answered with yes}."""
    found = {}
    rows = ConflictCheck.objects.filter(person=hat.user_id, source=ConflictSource.SELF)
    for check_ in rows:
        yes = found.setdefault(check_.application_id, set())
        if check_.outcome == FAILED:
            yes.add(check_.rule)
    return found


def test_before_the_answer_only_the_name_of_the_application_is_shown(web, review):
    application = review.application
    page = text_of(web.get(url(review.sheet)))
    for word in (application.reference, application.practice.name, application.county):
        assert word in page
    assert review.lead.organisation.name in page
    rules = conflicts.conflicts.declared(application.cycle.definition.scoring.conflict_rules)
    assert [rule.label in page for rule in rules] == [True] * 5
    assert page.count("Yes takes this application from you.") == 4
    assert page.count("Yes tells your lead. You keep the application.") == 1
    assert list(applications_readable_by(review.reviewer)) == []


def test_no_to_everything_opens_the_sheet(web, review, hat):
    response = web.post(url(review.sheet), reply())
    assert (response.status_code, response.url) == (302, url(review.sheet, "sheet"))
    assert said(hat) == {review.application.pk: set()}
    assert list(applications_readable_by(hat)) == [review.application]
    assert web.get(response.url).status_code == 200


def test_an_unanswered_question_is_named_and_nothing_is_lost(web, review, hat):
    data = reply("other", without=["family"], other="We <sang> in one choir.")
    page = text_of(web.post(url(review.sheet), data), 422)
    assert 'href="#id_answer_family_0"' in page
    assert "Answer yes or no." in page
    assert "We <sang> in one choir." in page
    assert 'name="answer_other" value="yes"' in page.replace(' aria-invalid="true"', "")
    assert said(hat) == {}


def test_yes_to_a_warning_needs_a_note_and_keeps_the_application(web, review, hat):
    page = text_of(web.post(url(review.sheet), reply("other")), 422)
    assert "Write in a few words what it is." in page
    response = web.post(url(review.sheet), reply("other", other="We sang in one choir."))
    assert (response.status_code, response.url) == (302, url(review.sheet, "sheet"))
    assert said(hat) == {review.application.pk: {"other"}}
    assert ConflictCheck.objects.get(rule="other").note == "We sang in one choir."
    assert Assignment.objects.get().ended_at is None
    page = text_of(web.get(url(review.sheet)))
    assert "We sang in one choir." in page


def test_a_conflict_takes_the_application_away_and_says_so(web, review, hat):
    fill(review.sheet)
    assert "The scores you gave so far then become void." in text_of(web.get(url(review.sheet)))
    response = web.post(url(review.sheet), reply("family", family="My aunt"))
    assert (response.status_code, response.url) == (302, reverse("scoring:mine"))
    page = text_of(web.get(response.url))
    assert "You declared a conflict of interest with " + review.application.practice.name in page
    assert f'href="{url(review.sheet, "sheet")}"' not in page
    assert Assignment.objects.get().ended_kind == Ending.CONFLICT
    assert ScoreSheet.objects.get().voided_at is not None
    email = OutboxEmail.objects.get()
    assert (email.kind, email.to) == ("conflict", review.lead.user.email)
    assert "aunt" not in email.body
    assert list(applications_visible_to(hat)) == []
    for name in ("sheet", "declare", "decline", "save"):
        assert web.get(url(review.sheet, name)).status_code == 404


def test_a_second_click_leads_to_what_was_declared(web, review):
    for _ in range(2):
        response = web.post(url(review.sheet), reply("family"))
    assert (response.status_code, response.url) == (302, reverse("scoring:my_conflicts"))
    assert OutboxEmail.objects.count() == 1


def test_a_submitted_sheet_can_be_given_up_later(web, review):
    declare(review.application, review.reviewer)
    hand_in(review.sheet)
    page = text_of(web.get(url(review.sheet)))
    assert "Your submitted scores then become void." in page
    assert page.count('value="no"') == 5
    assert page.count("checked") >= 5
    web.post(url(review.sheet), reply("employment"))
    assert ScoreSheet.objects.get().voided_at is not None
    assert applications_visible_to(review.reviewer).count() == 0


def test_a_program_without_questions_goes_to_the_sheet(web, review, monkeypatch):
    monkeypatch.setattr("scoring.conflicts.declared", lambda rules: ())
    response = web.get(url(review.sheet))
    assert (response.status_code, response.url) == (302, url(review.sheet, "sheet"))


@pytest.mark.parametrize(
    ("asked", "leads"),
    [("/reviews/declare/", True), ("https://elsewhere.example/", False), ("//x.example", False)],
)
def test_it_goes_on_to_pages_of_the_portal_only(web, review, asked, leads):
    response = web.post(f"{url(review.sheet)}?next={asked}", reply())
    assert response.url == (asked if leads else url(review.sheet, "sheet"))


@pytest.mark.parametrize(
    "bad",
    [{"answer_family": "perhaps"}, {"note_other": "a\x00b", "answer_other": "yes"},
     {"note_family": "x" * 2001}],
)  # fmt: skip
def test_what_cannot_be_stored_gets_a_sentence(web, review, hat, bad):
    page = text_of(web.post(url(review.sheet), reply() | bad), 422)
    assert "error-summary" in page
    assert "Ensure" not in page
    assert said(hat) == {}


def test_somebody_elses_review_is_not_declared(as_hat, review, analyst):
    others = [a_reviewer(review.lead), a_lead(), review.lead, analyst]
    for other in others:
        web = as_hat(other)
        for name in ("declare", "decline"):
            assert web.get(url(review.sheet, name)).status_code in (403, 404)
            assert web.post(url(review.sheet, name), reply("family")).status_code in (403, 404)
    assert Assignment.objects.get().ended_at is None


def test_many_are_answered_on_one_page_after_each_name(web, review, more, hat):
    sheets = [review.sheet, *more(3)]
    page = text_of(web.get(reverse(NEW)))
    for sheet in sheets:
        assert sheet.assignment.application.practice.name in page
    listed = [sheet.pk for sheet in sheets]
    page = text_of(web.post(reverse(NEW), {"listed": listed, "yes": [sheets[1].pk]}), 422)
    assert "Read the names, then tick this box." in page
    assert f'id="yes-{sheets[1].pk}" name="yes" value="{sheets[1].pk}" checked' in page
    assert said(hat) == {}
    response = web.post(reverse(NEW), {"listed": listed, "yes": [sheets[1].pk], "read": "on"})
    assert response.url == f"{url(sheets[1])}?next={reverse(NEW)}"
    none = {sheet.assignment.application_id: set() for sheet in (sheets[0], *sheets[2:])}
    assert said(hat) == none
    assert "You have no conflict of interest with 3 applications." in text_of(web.get(response.url))
    response = web.post(response.url, reply("helped"))
    assert response.url == reverse(NEW)
    page = text_of(web.get(reverse(NEW)))
    assert "You have answered for every application" in page
    assert said(hat)[sheets[1].assignment.application_id] == {"helped"}


def test_only_what_was_on_the_page_is_answered(web, review, more, hat):
    [late] = more(1)
    foreign = in_review(cycle=review.application.cycle).sheet
    ids = [review.sheet.pk, foreign.pk, "x", "9" * 40, "-1"]
    response = web.post(reverse(NEW), {"listed": ids, "read": "on"})
    assert response.url == reverse(NEW)
    assert said(hat) == {review.application.pk: set()}
    web.post(reverse(NEW), {"listed": [late.pk], "read": "on"})
    assert said(hat).keys() == {review.application.pk, late.assignment.application_id}


def test_more_than_a_page_comes_in_pages(web, review, more, hat, monkeypatch):
    monkeypatch.setattr("scoring.views.declaring.AT_ONCE", 2)
    sheets = [review.sheet, *more(2)]
    page = text_of(web.get(reverse(NEW)))
    assert page.count('name="listed"') == 2
    assert "There are more." in page
    ids = [sheet.pk for sheet in sheets]
    assert web.post(reverse(NEW), {"listed": ids, "read": "on"}).url == reverse(NEW)
    assert len(said(hat)) == 2
    left = {"listed": ids[2:], "read": "on"}
    assert web.post(reverse(NEW), left).url == reverse("scoring:mine")
    assert len(said(hat)) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_of_many_costs_the_same(web, more, rows, django_assert_num_queries):
    more(rows - 1)
    web.get(reverse(NEW))
    with django_assert_num_queries(4):
        assert text_of(web.get(reverse(NEW))).count('name="listed"') == rows


def test_no_to_many_stores_all_or_nothing(review, more, hat):
    sheets = [review.sheet, *more(1)]
    check(sheets[1].assignment.application, hat.user, rule="family")
    with pytest.raises(WrongState):
        declare_none(sheets, by=hat)
    assert said(hat) == {sheets[1].assignment.application_id: {"family"}}


def test_what_was_said_by_whom_is_kept_apart(web, review, more, hat):
    one, two, three = more(3)
    declare(review.application, hat, "family")
    conflicts.declare_for(
        one.assignment.application, person=hat, rule="helped", reason="Secret source",
        by=review.lead,
    )  # fmt: skip
    check(
        two.assignment.application, hat.user, source=ConflictSource.SYSTEM, hard=False,
        rule="email_domain", note="clinic.example", stated_by="EPT Portal",
    )  # fmt: skip
    declare(three.assignment.application, hat)
    page = text_of(web.get(reverse("scoring:my_conflicts")))
    parts = [part.split("</h2>")[0].split(">")[-1] for part in page.split("<section")[1:]]
    assert parts == ["What you declared", "What a lead declared for you", "What the portal found"]
    mine, leads, portal = page.split("<section")[1:]
    for part, sheet in ((mine, review.sheet), (leads, one), (portal, two)):
        assert sheet.assignment.application.reference in part
        assert part.count("<tr>") == 2
    assert "Secret source" not in page
    assert review.lead.label in leads
    assert "Closed to you" in mine
    assert "Your lead knows" in portal


def test_what_was_cleared_says_so(web, review, hat):
    declare(review.application, hat, "family")
    row = ConflictCheck.objects.get(rule="family")
    conflicts.clear(row, reason="Another family of that name", by=review.lead)
    page = text_of(web.get(reverse("scoring:my_conflicts")))
    assert "No conflict any more" in page
    assert "Another family" not in page


def test_what_is_known_of_applications_that_were_never_given_stays_unsaid(web, review, hat):
    unseen = submitted(review.lead, cycle=review.application.cycle)
    elsewhere = submitted(a_lead(), cycle=review.application.cycle)
    for application in (unseen, elsewhere):
        check(application, hat.user, source=ConflictSource.SYSTEM)
    page = text_of(web.get(reverse("scoring:my_conflicts")))
    assert "No conflicts" in page
    assert unseen.reference not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_my_conflicts_cost_the_same(web, more, hat, rows, django_assert_num_queries):
    for sheet in more(rows):
        declare(sheet.assignment.application, hat, "family")
    web.get(reverse("scoring:my_conflicts"))
    with django_assert_num_queries(4):
        text_of(web.get(reverse("scoring:my_conflicts")))


def test_a_lead_who_reviews_answers_too(as_hat, review):
    lead = MembershipFactory(role=Role.MCP_LEAD, organisation=review.lead.organisation)
    application = submitted(lead, cycle=CycleFactory())
    sheet = assignments.assign(application, reviewer=lead, by=review.lead).sheet
    web = as_hat(lead)
    web.post(url(sheet), reply("financial"))
    assert Assignment.objects.get(pk=sheet.assignment_id).ended_kind == Ending.CONFLICT
    assert web.get(reverse("scoring:application", args=[application.pk])).status_code == 404
