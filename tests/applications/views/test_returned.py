"""A returned application: what to correct, what stays locked, signing again."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from applications.domain import submission
from applications.enums import Status
from applications.models import Answer, Submission
from core.times import long
from scoring.domain import scores
from tests.signing import ATTESTED, seen
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db
SIGNATURE = {**ATTESTED, "signed_name": "Ana Ruiz", "signed_title": "Owner"}
NOTES = {"members": "Count the <members> again.", "contacts": "Name the project lead."}


@pytest.fixture
def lead(ready, hat_of):
    return hat_of(Role.MCP_LEAD, ready.designated_mcp)


@pytest.fixture
def returned(ready, owner, lead):
    submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
    scores.return_to_practice(ready, reason="Two facts are missing.", notes=NOTES, by=lead)
    ready.refresh_from_db()
    return ready


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("name", ["home", "status"])
def test_each_note_is_shown_with_a_link_to_its_section(as_hat, owner, returned, name):
    text = text_of(as_hat(owner).get(reverse(f"applications:{name}")))
    contacts = reverse("applications:section", args=[returned.pk, "contacts"])
    for href in (reverse("applications:members"), contacts):
        assert f'<dt><a href="{href}">' in text
    assert "Count the &lt;members&gt; again." in text
    assert "Two facts are missing." in text
    assert escape(long(returned.cycle.scoring_due_at)) in text


def test_the_checklist_marks_what_is_to_correct_and_what_is_locked(as_hat, owner, returned):
    response = as_hat(owner).get(reverse("applications:home"))
    labels = {row["key"]: row["state_label"] for row in response.context["checklist"]}
    assert {key for key, label in labels.items() if label == "To correct"} == set(NOTES)
    assert {key for key, label in labels.items() if label == "Locked"} == (
        set(labels) - set(NOTES) - {"sign"}
    )


def test_saving_leads_over_the_locked_sections_to_what_is_left(as_hat, owner, returned):
    web, review = as_hat(owner), reverse("applications:review", args=[returned.pk])
    contacts = reverse("applications:section", args=[returned.pk, "contacts"])
    members = reverse("applications:members")
    assert web.post(members, {}).url == contacts
    assert web.post(contacts, {}).url == review


def test_the_receipt_of_a_returned_application_says_so(as_hat, owner, returned):
    text = text_of(as_hat(owner).get(reverse("applications:receipt", args=[returned.pk])))
    assert "It was sent back to you for correction." in text
    assert "Your application is submitted" not in text


def test_the_review_page_offers_changes_in_these_sections_only(as_hat, owner, returned):
    text = text_of(as_hat(owner).get(reverse("applications:review", args=[returned.pk])))
    assert text.count(">Change<") == len(NOTES)
    assert "Sign again" in text


def test_a_correction_without_a_change_is_asked_about_and_not_held_up(as_hat, owner, returned):
    client = confirm_identity(as_hat(owner), owner.user)
    review, submit = (
        reverse(f"applications:{name}", args=[returned.pk]) for name in ("review", "submit")
    )
    assert "Nothing has changed since you signed" in text_of(client.get(review))
    refused = client.post(submit, SIGNATURE | seen(returned))
    assert refused.status_code == 422
    assert 'href="#id_unchanged"' in refused.content.decode()
    assert Submission.objects.filter(application=returned).count() == 1
    confirmed = SIGNATURE | seen(returned) | {"unchanged": "on"}
    for _click in range(2):
        assert client.post(submit, confirmed).status_code == 302
    assert Submission.objects.filter(application=returned).count() == 2


def test_after_a_change_nothing_is_asked(as_hat, owner, returned):
    Answer.objects.filter(application=returned, key="lead_name").update(value="Zoe Wu")
    text = text_of(as_hat(owner).get(reverse("applications:review", args=[returned.pk])))
    assert "Nothing has changed since you signed" not in text
    assert "id_unchanged" not in text


def test_a_corrected_application_is_signed_and_read_with_what_changed(
    as_hat, hat_of, owner, lead, returned
):
    client = confirm_identity(as_hat(owner), owner.user)
    contacts = reverse("applications:section", args=[returned.pk, "contacts"])
    version = Answer.objects.get(application=returned, key="lead_name").version
    typed = {"lead_name": "Zoe Wu", "version:lead_name": f"{version}", "leave": "1"}
    stored = dict(Answer.objects.filter(application=returned).values_list("key", "value"))
    known = dict(Answer.objects.filter(application=returned).values_list("key", "version"))
    section = returned.cycle.definition.section("contacts")
    others = {q.key: stored.get(q.key) or "" for q in section.questions}
    bases = {f"version:{q.key}": f"{known.get(q.key, 0)}" for q in section.questions}
    assert client.post(contacts, others | bases | typed).status_code == 302
    locked = reverse("applications:section", args=[returned.pk, "narratives"])
    assert "<textarea" not in text_of(client.get(locked))
    response = client.post(
        reverse("applications:submit", args=[returned.pk]), SIGNATURE | seen(returned)
    )
    assert response.url == reverse("applications:receipt", args=[returned.pk])
    assert Submission.objects.filter(application=returned).count() == 2
    returned.refresh_from_db()
    assert returned.status == Status.SUBMITTED
    staff = [
        (lead, reverse("scoring:application", args=[returned.pk])),
        (hat_of(Role.DHCS_ANALYST), reverse("selection:application", args=[returned.pk])),
    ]
    first = Submission.objects.get(application=returned, number=1)
    for hat, url in staff:
        response = as_hat(hat).get(url)
        text = text_of(response)
        assert f"Changed since the submission of {escape(long(first.created_at))}" in text
        [changed] = response.context["reading"].changes
        assert changed.key == "contacts"
        assert [item.key for item in changed.differences] == ["lead_name"]
        assert "Zoe Wu" in text
