"""A practice that works in Spanish: pages, sentences and emails; what is signed stays the same."""

import re
from html import unescape

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from accounts.enums import Role
from applications import emails
from applications.dossier import Dossier
from applications.models import Submission
from core.times import long
from notifications.models import OutboxEmail
from programs.models import Cycle
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.signing import ATTESTED, seen
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db
LOCAL_NAMES = re.compile(r'<button[^>]* lang="([a-z-]+)"( aria-current="true")?>([^<]+)</button>')


@pytest.fixture
def ready(db):
    return complete(ApplicationFactory())


@pytest.fixture
def owner(ready, hat_of):
    hat = hat_of(Role.PRACTICE_OWNER, ready.practice, user__full_name="Ana Ruiz")
    hat.user.language = "es"
    hat.user.save()
    return hat


def words(response):
    return unescape(response.content.decode())


def test_an_owner_signs_in_spanish_and_colleagues_read_their_own_language(
    as_hat, owner, ready, hat_of
):
    hat_of(Role.PRACTICE_OWNER, ready.practice, user__full_name="Zoe Wu")
    client = confirm_identity(as_hat(owner), owner.user)
    review = words(client.get(reverse("applications:review", args=[ready.pk])))
    assert '<html lang="es">' in review
    assert '<p class="masthead__cycle">EPT Cohorte ' in review
    assert "Asignación de pacientes y acceso" in review
    assert "según mi leal saber" in review
    signature = {**ATTESTED, "signed_name": "Ana Ruiz", "signed_title": "Titular", **seen(ready)}
    response = client.post(reverse("applications:submit", args=[ready.pk]), signature)
    assert response.status_code == 302
    receipt = words(client.get(response.url))
    assert "Su solicitud está enviada" in receipt
    signed = Submission.objects.get()
    first, second = OutboxEmail.objects.filter(kind="submitted").order_by("to")
    by_language = {
        row.subject.split(": ")[1].removeprefix(ready.practice.name): row for row in (first, second)
    }
    assert set(by_language) == {" envió su solicitud", " submitted its application"}
    with translation.override("es"):
        assert long(signed.created_at) in by_language[" envió su solicitud"].body
    assert long(signed.created_at) in by_language[" submitted its application"].body


def test_what_is_signed_does_not_depend_on_the_language(ready):
    english = Dossier.load(ready)
    with translation.override("es"):
        spanish = Dossier.load(ready)
        assert spanish.definition.title != ready.cycle.definition.title
        assert (spanish.content, spanish.digest) == (english.content, english.digest)


def test_what_is_missing_is_said_in_the_language_of_the_page(as_hat, owner, ready):
    ready.answers.filter(key="disparity").delete()
    page = words(as_hat(owner).get(reverse("applications:review", args=[ready.pk])))
    assert "Responda “¿Qué diferencia en la atención o en la salud va a reducir?”." in page


def test_a_returned_application_is_explained_in_the_owners_language(owner, ready, hat_of):
    ready.designated_mcp = OrganisationFactory(kind="mcp", name="Valley Health Plan")
    lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
    with translation.override("zh-hant"):
        emails.returned(ready, key="transition:1", reason="The NPI.", by=lead)
    row = OutboxEmail.objects.get(to=owner.user.email)
    assert row.subject == f"{ready.reference}: {ready.practice.name} tiene algo que corregir"
    assert "Motivo: The NPI." in row.body


@pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/estimate/?members=920",
        "/apply/check/",
        "/apply/check/?specialties=family_medicine&members=920&county=Fresno&survey=yes",
        "/accounts/login/",
        "/accounts/signup/",
        "/accounts/password/reset/",
        "/about/help/",
        "/about/glossary/",
        "/about/accessibility/",
        "/about/privacy/",
        "cycle",
        "/nowhere/",
    ],
)
def test_public_pages_answer_in_every_language(client, ready, language, path):
    if path == "cycle":
        path = reverse("programs:cycle", args=[Cycle.objects.get().slug])
    response = client.get(path, headers={"accept-language": language})
    page = words(response)
    assert response.status_code == (404 if path == "/nowhere/" else 200)
    assert f'<html lang="{language}">' in page
    if path != "/nowhere/":
        assert LOCAL_NAMES.findall(page) == [
            (code, ' aria-current="true"' if code == language else "", name)
            for code, name in (("en-us", "English"), ("es", "Español"), ("zh-hant", "繁體中文"))
        ]


def test_a_typed_date_means_the_same_day_in_every_language(as_hat, owner, ready):
    """4 October: Spanish forms would read 10/04/2025 as 10 April if they kept Spain's order."""
    client = as_hat(owner)
    url = reverse("applications:section", args=[ready.pk, "prerequisites"])
    stored = {}
    for language in ("en-us", "es"):
        owner.user.language = language
        owner.user.save()
        version = ready.answers.get(key="survey_date").version
        typed = {"survey_date": "10/04/2025", "version:survey_date": version}
        response = client.post(
            url, {**typed, "autosave": "survey_date"}, headers={"x-autosave": "1"}
        )
        assert response.status_code == 200, response.content
        stored[language] = ready.answers.get(key="survey_date").value
    assert stored == {"en-us": "2025-10-04", "es": "2025-10-04"}
