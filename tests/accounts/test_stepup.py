"""Signing asks for the password again, loses nothing, and asks only who may sign what is right."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import User
from applications.models import Submission
from notifications.models import OutboxEmail
from programs.models import Cycle
from tests.factories.applications import ApplicationFactory, complete
from tests.signing import ATTESTED, seen
from tests.stepup import confirm_identity

PASSWORD = "walnut-orchard-91"
CONFIRM = "/accounts/reauthenticate/"
SIGNATURE = {
    "signed_name": "Ana Muñoz <Ruiz> 🌻",
    "signed_title": "Owner & MD",
    **ATTESTED,
}


@pytest.fixture
def ready(db):
    return complete(ApplicationFactory())


@pytest.fixture
def signer(ready, hat_of):
    hat = hat_of(Role.PRACTICE_OWNER, ready.practice, user__email="ana@fresno.example")
    hat.user.set_password(PASSWORD)
    hat.user.save()
    EmailAddress.objects.create(user=hat.user, email=hat.user.email, verified=True, primary=True)
    return hat


@pytest.fixture
def web(as_hat, signer):
    return as_hat(signer)


def submit_url(application):
    return reverse("applications:submit", args=[application.pk])


def signature(application):
    return SIGNATURE | seen(application)


def receipt_url(application):
    return reverse("applications:receipt", args=[application.pk])


def asked(response, application):
    """Tell whether the answer asks for the password before it submits `application`."""
    url = f"{CONFIRM}?next={submit_url(application).replace('/', '%2F')}"
    return (response.status_code, response.headers.get("Location")) == (302, url)


def test_the_signature_is_carried_out_after_the_password(web, ready):
    assert asked(web.post(submit_url(ready), signature(ready)), ready)
    assert Submission.objects.count() == OutboxEmail.objects.count() == 0
    page = web.get(CONFIRM, {"next": submit_url(ready)}).content.decode()
    assert "Confirm that it is you" in page
    assert "demo-cohort-one" not in page
    response = web.post(CONFIRM, {"password": PASSWORD, "next": submit_url(ready)})
    assert (response.status_code, response.url) == (302, receipt_url(ready))
    signed = Submission.objects.get()
    assert (signed.signed_name, signed.signed_title) == (
        SIGNATURE["signed_name"],
        SIGNATURE["signed_title"],
    )
    assert OutboxEmail.objects.count() == 1


def test_the_page_names_the_act_and_leads_back_to_where_it_was_started(web, ready):
    web.post(submit_url(ready), signature(ready))
    sentence = f"You are about to sign and submit application {ready.reference}."
    page = web.get(CONFIRM, {"next": submit_url(ready)})
    wrong = web.post(CONFIRM, {"password": "wrong", "next": submit_url(ready)})
    for text in (page.content.decode(), wrong.content.decode()):
        assert sentence in text
        assert f'<a href="{submit_url(ready)}">Do nothing</a>' in text
    assert web.get(submit_url(ready)).url == reverse("applications:review", args=[ready.pk])
    assert sentence not in web.get(CONFIRM, {"next": "/home/"}).content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/", "//evil.example/", "/\\evil.example/", "///evil.example",
        "javascript:alert(1)", "evil", "\0", "",
    ],
)  # fmt: skip
def test_nothing_leads_elsewhere(web, ready, path):
    web.post(submit_url(ready), signature(ready))
    text = web.get(CONFIRM, {"next": path}).content.decode()
    assert '<a href="/">Do nothing</a>' in text
    assert "You are about to" not in text


def test_the_password_is_not_asked_twice_nor_the_act_done_twice(web, ready):
    web.post(submit_url(ready), signature(ready))
    for expected in (receipt_url(ready), submit_url(ready)):
        response = web.post(CONFIRM, {"password": PASSWORD, "next": submit_url(ready)})
        assert (response.status_code, response.url) == (302, expected)
    assert web.post(submit_url(ready), signature(ready)).url == receipt_url(ready)
    assert Submission.objects.count() == OutboxEmail.objects.count() == 1


@pytest.mark.parametrize("password", ["wrong", "", "\x00", "x" * 100_000])
def test_a_wrong_password_signs_nothing_and_loses_nothing(web, ready, password):
    web.post(submit_url(ready), signature(ready))
    response = web.post(CONFIRM, {"password": password, "next": submit_url(ready)})
    assert response.status_code == 200
    assert "data-error-summary" in response.content.decode()
    assert Submission.objects.count() == 0
    response = web.post(CONFIRM, {"password": PASSWORD, "next": submit_url(ready)})
    assert response.url == receipt_url(ready)
    assert Submission.objects.get().signed_name == SIGNATURE["signed_name"]


def test_a_wrong_password_is_told_in_a_sentence(web, ready):
    response = web.post(CONFIRM, {"password": "wrong", "next": submit_url(ready)})
    assert "This is not the password of your account." in response.content.decode()


def test_tries_are_limited(web, ready, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "2/m/user"}
    web.post(submit_url(ready), signature(ready))
    for expected in (200, 200, 429):
        response = web.post(CONFIRM, {"password": "wrong", "next": submit_url(ready)})
        assert response.status_code == expected
    assert "Too many tries" in response.content.decode()


@pytest.mark.parametrize(("ago", "again"), [(0, False), (290, False), (301, True)])
def test_five_minutes_count(web, signer, ready, ago, again):
    confirm_identity(web, signer.user, ago)
    assert asked(web.post(submit_url(ready), signature(ready)), ready) is again
    assert Submission.objects.count() == (0 if again else 1)


def test_signing_in_and_somebody_elses_password_do_not_count(client, web, signer, ready, hat_of):
    confirm_identity(web, hat_of(Role.PRACTICE_OWNER).user)
    assert asked(web.post(submit_url(ready), signature(ready)), ready)
    account = {"login": signer.user.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), account).status_code == 302
    assert asked(client.post(submit_url(ready), signature(ready)), ready)


def test_who_may_not_sign_is_told_before_any_password(as_hat, hat_of, ready):
    contributor = as_hat(hat_of(Role.PRACTICE_CONTRIBUTOR, ready.practice))
    assert contributor.post(submit_url(ready), signature(ready)).status_code == 403
    assert as_hat(hat_of(Role.PRACTICE_OWNER)).post(submit_url(ready)).status_code == 404


def test_what_lacks_in_the_form_is_shown_before_any_password(web, ready):
    response = web.post(submit_url(ready), signature(ready) | {"signed_name": ""})
    assert response.status_code == 422
    assert 'href="#id_signed_name"' in response.content.decode()


def test_what_is_refused_after_the_password_keeps_what_was_typed(web, ready):
    web.post(submit_url(ready), signature(ready))
    Cycle.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    response = web.post(CONFIRM, {"password": PASSWORD, "next": submit_url(ready)})
    text = response.content.decode()
    assert response.status_code == 409
    assert "Owner &amp; MD" in text
    assert f'action="{submit_url(ready)}"' in text
    assert Submission.objects.count() == 0


def test_what_was_taken_away_meanwhile_stays_away(web, signer, ready):
    web.post(submit_url(ready), signature(ready))
    type(signer).objects.filter(pk=signer.pk).update(role=Role.PRACTICE_CONTRIBUTOR)
    response = web.post(CONFIRM, {"password": PASSWORD, "next": submit_url(ready)})
    assert response.status_code == 403
    assert Submission.objects.count() == 0


def test_history_names_the_page_of_the_act(web, ready):
    web.post(submit_url(ready), signature(ready))
    web.post(CONFIRM, {"password": PASSWORD, "next": submit_url(ready)})
    event = ready.events.order_by("pgh_id").last()
    assert event.pgh_context.metadata["path"] == submit_url(ready)


def test_the_kept_request_is_not_sent_elsewhere(web, ready):
    web.post(submit_url(ready), signature(ready))
    elsewhere = {"password": PASSWORD, "next": "https://evil.example/"}
    response = web.post(CONFIRM, elsewhere)
    assert (response.status_code, response.url) == (302, "/")
    assert Submission.objects.count() == 0


def test_an_account_without_a_password_is_told_how_to_set_one(web, signer, ready):
    signer.user.set_unusable_password()
    signer.user.save()
    web.force_login(signer.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    response = web.post(submit_url(ready), signature(ready))
    assert response.status_code == 409
    assert "Your account has no password yet." in response.content.decode()
    assert Submission.objects.count() == 0


@pytest.mark.parametrize(("address", "is_told"), [("dr.lee@demo.example", True), ("", False)])
def test_the_password_of_the_demo_is_told_to_its_people_only(web, signer, ready, address, is_told):
    User.objects.filter(pk=signer.user_id).update(email=address or signer.user.email)
    page = web.get(CONFIRM, {"next": submit_url(ready)}).content.decode()
    assert ("demo-cohort-one" in page) is is_told


def test_the_password_of_the_demo_is_told_in_the_demo_only(web, signer, ready, settings):
    settings.DEMO_SIGN_IN = False
    User.objects.filter(pk=signer.user_id).update(email="dr.lee@demo.example")
    page = web.get(CONFIRM, {"next": submit_url(ready)}).content.decode()
    assert "Confirm that it is you" in page
    assert "demo-cohort-one" not in page
