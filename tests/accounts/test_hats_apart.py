"""One person: owner of A, contributor of B, reviewer of C at the plan that scores A. No hat sees through."""

from dataclasses import dataclass

import pytest
from django.urls import URLPattern, get_resolver, reverse

from accounts.domain import invitations
from accounts.enums import Role
from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to
from scoring.domain import assignments
from scoring.models import ScoreSheet
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.meta.test_leaks import KIND
from tests.scoring.building import in_review

OWNER, CONTRIBUTOR, REVIEWER = "owner of A", "contributor of B", "reviewer of C"
HATS = (OWNER, CONTRIBUTOR, REVIEWER)
LISTS = (
    "home",
    "applications:home",
    "applications:application",
    "applications:practice",
    "accounts:people",
    "scoring:applications",
    "scoring:overview",
    "scoring:team",
    "scoring:mine",
    "selection:queue",
    "selection:workbench_home",
    "selection:decisions",
)


@dataclass
class World:
    """Hats of one person, and the applications of A, of B and of a third practice."""

    hats: dict[str, Membership]
    a: Application
    b: Application
    c: Application
    sheet: ScoreSheet


@pytest.fixture
def world(db):
    of_a = in_review()
    of_c = in_review(of_a.lead, cycle=of_a.application.cycle)
    b = complete(ApplicationFactory(cycle=of_a.application.cycle))
    for name, application in (("A", of_a.application), ("B", b), ("C", of_c.application)):
        application.practice.name = f"Practice {name} of the valley"
        application.practice.save()
    owner = MembershipFactory(role=Role.PRACTICE_OWNER, organisation=of_a.application.practice)
    given = {"user": owner.user}
    contributor = MembershipFactory(
        role=Role.PRACTICE_CONTRIBUTOR, organisation=b.practice, **given
    )
    reviewer = MembershipFactory(
        role=Role.MCP_REVIEWER, organisation=of_a.lead.organisation, **given
    )
    sheet = assignments.assign(of_c.application, reviewer=reviewer, by=of_a.lead).sheet
    hats = dict(zip(HATS, (owner, contributor, reviewer), strict=True))
    return World(hats, of_a.application, b, of_c.application, sheet)


ABOUT_AN_APPLICATION = ("applications:", "scoring:", "selection:")


def with_a_number(resolver=None, space=""):
    """Yield the name of every address of ours that takes one number or a number and a word."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            if list(pattern.pattern.converters) in (["pk"], ["pk", "key"]):
                yield f"{space}{pattern.name}", len(pattern.pattern.converters)
        else:
            inner = f"{pattern.namespace}:" if pattern.namespace else ""
            yield from with_a_number(pattern, space + inner)


def addresses(application):
    """Return every address about an application, those that the portal will get included."""
    section = next(s.key for s in application.cycle.definition.sections if s.kind == "questions")
    return [
        (name, reverse(name, args=[application.pk, section][:count]))
        for name, count in with_a_number()
        if name.startswith(ABOUT_AN_APPLICATION) and name not in KIND
    ]


def own_and_foreign(world, which):
    """Return what the hat may see, and what it may not although the person has a hat that may."""
    own = {OWNER: world.a, CONTRIBUTOR: world.b, REVIEWER: world.c}
    return own[which], [application for name, application in own.items() if name != which]


@pytest.mark.parametrize("which", HATS)
def test_a_hat_sees_its_own_application_only(world, which):
    own, _foreign = own_and_foreign(world, which)
    assert list(applications_visible_to(world.hats[which])) == [own]


@pytest.mark.parametrize("which", HATS)
def test_no_address_opens_what_another_hat_of_the_same_person_may_see(as_hat, world, which):
    client = as_hat(world.hats[which])
    own, foreign = own_and_foreign(world, which)
    before = [Application.objects.values().get(pk=one.pk) for one in foreign]
    for application in foreign:
        for name, address in addresses(application):
            for method in (client.get, client.post):
                response = method(address)
                assert response.status_code in (403, 404, 405), (name, response.status_code)
                assert application.reference not in response.content.decode(), name
    assert [Application.objects.values().get(pk=one.pk) for one in foreign] == before
    opened = [name for name, url in addresses(own) if client.get(url).status_code == 200]
    assert len(opened) >= (0 if which == REVIEWER else 2)


@pytest.mark.parametrize("which", HATS)
def test_no_list_names_what_another_hat_of_the_same_person_may_see(as_hat, world, which):
    client = as_hat(world.hats[which])
    own, foreign = own_and_foreign(world, which)
    found = set()
    for name in LISTS:
        response = client.get(reverse(name), follow=True)
        text = response.content.decode()
        assert not [one.reference for one in foreign if one.reference in text], name
        found |= {name} if own.reference in text else set()
    assert found


def test_a_sheet_opens_for_the_reviewer_hat_only(as_hat, world):
    for which, status in ((OWNER, 404), (CONTRIBUTOR, 404), (REVIEWER, 200)):
        client = as_hat(world.hats[which])
        for name in ("scoring:sheet", "scoring:save"):
            response = client.get(reverse(name, args=[world.sheet.pk]))
            expected = {404: (403, 404, 405), 200: (200, 302, 405)}[status]
            assert response.status_code in expected, (which, name)


def test_people_of_one_practice_are_not_seen_through_the_other(as_hat, world, hat_of):
    ana = hat_of(Role.PRACTICE_CONTRIBUTOR, world.a.practice, user__email="ana@a.example")
    cy = invitations.invite(
        email="cy@a.example", role=Role.PRACTICE_CONTRIBUTOR, by=world.hats[OWNER]
    )
    acts = [("role", ana), ("remove", ana), ("restore", ana), ("resend", cy), ("revoke", cy)]
    for which in (CONTRIBUTOR, REVIEWER):
        client = as_hat(world.hats[which])
        text = client.get(reverse("accounts:people")).content.decode()
        assert "@a.example" not in text
        for name, thing in acts:
            response = client.post(reverse(f"accounts:{name}", args=[thing.pk]))
            assert response.status_code in (403, 404), (which, name)
    cy.refresh_from_db()
    assert (cy.revoked_at, Membership.objects.get(pk=ana.pk).is_active) == (None, True)


def test_the_switcher_names_the_hat_worn_and_offers_the_others(as_hat, world):
    for which, hat in world.hats.items():
        response = as_hat(world.hats[OWNER]).post(
            reverse("accounts:switch", args=[hat.pk]), follow=True
        )
        shell = response.context["shell"]
        worn = (shell["hat"]["organisation"], shell["hat"]["role"])
        assert worn == (hat.organisation.name, hat.get_role_display()), which
        assert {one["pk"] for one in shell["other_hats"]} == {
            one.pk for one in world.hats.values() if one != hat
        }
        menu = response.content.decode().split('<summary class="account__summary">')[1]
        assert worn[0] in menu.split("</summary>")[0]
        assert worn[1] in menu.split("</summary>")[0]
