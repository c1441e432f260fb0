"""A contributor tells the owners that everything is ready to sign: once a day."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from accounts.enums import Role
from applications.models import Answer
from notifications.models import OutboxEmail

pytestmark = pytest.mark.django_db


@pytest.fixture
def url(ready):
    return reverse("applications:ask_to_sign", args=[ready.pk])


def review(client, application):
    return client.get(reverse("applications:review", args=[application.pk])).content.decode()


def test_the_owners_are_named_and_told_once_a_day(as_hat, contributor, owner, hat_of, ready, url):
    second = hat_of(Role.PRACTICE_OWNER, ready.practice, user__full_name="Zoe <Wu>")
    client = as_hat(contributor)
    page = review(client, ready)
    assert "<bdi>Ana Ruiz</bdi>, <bdi>Zoe &lt;Wu&gt;</bdi>" in page
    assert f'action="{url}"' in page
    now = timezone.now()
    for hours, told in ((0, 2), (0.01, 2), (24, 4)):
        with time_machine.travel(now + timedelta(hours=hours), tick=False):
            assert client.post(url).url == reverse("applications:review", args=[ready.pk])
        assert OutboxEmail.objects.count() == told
    emails = OutboxEmail.objects.order_by("pk")[:2]
    assert {email.to for email in emails} == {owner.user.email, second.user.email}
    assert {email.kind for email in emails} == {"ready"}
    for email in emails:
        assert email.body.startswith("Bo Li has filled in everything")
        assert email.body.endswith(f"/application/{ready.pk}/review/")
        assert "$" not in email.subject + email.body


def test_a_second_time_is_answered_in_words(as_hat, contributor, owner, url):
    client = as_hat(contributor)
    assert "The owners get an email" in client.post(url, follow=True).content.decode()
    assert "were told today already" in client.post(url, follow=True).content.decode()


def test_what_is_incomplete_is_not_announced(as_hat, contributor, owner, ready, url):
    Answer.objects.filter(application=ready, key="lead_name").delete()
    page = as_hat(contributor).post(url, follow=True).content.decode()
    assert "The application is not complete yet. Fill in what is listed first." in page
    assert OutboxEmail.objects.count() == 0


def test_after_closing_nobody_is_asked(as_hat, contributor, owner, ready, url):
    with time_machine.travel(ready.cycle.closes_at + timedelta(days=1), tick=False):
        page = as_hat(contributor).post(url, follow=True).content.decode()
    assert "This cycle closed on" in page
    assert OutboxEmail.objects.count() == 0


def test_without_an_owner_there_is_nobody_to_ask(as_hat, contributor, ready, url):
    client = as_hat(contributor)
    assert f'action="{url}"' not in review(client, ready)
    answer = client.post(url, follow=True).content.decode()
    assert escape("Your practice has no owner who can sign.") in answer


def test_an_owner_signs_and_is_not_asked(as_hat, owner, ready, url):
    assert f'action="{url}"' not in review(as_hat(owner), ready)


def test_a_stranger_asks_nobody(as_hat, stranger, ready, url):
    assert as_hat(stranger).post(url).status_code == 404
    assert OutboxEmail.objects.count() == 0
