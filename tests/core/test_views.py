"""The one order of access: sign in, belong, see, be allowed, and only then the program's rules."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application, ApplicationTransition
from tests.factories.accounts import UserFactory
from tests.factories.applications import ApplicationFactory
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted():
    return ApplicationFactory(status=Status.SUBMITTED)


@pytest.fixture
def url(submitted):
    return reverse("applications:withdraw", args=[submitted.pk])


@pytest.fixture
def owner(submitted, hat_of):
    return hat_of(Role.PRACTICE_OWNER, submitted.practice)


def status_of(application):
    return Application.objects.values_list("status", flat=True).get(pk=application.pk)


def test_a_stranger_is_sent_to_sign_in_and_back(client, submitted, url):
    login = f"{reverse('account_login')}?next={url}"
    for response in (client.get(url), client.post(url, {"reason": "x"})):
        assert (response.status_code, response.url) == (302, login)
    assert status_of(submitted) == Status.SUBMITTED


def test_a_person_without_an_organisation_is_told_how_to_begin(client, submitted, url):
    client.force_login(UserFactory())
    for response in (client.get(url), client.post(url, {"reason": "x"})):
        assert (response.status_code, response.url) == (302, reverse("accounts:no_organisation"))
    assert status_of(submitted) == Status.SUBMITTED


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_is_not_visible_does_not_exist(as_hat, hat_of, submitted, url, method):
    stranger = as_hat(hat_of(Role.PRACTICE_OWNER))
    response = getattr(stranger, method)(url, {"reason": "x"})
    assert response.status_code == 404
    text = response.content.decode()
    assert "This page is not here" in text
    assert submitted.reference not in text
    assert status_of(submitted) == Status.SUBMITTED


def test_an_id_too_long_for_the_database_does_not_exist(as_hat, owner):
    path = reverse("applications:withdraw", args=[10**30])
    assert as_hat(owner).get(path).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", [Role.DHCS_ANALYST, Role.AUDITOR])
def test_what_is_visible_but_not_allowed_is_refused(as_hat, hat_of, submitted, url, method, role):
    response = getattr(as_hat(hat_of(role)), method)(url, {"reason": "x"})
    assert response.status_code == 403
    assert "You cannot open this page in your role" in response.content.decode()
    assert status_of(submitted) == Status.SUBMITTED


def test_an_act_is_done_said_and_redirected(as_hat, owner, submitted, url):
    client = confirm_identity(as_hat(owner), owner.user)
    response = client.post(url, {"reason": "We merged with another practice."})
    assert (response.status_code, response.url) == (302, reverse("applications:home"))
    assert "Your application is withdrawn." in client.get(response.url).content.decode()
    assert status_of(submitted) == Status.WITHDRAWN
    step = ApplicationTransition.objects.get(application=submitted)
    assert (step.name, step.reason) == ("withdraw", "We merged with another practice.")
    assert (step.actor, step.side) == (owner.label, "practice")


def test_a_form_that_lacks_something_is_shown_again_with_a_summary(as_hat, owner, submitted, url):
    response = as_hat(owner).post(url, {"reason": " "})
    text = response.content.decode()
    assert response.status_code == 422
    assert "data-error-summary" in text
    assert "Enter an answer." in text
    assert status_of(submitted) == Status.SUBMITTED


def test_an_act_that_comes_too_late_is_a_sentence_and_keeps_what_was_typed(
    as_hat, owner, submitted, url
):
    now = timezone.now()
    Application.objects.filter(pk=submitted.pk).update(status=Status.WITHDRAWN, withdrawn_at=now)
    response = as_hat(owner).post(url, {"reason": "We <merged>"})
    text = response.content.decode()
    assert response.status_code == 409
    assert (
        f"Application {submitted.reference} is already “withdrawn by you”. Nothing was changed."
        in text
    )
    assert "We &lt;merged&gt;" in text
    assert ApplicationTransition.objects.count() == 0
    assert Application.objects.get(pk=submitted.pk).withdrawn_at == now > now - timedelta(1)


def test_a_post_without_its_token_changes_nothing(as_hat, owner, submitted, url):
    response = as_hat(owner, enforce_csrf_checks=True).post(url, {"reason": "x"})
    assert response.status_code == 403
    assert status_of(submitted) == Status.SUBMITTED
