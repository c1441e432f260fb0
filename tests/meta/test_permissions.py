"""Every address declares who may open it, and keeps to it for every role."""

import logging
from decimal import Decimal

import pytest
import rules
from django.urls import NoReverseMatch, URLPattern, get_resolver, reverse

from accounts.enums import Role
from accounts.places import PLACES
from applications.workflow import TRANSITIONS
from core.views import PUBLIC, SIGNED_IN
from scoring.domain import scores
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import give, hand_in, in_review, recommend
from tests.selection.building import proposed

OTHERS = "allauth."
SECRET = "A reason that only some may read"


def patterns(resolver=None, namespace=""):
    """Yield (full name, view) of every route."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", pattern.callback
        else:
            space = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from patterns(pattern, space)


def permission_of(view):
    """Return the permission that a function or a class of views declares, or None."""
    return getattr(getattr(view, "view_class", view), "permission_required", None)


def is_ours(view):
    return not getattr(view, "view_class", view).__module__.startswith(OTHERS)


OURS = sorted((name, view) for name, view in patterns() if is_ours(view))


@pytest.mark.parametrize(("name", "view"), OURS, ids=[name for name, _view in OURS])
def test_every_view_declares_a_permission(name, view):
    permission = permission_of(view)
    assert permission in (PUBLIC, SIGNED_IN) or rules.perm_exists(permission), name


def test_every_route_has_a_name_and_the_others_are_of_accounts_only():
    names = [name for name, _view in patterns()]
    assert not [name for name in names if name.endswith("None")]
    others = {name for name, view in patterns() if not is_ours(view)}
    assert others
    assert all(name.startswith("account_") for name in others)


def test_public_pages_are_the_ones_we_know():
    public = {name for name, view in OURS if permission_of(view) == PUBLIC}
    development = {"demo_sign_in", "dev_components", "dev_outbox", "dev_outbox_message"}
    assert public - development == {
        "home",
        "healthz",
        "set_language",
        "accounts:invitation",
        "applications:check",
        "core:page",
        "programs:estimate",
        "programs:cycle",
        "selection:cohort",
        "selection:cohort_csv",
        "selection:cohort_record",
        "selection:cohort_records",
        "selection:cohorts",
        "selection:verifier",
    }


def test_every_step_of_the_workflow_names_a_registered_permission():
    assert [s.name for s in TRANSITIONS.values() if not rules.perm_exists(s.permission)] == []


@pytest.fixture(autouse=True)
def _quiet():
    """Hundreds of refusals are expected; each would be logged with its trace."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def world(db):
    """One application with a decision prepared, one in review, and their people."""
    cycle = CycleFactory(closed=True)
    review = in_review(cycle=cycle, potential_payment=Decimal("280600.00"))
    hand_in(review.sheet, 61)
    scores.confirm(review.application, by=review.lead)
    words = {"recommended": True, "reason": SECRET, "note": SECRET}
    recommend(review.application, **words, by=review.lead)
    analyst = MembershipFactory(role=Role.DHCS_ANALYST)
    run = proposed(cycle, analyst)
    open_one = in_review(review.lead, cycle=cycle)
    give(open_one.application, review.lead)
    return review, open_one, run


def addresses(world):
    """Return every address of ours by name, with ids of things that exist and one that does not."""
    review, open_one, run = world
    definition = review.application.cycle.definition
    key = next(s.key for s in definition.sections if s.kind == "questions")
    numbers = {
        review.application.pk, review.sheet.pk, open_one.application.pk, open_one.sheet.pk, run.pk,
        999_999_999,
    }  # fmt: skip
    texts = ["privacy", review.application.cycle.slug, "no-such-page"]
    every = [
        [],
        *[[n] for n in numbers],
        *[[n, key] for n in (review.application.pk, open_one.application.pk)],
        *[[t] for t in texts],
    ]
    found = []
    for name, view in OURS:
        for arguments in every:
            try:
                found.append((reverse(name, args=arguments), permission_of(view)))
            except NoReverseMatch:
                continue
    return sorted(set(found))


def test_nobody_signed_in_sees_public_pages_only(client, world):
    review, open_one, _run = world
    private = [
        SECRET,
        review.application.reference,
        open_one.application.reference,
        review.application.practice.name,
        review.reviewer.user.full_name,
    ]
    for address, permission in addresses(world):
        for method in (client.get, client.post):
            response = method(address)
            text = response.content.decode()
            assert not [word for word in private if word in text], address
            if permission == PUBLIC:
                assert response.status_code in (200, 404, 405, 422), address
            else:
                assert response.status_code == 302, address
                assert response.url.startswith(reverse("account_login")), address
    review.application.refresh_from_db()
    assert review.application.status == "recommended"


@pytest.mark.parametrize("role", Role.values)
def test_every_role_opens_every_address_without_an_error(as_hat, hat_of, world, role):
    review = world[0]
    organisation = {
        **dict.fromkeys(Role.of_practice, review.application.practice),
        **dict.fromkeys(Role.of_mcp, review.lead.organisation),
    }.get(role)
    web = as_hat(hat_of(role, organisation))
    opened = set()
    for address, _permission in addresses(world):
        status = web.get(address).status_code
        assert status in (200, 302, 403, 404, 405), address
        opened |= {address} if status == 200 else set()
    assert {reverse(place.url_name) for place in PLACES[role]} - opened <= {
        reverse("applications:application"),
        reverse("selection:workbench_home"),
    }


def test_person_without_an_organisation_is_told_how_to_begin(client, world, django_user_model):
    client.force_login(django_user_model.objects.create_user("new@people.example"))
    for address, permission in addresses(world):
        if permission not in (PUBLIC, SIGNED_IN, None):
            response = client.get(address)
            assert (response.status_code, response.url) == (
                302,
                reverse("accounts:no_organisation"),
            )


def test_hat_that_was_switched_off_opens_nothing(as_hat, world, analyst):
    web = as_hat(analyst)
    assert web.get(reverse("selection:queue")).status_code == 200
    type(analyst).objects.filter(pk=analyst.pk).update(is_active=False)
    response = web.get(reverse("selection:queue"))
    assert (response.status_code, response.url) == (302, reverse("accounts:no_organisation"))
