"""Profile, sites and members: what is wrong is said by the field, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.domain import practices
from applications.models import Application, MemberCount, Practice, Site
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import PracticeFactory

pytestmark = pytest.mark.django_db
PROFILE = {
    "name": "Fresno <FM>",
    "npi": "1234567893",
    "tin": "94-1234567",
    "specialties": ["family_medicine"],
    "practice_types": ["small_independent"],
    "ehr": "OpenEMR",
    "version": "1",
}
ROWS = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0"}
SITE = {
    "form-0-name": "Main <Street>",
    "form-0-street": "1 Main Street",
    "form-0-city": "Fresno",
    "form-0-zip_code": "93701",
}


@pytest.fixture
def plan(db):
    return OrganisationFactory(kind="mcp")


@pytest.fixture
def post(as_hat, owner):
    client = as_hat(owner)

    def send(name, data):
        response = client.post(reverse(f"applications:{name}"), data)
        return response, response.content.decode()

    return send


def member(of, number=0, **changes):
    row = {"plan": of.pk, "members": "920", "as_of": "2026-01-31"} | changes
    return {f"form-{number}-{key}": value for key, value in row.items()}


def version(draft):
    return Practice.objects.values_list("version", flat=True).get(pk=draft.practice_id)


def test_a_profile_is_saved_and_the_next_section_opens(post, draft):
    response, _ = post("profile", PROFILE)
    assert (response.status_code, response.url) == (302, reverse("applications:sites"))
    practice = Practice.objects.select_related("organisation").get(pk=draft.practice_id)
    assert (practice.organisation.name, practice.npi) == ("Fresno <FM>", "1234567893")
    assert (practice.masked_tin, practice.version) == ("••-•••4567", 2)


def test_the_stored_tin_is_shown_masked_only(post, as_hat, owner):
    post("profile", PROFILE)
    for name in ("profile", "practice"):
        page = as_hat(owner).get(reverse(f"applications:{name}")).content.decode()
        assert "••-•••4567" in page
        assert "1234567<" not in page
        assert "94-1234567" not in page.replace("such as 94-1234567", "")


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("npi", "1234567890", "This NPI does not add up."),
        ("npi", "12345", "An NPI has 10 digits"),
        ("tin", "123", "A TIN has 9 digits"),
        ("name", "", "Enter an answer."),
        ("website", "not a site", "URL"),
        ("specialties", ["nonsense"], "nonsense"),
        ("ehr", "a\x00b", "Null characters"),
    ],
)
def test_a_wrong_profile_is_explained_and_keeps_what_was_typed(post, draft, field, value, sentence):
    response, text = post("profile", PROFILE | {"dba": "Kept <dba>", field: value})
    assert response.status_code == 422
    assert sentence in text
    assert "data-error-summary" in text
    assert f'href="#id_{field}' in text
    assert 'value="Kept &lt;dba&gt;"' in text
    if field in ("npi", "tin"):
        assert f'value="{value}"' in text
    assert version(draft) == 1


def test_an_npi_of_another_practice_is_refused_with_the_page(post, draft):
    PracticeFactory(npi="1234567893")
    response, text = post("profile", PROFILE)
    assert response.status_code == 409
    assert "Another practice here has this NPI." in text
    assert 'value="1234567893"' in text
    assert version(draft) == 1


def test_an_older_profile_is_refused_with_both_versions_and_can_be_kept(post, draft, contributor):
    values = PROFILE | {"tin": "", "dba": "", "website": "", "ehr": "Their <EHR>"}
    practices.save_profile(draft.practice.practice, values=values, base=1, by=contributor)
    response, text = post("profile", PROFILE | {"ehr": "My EHR"})
    assert response.status_code == 409
    assert "Bo Li saved this page after you opened it." in text
    assert "Their &lt;EHR&gt;" in text
    assert 'value="My EHR"' in text
    assert 'name="version" value="2"' in text
    assert Practice.objects.get(pk=draft.practice_id).ehr == "Their <EHR>"
    post("profile", PROFILE | {"ehr": "My EHR", "version": "2"})
    assert Practice.objects.get(pk=draft.practice_id).ehr == "My EHR"


@pytest.mark.parametrize("text", ["", "0", "x", "9" * 30])
def test_a_version_that_was_tampered_with_writes_nothing(post, draft, text):
    response, _ = post("profile", PROFILE | {"version": text})
    assert response.status_code in (409, 422)
    assert version(draft) == 1


def test_sites_are_saved_with_their_county(post, draft):
    response, _ = post("sites", {**ROWS, **SITE, "version": "1"})
    assert (response.status_code, response.url) == (302, reverse("applications:members"))
    site = Site.objects.get()
    assert (site.name, site.county, site.practice_id) == (
        "Main <Street>",
        "Fresno",
        draft.practice_id,
    )


@pytest.mark.parametrize("code", ["10001", "00000", "9370", "ABCDE", "９３７０１"])
def test_an_unknown_zip_is_explained_and_the_row_stays(post, draft, code):
    response, text = post("sites", {**ROWS, **SITE, "form-0-zip_code": code, "version": "1"})
    assert response.status_code == 422
    assert 'href="#id_form-0-zip_code"' in text
    assert 'value="Main &lt;Street&gt;"' in text
    assert f'value="{code}"' in text
    assert Site.objects.count() == 0


def test_a_site_is_removed_and_another_kept(post, ready, draft):
    first = Site.objects.get()
    data = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "1", **SITE, "form-0-id": first.pk}
    second = {key.replace("-0-", "-1-"): value for key, value in SITE.items()}
    post("sites", {**data, **second, "form-0-DELETE": "on", "version": "1"})
    [site] = Site.objects.all()
    assert (site.pk == first.pk, site.name) == (False, "Main <Street>")


@pytest.mark.parametrize("total", ["", "x", "100000"])
@pytest.mark.parametrize("name", ["sites", "members"])
def test_a_form_that_was_tampered_with_is_a_refusal_not_a_failure(post, ready, name, total):
    data = {**ROWS, "form-TOTAL_FORMS": total, "version": "1"}
    response, text = post(name, data)
    assert response.status_code == 422
    assert "data-error-summary" in text
    assert (Site.objects.count(), MemberCount.objects.count()) == (1, 1)


@pytest.mark.parametrize("number", ["foreign", "9" * 30, "-1", "x"])
def test_a_foreign_site_is_never_written(post, draft, number):
    theirs = other_site()
    data = {**ROWS, **SITE, "form-0-id": theirs.pk if number == "foreign" else number}
    response, _ = post("sites", {**data, "version": "1"})
    assert response.status_code in (302, 409, 422)
    theirs.refresh_from_db()
    assert (theirs.name, theirs.practice_id == draft.practice_id) == ("Theirs", False)


def other_site():
    practice = PracticeFactory()
    columns = {"street": "2", "city": "B", "zip_code": "93702", "county": "Fresno"}
    return Site.objects.create(practice=practice, name="Theirs", **columns)


def test_members_and_the_plan_that_scores_are_saved(post, draft, plan):
    data = {**ROWS, **member(plan), "designated_mcp": plan.pk, "version": "1"}
    response, _ = post("members", data)
    assert response.status_code == 302
    assert MemberCount.objects.values_list("plan", "members").get() == (plan.pk, 920)
    assert Application.objects.get(pk=draft.pk).designated_mcp == plan


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"members": "0"}, "1"),
        ({"members": "many"}, "whole number"),
        ({"members": "10000001"}, "10000000"),
        ({"as_of": (timezone.now() + timedelta(days=2)).date().isoformat()}, "in the future"),
        ({"as_of": "31/31/2026"}, "date"),
        ({"plan": "0"}, "choice"),
    ],
)
def test_a_wrong_row_of_members_is_explained_and_stays(post, draft, plan, changes, sentence):
    data = {**ROWS, **member(plan, **changes), "designated_mcp": plan.pk, "version": "1"}
    response, text = post("members", data)
    assert response.status_code == 422
    [field] = changes
    assert f'href="#id_form-0-{field}"' in text
    assert sentence in text[text.index("data-error-summary") :]
    if field != "plan":
        assert f'value="{changes[field]}"' in text
    assert MemberCount.objects.count() == 0


def test_two_rows_for_one_plan_are_refused_and_stay(post, draft, plan):
    rows = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "0"}
    both = member(plan, 0, members="11") | member(plan, 1, members="22")
    response, text = post("members", {**rows, **both, "designated_mcp": plan.pk, "version": "1"})
    assert response.status_code == 422
    assert "Each plan can be listed once. Add the counts up." in text
    assert 'value="11"' in text
    assert 'value="22"' in text
    assert MemberCount.objects.count() == 0


@pytest.mark.parametrize("name", ["profile", "sites", "members"])
def test_the_forms_open_before_any_cycle_exists(as_hat, hat_of, name):
    practice = PracticeFactory().organisation
    client = as_hat(hat_of(Role.PRACTICE_OWNER, practice))
    assert client.get(reverse(f"applications:{name}")).status_code in (200, 302)


@pytest.mark.parametrize("name", ["practice", "profile", "sites", "members"])
def test_a_stranger_signs_in_first(client, name):
    url = reverse(f"applications:{name}")
    assert client.get(url).url == f"{reverse('account_login')}?next={url}"


def test_the_summary_shows_only_the_own_practice(as_hat, owner, ready):
    other_site()
    page = as_hat(owner).get(reverse("applications:practice")).content.decode()
    assert "Main Street Clinic" in page
    assert "Theirs" not in page
