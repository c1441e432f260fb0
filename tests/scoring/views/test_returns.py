"""Sending back for correction with a note for each section, by the lead or by DHCS."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from applications.enums import Status
from applications.models import ApplicationTransition, CorrectionNote
from core.times import long
from notifications.models import OutboxEmail
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead, a_reviewer, hand_in, in_review, scored, submitted

pytestmark = pytest.mark.django_db
TYPED = {"reason": "Two <facts>.", "note_members": "Count again.", "note_contacts": " Name them. "}


@pytest.fixture
def lead():
    return a_lead()


def url(name, application):
    return reverse(f"scoring:{name}", args=[application.pk])


def test_the_lead_sends_it_back_with_notes(as_hat, lead):
    application = submitted(lead)
    owner = MembershipFactory(organisation=application.practice)
    web = as_hat(lead)
    page = web.get(url("application", application)).content.decode()
    assert url("return", application) in page
    assert 'name="note_members"' in web.get(url("return", application)).content.decode()
    response = web.post(url("return", application), TYPED)
    assert (response.status_code, response.url) == (302, url("application", application))
    application.refresh_from_db()
    assert (application.status, application.return_note) == (Status.RETURNED, "Two <facts>.")
    step = ApplicationTransition.objects.get()
    notes = CorrectionNote.objects.values_list("transition", "section", "text")
    assert sorted(notes) == [
        (step.pk, "contacts", "Name them."),
        (step.pk, "members", "Count again."),
    ]
    email = OutboxEmail.objects.get()
    assert (email.to, email.kind) == (owner.user.email, "returned")
    for shown in ("Two <facts>.", "Count again.", "Name them.", lead.organisation.name):
        assert shown in email.body


@pytest.mark.parametrize("role", [Role.DHCS_ANALYST, Role.DHCS_APPROVER])
def test_dhcs_sends_back_what_the_plan_has(as_hat, hat_of, lead, role):
    review = in_review(lead)
    owner = MembershipFactory(organisation=review.application.practice)
    hand_in(review.sheet)
    hat, application = hat_of(role), review.application
    web, there = as_hat(hat), reverse("selection:application", args=[application.pk])
    assert url("return_by_dhcs", application) in web.get(there).content.decode()
    response = web.post(url("return_by_dhcs", application), TYPED)
    assert (response.status_code, response.url) == (302, there)
    step = ApplicationTransition.objects.get(name="return")
    assert (step.side, step.actor, step.to_status) == ("dhcs", hat.label, Status.RETURNED)
    assert step.notes.count() == 2
    email = OutboxEmail.objects.get(to=owner.user.email)
    assert email.body.startswith(f"{hat.organisation.name} returned your application")


@pytest.mark.parametrize("status", ["scored", "recommended", "selected", "returned", "withdrawn"])
@pytest.mark.parametrize("name", ["return", "return_by_dhcs"])
def test_what_has_gone_further_does_not_go_back(as_hat, hat_of, lead, status, name):
    application = submitted(lead, status=status)
    hat = lead if name == "return" else hat_of(Role.DHCS_ANALYST)
    web = as_hat(hat)
    page = web.get(url(name, application)).content.decode()
    assert "This application can't go back now" in page
    assert "<textarea" not in page
    response = web.post(url(name, application), TYPED)
    assert response.status_code == 409
    assert "Two &lt;facts&gt;.</textarea>" in response.content.decode()
    application.refresh_from_db()
    assert application.status == status
    assert [CorrectionNote.objects.count(), OutboxEmail.objects.count()] == [0, 0]


@pytest.mark.parametrize(
    ("name", "page"),
    [("return", "scoring:application"), ("return_by_dhcs", "selection:application")],
)
def test_once_scores_are_due_the_page_says_so_and_has_no_form(as_hat, hat_of, lead, name, page):
    application = submitted(lead)
    hat = lead if name == "return" else hat_of(Role.DHCS_ANALYST)
    with time_machine.travel(application.cycle.scoring_due_at + timedelta(seconds=1), tick=False):
        web = as_hat(hat)
        before = web.get(reverse(page, args=[application.pk])).content.decode()
        assert url(name, application) not in before
        text = web.get(url(name, application)).content.decode()
        assert escape(f"Scores were due by {long(application.cycle.scoring_due_at)}") in text
        assert "<textarea" not in text
        assert web.post(url(name, application), TYPED).status_code == 409
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert [CorrectionNote.objects.count(), OutboxEmail.objects.count()] == [0, 0]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"reason": ""}, "Say in a sentence why the application goes back."),
        ({"note_members": "", "note_contacts": " "}, "Write a note for at least one section."),
        ({"note_sites": "x" * 5001}, "5001"),
        ({"note_sites": "a\x00b"}, 'href="#id_note_sites"'),
    ],
)
def test_a_form_that_lacks_something_keeps_what_was_typed(as_hat, lead, changes, sentence):
    application = submitted(lead)
    response = as_hat(lead).post(url("return", application), TYPED | changes)
    page = response.content.decode()
    assert (response.status_code, sentence in page) == (422, True)
    for text in (TYPED | changes).values():
        assert text.strip().replace("<", "&lt;").replace(">", "&gt;") in page
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert CorrectionNote.objects.count() == 0


def test_a_section_that_the_form_does_not_have_is_no_note(as_hat, lead):
    application = submitted(lead)
    typed = {"reason": "x", "note_sign": "Sign better.", "note_nothing": "?"}
    assert as_hat(lead).post(url("return", application), typed).status_code == 422
    assert CorrectionNote.objects.count() == 0


@pytest.mark.parametrize("name", ["return", "return_by_dhcs"])
def test_who_may_not_send_back(as_hat, hat_of, lead, name):
    review = in_review(lead)
    application = review.application
    owner = MembershipFactory(organisation=application.practice)
    refused = {
        review.reviewer: 403,
        owner: 403,
        hat_of(Role.AUDITOR): 403,
        hat_of(Role.DHCS_ADMINISTRATOR): 403,
        a_lead(): 404,
        a_reviewer(lead): 404,
    }
    for hat, status in refused.items():
        web = as_hat(hat)
        assert web.get(url(name, application)).status_code == status
        assert web.post(url(name, application), TYPED).status_code == status
    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW


def test_after_the_score_is_confirmed_the_page_has_no_way_back(as_hat, lead):
    application = scored(lead=lead).application
    page = as_hat(lead).get(url("application", application)).content.decode()
    assert url("return", application) not in page
