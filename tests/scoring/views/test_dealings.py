"""Messages, changes after a resubmission and late access, on the pages of plan and DHCS."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.enums import Role
from applications.models import LateAccess, Message, Submission
from core.canonical import digest
from core.times import long
from notifications.models import OutboxEmail
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_lead, in_review, submitted
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return a_lead()


def page_of(client, name, pk):
    response = client.get(reverse(name, args=[pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_lead_writes_and_the_owners_are_told(as_hat, lead):
    application = submitted(lead)
    owner = MembershipFactory(organisation=application.practice)
    web = as_hat(lead)
    response = web.post(reverse("scoring:message", args=[application.pk]), {"text": "Call <us>."})
    assert response.status_code == 302
    assert (Message.objects.get().side, OutboxEmail.objects.get().to) == ("mcp", owner.user.email)
    text = page_of(web, "scoring:application", application.pk)
    assert "Call &lt;us&gt;." in text
    assert escape(lead.label) in text


def test_a_refused_message_stays_on_the_leads_page(as_hat, lead):
    application = submitted(lead)
    url = reverse("scoring:message", args=[application.pk])
    response = as_hat(lead).post(url, {"text": "y" * 5001})
    assert response.status_code == 422
    assert "y" * 5001 in response.content.decode()
    assert Message.objects.count() == 0


def test_dhcs_reads_the_messages_and_writes_none(as_hat, analyst, lead):
    application = submitted(lead)
    assert "Messages with the practice" not in page_of(
        as_hat(analyst), "selection:application", application.pk
    )
    Message.objects.create(
        application=application,
        side="practice",
        author="Ana",
        text="Hello",
        created_at=timezone.now(),
    )
    text = page_of(as_hat(analyst), "selection:application", application.pk)
    assert "Hello" in text
    assert reverse("scoring:message", args=[application.pk]) not in text


def test_reviewers_read_no_messages(as_hat, lead):
    review = in_review(lead)
    declare(review.application, review.reviewer)
    Message.objects.create(
        application=review.application, side="practice", author="x", text="Just for the lead",
        created_at=timezone.now(),
    )  # fmt: skip
    text = page_of(as_hat(review.reviewer), "scoring:sheet", review.sheet.pk)
    assert "Just for the lead" not in text


def test_what_changed_at_the_resubmission_is_on_every_staff_page(as_hat, analyst, lead):
    review = in_review(lead)
    declare(review.application, review.reviewer)
    first = Submission.objects.get()
    content = first.content.replace('"ehr":"OpenEMR"', '"ehr":"Paper"')
    assert content != first.content
    pages = [
        (lead, "scoring:application", review.application.pk),
        (review.reviewer, "scoring:sheet", review.sheet.pk),
        (analyst, "selection:application", review.application.pk),
    ]
    of = f"the submission of {escape(long(first.created_at))}"
    for hat, name, pk in pages:
        assert "Changed since" not in page_of(as_hat(hat), name, pk)
    Submission.objects.create(
        application=review.application, number=2, content=content, sha256=digest(content),
        signed_name="Ana", signed_title="Owner", signed_by="Ana", created_at=timezone.now(),
    )  # fmt: skip
    for hat, name, pk in pages:
        text = page_of(as_hat(hat), name, pk)
        start = "Changed since you read it: " if hat == review.reviewer else "Changed since "
        assert start + of in text
        assert "OpenEMR" in text
        assert "Paper" in text


@pytest.mark.parametrize("name", ["scoring:application", "selection:application"])
def test_late_access_is_part_of_the_history(as_hat, analyst, lead, name):
    application = submitted(lead)
    until = timezone.now() + timedelta(days=1)
    LateAccess.objects.create(
        practice=application.practice, cycle=application.cycle, until=until, reason="A <fire>.",
        granted_by="Ada (DHCS administrator)", created_at=timezone.now(),
    )  # fmt: skip
    text = page_of(as_hat(lead if "scoring" in name else analyst), name, application.pk)
    for shown in (escape(long(until)), "A &lt;fire&gt;.", "Ada (DHCS administrator)"):
        assert shown in text


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", ["scoring:application", "selection:application"])
def test_the_pages_cost_the_same_for_one_message_and_three(
    as_hat, hat_of, lead, rows, name, django_assert_max_num_queries
):
    application = submitted(lead)
    hat = lead if "scoring" in name else hat_of(Role.DHCS_ANALYST)
    for n in range(rows):
        Message.objects.create(
            application=application, side="mcp", author="x", text=f"No. {n}",
            created_at=timezone.now(),
        )  # fmt: skip
    web = as_hat(hat)
    page_of(web, name, application.pk)
    with django_assert_max_num_queries(12):
        assert page_of(web, name, application.pk).count("No. ") == rows
