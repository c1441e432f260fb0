"""Every public and practice page: axe, narrow screens, zoom, two languages, colours, paper."""

import pytest

from accounts.domain import invitations
from accounts.enums import Role
from applications.domain import submission
from applications.models import MemberCount, Site
from scoring.domain import scores
from tests.accounts.inviting import last_link
from tests.applications import filing
from tests.browser.access import hidden_by_forced_colours, look_at, on_paper
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.browser
PRACTICE = "Los Angeles Southgate Community Health Center and Neighborhood Clinic"
PUBLIC = (
    "/",
    "/estimate/",
    "/estimate/?members=920",
    "/estimate/?members=some",
    "/apply/check/",
    "/apply/check/?specialties=family_medicine&members=920&county=Fresno&survey=no&phmcat=no",
    "/cycles/cohort-1/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/about/help/",
    "/about/glossary/",
    "/about/accessibility/",
    "/about/privacy/",
    "{invitation}",
)
WRITING = (
    "/home/",
    "/status/",
    "/messages/",
    "/practice/",
    "/practice/profile/",
    "/practice/sites/",
    "/practice/sites/paste/",
    "/practice/sites/{site}/remove/",
    "/practice/members/",
    "/practice/members/paste/",
    "/practice/members/{member}/remove/",
    "/application/{pk}/contacts/",
    "/application/{pk}/prerequisites/",
    "/application/{pk}/population/",
    "/application/{pk}/optional/",
    "/application/{pk}/narratives/",
    "/application/{pk}/documents/",
    "/application/{pk}/review/",
    "/application/{pk}/history/",
    "/documents/{file}/replace/",
    "/documents/{file}/remove/",
    "/people/",
    "/people/{colleague}/role/",
    "/people/{colleague}/remove/",
    "/accounts/reauthenticate/",
    "/accounts/logout/",
)
SUBMITTED = (
    "/home/",
    "/status/",
    "/messages/",
    "/application/{pk}/review/",
    "/application/{pk}/receipt/",
    "/application/{pk}/withdraw/",
    "/application/{pk}/population/",
    "/practice/",
)
RETURNED = ("/home/", "/application/{pk}/population/", "/application/{pk}/review/", "/status/")
WITH_CONTROLS = (
    "/application/{pk}/population/",
    "/practice/profile/",
    "/practice/members/",
    "/people/",
)
NOTES = {"population": "Name the group.", "members": "Count again."}
INVITED = "somebody.with.a.long.name@a-clinic.example"
LANGUAGES = ["en-us", "es"]


@pytest.fixture
def cycle(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")
    return CycleFactory(title="EPT Cohort 1", slug="cohort-1")


@pytest.fixture
def plan(cycle):
    return OrganisationFactory(
        kind="mcp", name="Central California Alliance for Health and Community Care"
    )


@pytest.fixture
def application(cycle, plan):
    found = complete(ApplicationFactory(cycle=cycle, designated_mcp=plan))
    found.practice.name = PRACTICE
    found.practice.save()
    return found


@pytest.fixture
def owner(application, colleague):
    return colleague(Role.PRACTICE_OWNER, "Ana Ruiz", application.practice)


@pytest.fixture
def names(application, owner, colleague):
    """What the paths of a practice need; every list has something in it."""
    other = colleague(
        Role.PRACTICE_CONTRIBUTOR, "Bartholomew Featherstonehaugh", owner.organisation
    )
    invitations.invite(
        email=INVITED,
        role=Role.PRACTICE_CONTRIBUTOR,
        by=owner,
    )
    file = filing.add(application, owner, name="Everything that we measured in the year 2026.pdf")
    return {
        "pk": application.pk,
        "site": Site.objects.get().pk,
        "member": MemberCount.objects.get().pk,
        "file": file.pk,
        "colleague": other.pk,
    }


def reading(hat, language):
    hat.user.language = language
    hat.user.save()
    return hat


@pytest.fixture
def later(application, owner, plan):
    """The application, signed by its owner."""
    submission.submit(application, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
    application.refresh_from_db()
    return application


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_pages(visitors, names, language):
    invitation = last_link(INVITED)
    visitor = visitors(locale=language)
    assert (
        look_at(
            visitor,
            [path.format(invitation=invitation) for path in PUBLIC],
            dark=language == "en-us",
        )
        == {}
    )
    assert visitors.faults == []
    assert look_at(visitor, ["/nowhere/"], status=404) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_a_practice_that_writes(come_in, visitors, owner, names, language):
    visitor = come_in(reading(owner, language))
    assert (
        look_at(visitor, [path.format(**names) for path in WRITING], dark=language == "en-us") == {}
    )
    assert visitors.faults == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_after_signing_a_return_and_the_end(
    come_in, visitors, colleague, owner, later, plan, language
):
    visitor = come_in(reading(owner, language))
    assert look_at(visitor, [path.format(pk=later.pk) for path in SUBMITTED]) == {}
    lead = colleague(Role.MCP_LEAD, "Lee Lead", plan)
    scores.return_to_practice(later, reason="Two facts are missing.", notes=NOTES, by=lead)
    assert look_at(visitor, [path.format(pk=later.pk) for path in RETURNED]) == {}
    submission.withdraw(later, reason="We apply next year.", by=owner)
    assert look_at(visitor, ["/home/", "/status/"]) == {}
    owner.is_active = False
    owner.save()
    assert look_at(visitor, ["/start/", "/practice/new/"]) == {}
    assert visitors.faults == []


def test_controls_and_focus_are_seen_with_forced_colours(come_in, owner, names):
    visitor = come_in(owner, forced_colors="active", reduced_motion="reduce")
    assert hidden_by_forced_colours(visitor, [p.format(**names) for p in WITH_CONTROLS]) == {}


def test_paper_has_the_answers_in_full_and_no_navigation(come_in, owner, application):
    long = "\n".join(f"Line {number}" for number in range(60))
    application.answers.filter(key="population_why").update(value=long)
    visitor = come_in(owner)
    page = visitor.page
    page.emulate_media(media="print")
    for path in ("/home/", "/application/{pk}/population/", "/application/{pk}/review/"):
        visitor.go(path.format(pk=application.pk))
        assert on_paper(visitor) == {"heading": True, "navigation": [], "cut": []}, path
