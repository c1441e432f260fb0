"""Profile, sites and members: saved field by field or by the button; nothing typed is lost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.domain import practices, rows
from applications.models import Application, MemberCount, Practice, Site
from programs.models import HpiQuartile
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
}
SITE = {"name": "Main <Street>", "street": "1 Main Street", "city": "Fresno", "zip_code": "93701"}


@pytest.fixture
def plan(db):
    return OrganisationFactory(kind="mcp", name="Valley Health Plan")


@pytest.fixture
def site(draft):
    return Site.objects.create(practice=draft.practice.practice)


@pytest.fixture
def count(draft):
    return MemberCount.objects.create(practice=draft.practice.practice)


@pytest.fixture
def client_of(as_hat, owner):
    return as_hat(owner)


@pytest.fixture
def post(client_of):
    def send(name, data):
        response = client_of.post(reverse(f"applications:{name}"), data)
        return response, response.content.decode()

    return send


@pytest.fixture
def autosave(client_of):
    def send(name, control, value, version=0):
        data = {control: value, f"version:{control}": str(version), "autosave": control}
        url = reverse(f"applications:{name}")
        response = client_of.post(url, data, headers={"X-Autosave": "1"})
        return response.status_code, response.json()

    return send


def named(row, values):
    kind = "site" if isinstance(row, Site) else "member"
    return {f"{kind}-{row.pk}-{key}": value for key, value in values.items()}


def summary_of(text):
    start = text.index("data-error-summary")
    return text[start : text.index("</ul>", start)]


def practice_of(draft):
    return Practice.objects.select_related("organisation").get(pk=draft.practice_id)


def test_a_profile_is_saved_and_the_next_section_opens(post, draft):
    response, _ = post("profile", PROFILE)
    assert (response.status_code, response.url) == (302, reverse("applications:sites"))
    practice = practice_of(draft)
    assert (practice.organisation.name, practice.npi) == ("Fresno <FM>", "1234567893")
    assert practice.masked_tin == "••-•••4567"


def test_the_stored_tin_is_shown_masked_only(post, client_of):
    post("profile", PROFILE)
    for name in ("profile", "practice"):
        page = client_of.get(reverse(f"applications:{name}")).content.decode()
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
        ("name", "x" * 201, "Shorten this to 200 characters. It has 201."),
        ("website", "not a site", "Enter a web address, such as https://practice.org."),
        ("specialties", ["nonsense"], "Choose from the answers in the list."),
        ("ehr", "a\x00b", "This text has a character that can&#x27;t be stored"),
    ],
)
def test_a_wrong_field_is_explained_and_the_rest_is_stored(post, draft, field, value, sentence):
    response, text = post("profile", PROFILE | {"dba": "Kept <dba>", field: value})
    assert response.status_code == 422
    assert sentence in summary_of(text)
    assert f'href="#id_{field}' in summary_of(text)
    assert 'value="Kept &lt;dba&gt;"' in text
    if field in ("npi", "tin"):
        assert f'value="{value}"' in text
    assert "data-unsaved" in text
    assert (practice_of(draft).dba, practice_of(draft).versions["dba"][0]) == ("Kept <dba>", 1)


def test_an_npi_of_another_practice_is_refused_by_the_field(post, draft):
    PracticeFactory(npi="1234567893")
    response, text = post("profile", PROFILE | {"ehr": "Epic"})
    assert response.status_code == 422
    assert "Another practice here has this NPI." in summary_of(text)
    assert 'value="1234567893"' in text
    assert (practice_of(draft).ehr, practice_of(draft).npi == "1234567893") == ("Epic", False)


def test_an_older_page_shows_both_versions_and_saving_again_keeps_mine(post, draft, contributor):
    changes = {"ehr": "Their <EHR>"}
    practices.save_profile(practice_of(draft), changes=changes, bases={}, by=contributor)
    mine = PROFILE | {"ehr": "My EHR", "version:ehr": "0", "dba": "Stored"}
    response, text = post("profile", mine)
    assert response.status_code == 409
    assert "Saved by Bo Li at" in text
    assert "Their &lt;EHR&gt;</blockquote>" in text
    assert 'value="My EHR"' in text
    assert 'name="version:ehr" value="1"' in text
    assert (practice_of(draft).ehr, practice_of(draft).dba) == ("Their <EHR>", "Stored")
    post("profile", mine | {"version:ehr": "1"})
    assert practice_of(draft).ehr == "My EHR"


def test_a_field_with_an_error_keeps_the_version_it_was_based_on(post, draft, contributor):
    changes = {"npi": "1234567893"}
    practices.save_profile(practice_of(draft), changes=changes, bases={}, by=contributor)
    _, text = post("profile", {"name": "N", "npi": "12345", "version:npi": "0"})
    assert 'name="version:npi" value="0"' in text


@pytest.mark.parametrize("text", ["", "x", "9" * 30, "-1"])
def test_a_version_that_was_tampered_with_overwrites_nothing(post, draft, contributor, text):
    practices.save_profile(practice_of(draft), changes={"ehr": "Epic"}, bases={}, by=contributor)
    response, _ = post("profile", PROFILE | {"ehr": "Mine", "version:ehr": text})
    assert response.status_code == 409
    assert practice_of(draft).ehr == "Epic"


def test_autosave_of_the_profile_stores_the_one_field(autosave, draft):
    status, data = autosave("profile", "ehr", "Epic")
    assert (status, data["versions"], data["errors"]) == (200, {"ehr": 1}, {})
    assert (practice_of(draft).ehr, practice_of(draft).dba) == ("Epic", "")


def test_autosave_of_the_tin_says_how_it_is_shown_and_never_repeats_it(autosave, draft):
    status, data = autosave("profile", "tin", "94-1234567")
    assert status == 200
    assert data["shown"] == {"tin": "Stored as ••-•••4567. Leave the field empty to keep it."}
    status, data = autosave("profile", "tin", "94-2345678", version=0)
    assert (status, data["conflicts"]["tin"]["theirs"]) == (409, "••-•••4567")
    assert data["conflicts"]["tin"]["values"] == [""]
    assert "2345678" not in repr(data)
    _, data = autosave("profile", "tin", "12", version=1)
    assert data["errors"]["tin"][0].startswith("A TIN has 9 digits")


def test_autosave_hands_back_choices_so_that_they_can_be_ticked(autosave, draft, contributor):
    changes = {"specialties": ["internal_medicine", "pediatrics"]}
    practices.save_profile(practice_of(draft), changes=changes, bases={}, by=contributor)
    status, data = autosave("profile", "specialties", ["family_medicine", "pediatrics"])
    other = data["conflicts"]["specialties"]
    assert (status, other["values"]) == (409, changes["specialties"])
    assert other["theirs"] == "Internal (adult) medicine, Pediatrics"


@pytest.mark.parametrize("name", ["profile", "sites", "members"])
@pytest.mark.parametrize(
    "control", ["nothing", "", "version:ehr", "\x00", "site-1-pk", "site-x-name"]
)
def test_autosave_of_what_is_not_asked_here_is_not_called_saved(autosave, name, control):
    assert autosave(name, control, "x")[0] == 422


def test_an_empty_site_is_added_by_the_button_and_filled_in(post, client_of, draft):
    response, _ = post("sites", {"add": "1"})
    site = Site.objects.get()
    assert response.url == f"{reverse('applications:sites')}#site-{site.pk}"
    page = client_of.get(reverse("applications:sites")).content.decode()
    assert f'name="site-{site.pk}-street"' in page
    response, _ = post("sites", named(site, SITE))
    assert (response.status_code, response.url) == (302, reverse("applications:members"))
    site.refresh_from_db()
    assert (site.name, site.county, site.practice_id) == (
        "Main <Street>",
        "Fresno",
        draft.practice_id,
    )


def test_adding_saves_what_is_on_the_page_first(post, site):
    post("sites", named(site, SITE) | {"add": "1"})
    assert list(Site.objects.values_list("name", flat=True)) == ["Main <Street>", ""]


@pytest.mark.parametrize("code", ["10001", "00000", "9370", "ABCDE", "９３７０１"])
def test_an_unknown_zip_is_explained_and_the_rest_of_the_site_is_stored(post, site, code):
    response, text = post("sites", named(site, SITE | {"zip_code": code}))
    assert response.status_code == 422
    assert f'href="#id_site-{site.pk}-zip_code"' in summary_of(text)
    assert 'value="Main &lt;Street&gt;"' in text
    assert f'value="{code}"' in text
    site.refresh_from_db()
    assert (site.name, site.zip_code) == ("Main <Street>", "")


def test_autosave_of_a_zip_says_county_and_quartile_with_source_and_date(autosave, site):
    HpiQuartile.objects.create(zip_code="93701", quartile=1, source="HPI 3.0", as_of="2024-05-01")
    prefix = f"site-{site.pk}"
    status, data = autosave("sites", f"{prefix}-zip_code", "93701")
    assert (status, data["versions"]) == (200, {f"{prefix}-zip_code": 1})
    assert data["shown"] == {
        f"{prefix}-county": "Fresno",
        f"{prefix}-hpi": "Quartile 1 of 4 (HPI 3.0, May 1, 2024)",
    }
    _, data = autosave("sites", f"{prefix}-zip_code", "90012", version=1)
    assert data["shown"] == {f"{prefix}-county": "Los Angeles", f"{prefix}-hpi": "Not rated"}


@pytest.mark.parametrize("whose", ["another practice's", "removed", "9" * 18])
def test_a_foreign_or_removed_entry_is_never_written_and_what_was_typed_is_shown(
    post, autosave, site, whose
):
    theirs = Site.objects.create(practice=PracticeFactory(), name="Theirs")
    number = {"removed": theirs.pk + 100, "another practice's": theirs.pk}.get(whose, whose)
    typed = {f"site-{number}-name": "Typed <here>", **named(site, SITE)}
    response, text = post("sites", typed)
    assert response.status_code == 422
    assert "A colleague removed this entry after you opened the page." in text
    assert 'value="Typed &lt;here&gt;"' in text
    _, data = autosave("sites", f"site-{number}-name", "Typed")
    assert data["versions"] == {}
    assert list(data["errors"]) == [f"site-{number}-name"]
    theirs.refresh_from_db()
    site.refresh_from_db()
    assert (theirs.name, site.name) == ("Theirs", "Main <Street>")


def test_removing_asks_first_and_is_refused_after_a_change(post, client_of, site, contributor):
    response, _ = post("sites", named(site, SITE) | {"remove": site.pk})
    url = reverse("applications:remove_site", args=[site.pk])
    assert response.url == url
    page = client_of.get(url).content.decode()
    assert "Main &lt;Street&gt;" in page
    site.refresh_from_db()
    seen = rows.fingerprint(site)
    assert f'name="seen" value="{seen}"' in page
    Site.objects.update(name="Changed meanwhile")
    refused = client_of.post(url, {"seen": seen})
    assert refused.status_code == 409
    assert "Somebody changed this entry after you opened the page." in refused.content.decode()
    assert "Changed meanwhile" in refused.content.decode()
    site.refresh_from_db()
    assert client_of.post(url, {"seen": rows.fingerprint(site)}).status_code == 302
    assert Site.objects.count() == 0
    assert client_of.get(url).status_code == 404


def test_an_entry_with_errors_can_be_removed(post, site):
    response, _ = post("sites", named(site, {"zip_code": "nonsense"}) | {"remove": site.pk})
    assert response.url == reverse("applications:remove_site", args=[site.pk])


def test_entries_of_others_cannot_be_removed(client_of):
    theirs = Site.objects.create(practice=PracticeFactory(), name="Theirs")
    url = reverse("applications:remove_site", args=[theirs.pk])
    assert client_of.get(url).status_code == 404
    assert client_of.post(url, {"seen": rows.fingerprint(theirs)}).status_code == 404
    assert Site.objects.count() == 1


def test_members_and_the_plan_that_scores_are_saved(post, draft, plan, count):
    values = {"plan": plan.pk, "members": "1,020", "as_of": "2026-01-31"}
    response, _ = post("members", named(count, values) | {"designated_mcp": plan.pk})
    assert response.status_code == 302
    assert MemberCount.objects.values_list("plan", "members").get() == (plan.pk, 1020)
    assert Application.objects.get(pk=draft.pk).designated_mcp == plan


def test_autosave_of_a_count_says_the_total(autosave, draft, count):
    MemberCount.objects.create(
        practice=draft.practice.practice, plan=OrganisationFactory(kind="mcp"), members=1000
    )
    status, data = autosave("members", f"member-{count.pk}-members", "500")
    assert (status, data["shown"]) == (200, {"members-total": "1,500"})


def test_autosave_of_the_plan_that_scores_hands_back_another_choice(
    autosave, as_hat, contributor, draft, plan
):
    status, data = autosave("members", "designated_mcp", plan.pk)
    assert (status, data["versions"]) == (200, {"designated_mcp": 1})
    other = OrganisationFactory(kind="mcp")
    status, data = autosave("members", "designated_mcp", other.pk)
    conflict = data["conflicts"]["designated_mcp"]
    assert (status, conflict["theirs"], conflict["values"]) == (409, plan.name, [str(plan.pk)])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"members": "0"}, "Enter 1 or more."),
        ({"members": "many"}, "Write a whole number, such as 1,240."),
        ({"members": "10000001"}, "Enter 10000000 or less."),
        (
            {"as_of": (timezone.now() + timedelta(days=2)).date().isoformat()},
            "This date is in the future.",
        ),
        ({"as_of": "31/31/2026"}, "Enter a date as month, day and year"),
        ({"plan": "0"}, "Choose one of the answers in the list."),
    ],
)
def test_a_wrong_count_is_explained_and_stays(post, count, changes, sentence):
    response, text = post("members", named(count, changes))
    assert response.status_code == 422
    [(field, value)] = changes.items()
    assert f'href="#id_member-{count.pk}-{field}"' in summary_of(text)
    assert sentence in summary_of(text)
    if field != "plan":
        assert f'value="{value}"' in text
    assert MemberCount.objects.values_list("plan", "members", "as_of").get() == (None, None, None)


def test_two_entries_for_one_plan_are_refused_by_the_second(post, draft, plan, count):
    other = MemberCount.objects.create(practice=draft.practice.practice, plan=plan, members=11)
    response, text = post("members", named(count, {"plan": plan.pk, "members": "22"}))
    assert response.status_code == 422
    assert "is in your table already. Add the counts up in one entry." in summary_of(text)
    assert 'value="22"' in text
    count.refresh_from_db()
    assert (count.plan, count.members, other.pk == count.pk) == (None, 22, False)


def test_the_summary_shows_only_the_own_practice(as_hat, owner, ready):
    Site.objects.create(practice=PracticeFactory(), name="Theirs")
    page = as_hat(owner).get(reverse("applications:practice")).content.decode()
    assert "Main Street Clinic" in page
    assert "Theirs" not in page


def test_incomplete_entries_are_shown_everywhere(client_of, draft, site, count):
    for name in ("practice", "sites", "members"):
        assert client_of.get(reverse(f"applications:{name}")).status_code == 200
    review = client_of.get(reverse("applications:review", args=[draft.pk])).content.decode()
    assert f'href="{reverse("applications:sites")}#id_site-{site.pk}-street"' in review
    assert f'href="{reverse("applications:members")}#id_member-{count.pk}-plan"' in review


@pytest.mark.parametrize(
    ("name", "control", "value"),
    [("profile", "ehr", "Epic"), ("sites", "site-{site}-city", "Clovis")],
)
def test_an_autosave_costs_few_queries(client_of, site, name, control, value):
    control, url = control.format(site=site.pk), reverse(f"applications:{name}")
    data = {control: value, f"version:{control}": "0", "autosave": control}
    with CaptureQueriesContext(connection) as counted:
        response = client_of.post(url, data, headers={"X-Autosave": "1"})
    assert response.status_code == 200
    work = [q for q in counted if "SAVEPOINT" not in q["sql"]]
    assert len(work) <= 6


def test_a_choice_that_is_sent_again_is_stored_once(post, draft):
    twice = {"practice_types": ["small_independent"] * 2, "specialties": ["family_medicine"] * 2}
    post("profile", {**PROFILE, **twice})
    practice = Practice.objects.get(organisation=draft.practice)
    assert practice.practice_types == ["small_independent"]
    assert practice.specialties == ["family_medicine"]
