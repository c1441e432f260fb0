"""Review, signature, receipt, withdrawal: who signs, what a refusal keeps, where a second click ends."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.html import escape

from accounts.enums import Role
from applications.dossier import Dossier
from applications.enums import Status
from applications.models import Answer, Application, ApplicationTransition, Submission
from core.times import long, to_the_second
from notifications.models import OutboxEmail
from tests.signing import ATTESTED, seen
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db
SIGNATURE = {**ATTESTED, "signed_name": "Ana <Ruiz>", "signed_title": "Owner"}


def page_of(name, application):
    return reverse(f"applications:{name}", args=[application.pk])


def signature(application):
    return SIGNATURE | seen(application)


def written():
    return [m.objects.count() for m in (Submission, ApplicationTransition, OutboxEmail)]


@pytest.fixture
def signer(as_hat, owner):
    """The owner's browser, a moment after the password was typed again."""
    return confirm_identity(as_hat(owner), owner.user)


def test_signing_leads_to_the_receipt_and_so_does_a_second_click(signer, ready):
    client, receipt = signer, page_of("receipt", ready)
    for _ in range(2):
        response = client.post(page_of("submit", ready), signature(ready))
        assert (response.status_code, response.url) == (302, receipt)
    assert written() == [1, 1, 1]
    signed = Submission.objects.get()
    text = client.get(receipt).content.decode()
    for shown in (
        ready.reference,
        signed.sha256,
        "Ana &lt;Ruiz&gt;, Owner",
        long(signed.created_at),
    ):
        assert shown in text
    assert "••-•••4567" in text


@pytest.mark.parametrize("left_out", [*ATTESTED, "signed_name", "signed_title"])
def test_every_statement_and_the_name_are_needed_and_what_was_typed_stays(
    as_hat, owner, ready, left_out
):
    data = {key: value for key, value in signature(ready).items() if key != left_out}
    response = as_hat(owner).post(page_of("submit", ready), data)
    text = response.content.decode()
    assert response.status_code == 422
    assert f'href="#id_{left_out}"' in text
    typed = {"signed_name": 'value="Ana &lt;Ruiz&gt;"', "signed_title": 'value="Owner"'}
    assert [shown in text for key, shown in typed.items() if key != left_out].count(False) == 0
    assert written() == [0, 0, 0]


def test_an_incomplete_application_lists_what_is_missing_with_links(signer, ready):
    Answer.objects.filter(application=ready, key="lead_name").delete()
    client = signer
    link = reverse("applications:section", args=[ready.pk, "contacts"]) + "#id_lead_name"
    review = client.get(page_of("review", ready)).content.decode()
    assert f'<a href="{link}">Answer “Project lead”.</a>' in review
    assert "Submit application" not in review
    response = client.post(page_of("submit", ready), signature(ready))
    assert response.status_code == 409
    assert "This application is not complete yet." in response.content.decode()
    assert written() == [0, 0, 0]


def test_after_closing_it_is_refused_with_both_times_and_the_signature_stays(as_hat, owner, ready):
    late = ready.cycle.closes_at + timedelta(seconds=1)
    with time_machine.travel(late, tick=False):
        client = confirm_identity(as_hat(owner), owner.user)
        response = client.post(page_of("submit", ready), signature(ready))
    text = response.content.decode()
    assert response.status_code == 409
    assert escape(to_the_second(ready.cycle.closes_at)) in text
    assert escape(to_the_second(late)) in text
    assert 'value="Ana &lt;Ruiz&gt;"' in text
    assert written() == [0, 0, 0]


def test_what_has_moved_on_says_so_to_who_signs_again(signer, ready):
    client = signer
    client.post(page_of("submit", ready), signature(ready))
    Application.objects.filter(pk=ready.pk).update(status=Status.IN_REVIEW)
    response = client.post(page_of("submit", ready), signature(ready))
    assert (response.status_code, response.url) == (302, page_of("receipt", ready))
    assert written() == [1, 1, 1]


def test_who_signs_an_older_page_reads_the_newer_one_first(signer, ready):
    stale = {**SIGNATURE, "seen": "0" * 64}
    response = signer.post(page_of("submit", ready), stale)
    assert response.status_code == 409
    text = response.content.decode()
    assert "The application changed after you opened this page." in text
    assert f'value="{Dossier.load(ready).digest}"' in text
    assert written() == [0, 0, 0]


def test_who_has_read_nothing_signs_nothing(signer, ready):
    url = page_of("submit", ready)
    response = signer.post(url, SIGNATURE)
    text = response.content.decode()
    assert response.status_code == 422
    assert "Read the application again, then sign." in text
    assert 'value="Ana &lt;Ruiz&gt;"' in text
    assert written() == [0, 0, 0]
    shown = re.search(r'name="seen" value="(\w+)"', text)[1]
    assert signer.post(url, SIGNATURE | {"seen": shown}).status_code == 302
    assert written() == [1, 1, 1]


def test_a_contributor_prepares_but_does_not_sign_or_withdraw(as_hat, contributor, ready):
    client = as_hat(contributor)
    review = client.get(page_of("review", ready)).content.decode()
    assert "The owner of the practice signs and submits." in review
    assert "Submit application" not in review
    assert client.post(page_of("submit", ready), signature(ready)).status_code == 403
    assert client.post(page_of("withdraw", ready), {"reason": "x"}).status_code == 403
    assert written() == [0, 0, 0]


@pytest.mark.parametrize("name", ["review", "submit", "receipt", "withdraw"])
def test_a_foreign_application_does_not_exist(client, as_hat, stranger, hat_of, ready, name):
    url = page_of(name, ready)
    other = as_hat(stranger)
    assert [other.get(url).status_code, other.post(url, SIGNATURE).status_code] == [404, 404]
    assert as_hat(hat_of(Role.MCP_LEAD, ready.designated_mcp)).get(url).status_code == 404
    assert client.post(url, SIGNATURE).url == f"{reverse('account_login')}?next={url}"
    assert written() == [0, 0, 0]


def test_before_the_first_signature_the_receipt_is_the_review_page(as_hat, owner, ready):
    client = as_hat(owner)
    for name in ("receipt", "submit"):
        response = client.get(page_of(name, ready))
        assert (response.status_code, response.url) == (302, page_of("review", ready))


def test_the_receipt_keeps_what_was_signed_whatever_changes_later(signer, ready):
    client = signer
    Answer.objects.filter(application=ready, key="lead_name").update(value="Bo before")
    client.post(page_of("submit", ready), signature(ready))
    Answer.objects.filter(application=ready, key="lead_name").update(value="Cy after")
    text = client.get(page_of("receipt", ready)).content.decode()
    assert "Bo before" in text
    assert "Cy after" not in text
