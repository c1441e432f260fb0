"""When the portal looks for conflicts of interest of DHCS staff. They get no assignment to check at.

A new application is checked with everybody of DHCS by `scoring.domain.conflict_watch.after_submission`.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, User
from applications.models import Application
from scoring import conflicts
from scoring.domain.conflict_search import check_pairs
from selection.domain.staff_conflicts import end_claims


@transaction.atomic
def after_joining(hat: Membership) -> None:
    """Check the person of `hat`, new or on again, or everybody of DHCS with the practice joined."""
    if hat.organisation.kind == OrganisationKind.PRACTICE:
        applications = list(_submitted().filter(practice=hat.organisation_id))
        _check(applications, _staff() if applications else [], by=hat)
    _look_at(hat.user, by=hat)


@transaction.atomic
def after_new_address(user: User) -> None:
    """Check the person again, and everybody of DHCS with the practices that the person works for."""
    for hat in user.memberships.select_related("user", "organisation").order_by("pk"):
        if hat.organisation.kind == OrganisationKind.PRACTICE:
            after_joining(hat)
        elif hat.role in Role.see_all:
            _look_at(user, by=hat)


def after_submission(applications: Iterable[Application]) -> None:
    """End what somebody claimed whom the portal found to have a conflict just now (1 query)."""
    end_claims([application.pk for application in applications])


def _look_at(user: User, *, by: Membership) -> None:
    """Check a person of DHCS with the applications of practices near them: a hat there, TIN or domain."""
    own = _staff().filter(user=user).first()
    if own is None:
        return
    worked = dict(
        Membership.objects.filter(user=user, organisation__kind=OrganisationKind.PRACTICE)
        .values_list("organisation", "organisation__practice__tin_digest")
    )  # fmt: skip
    tins = [tin for tin in worked.values() if tin]
    near = Q(practice__in=worked) | Q(tin_digest__in=tins)
    near |= Q(practice__practice__tin_digest__in=tins) | Q(practice__in=_same_domain(user))
    _check(list(_submitted().filter(near)), [own], by=by)


def _same_domain(user: User) -> QuerySet[Membership, Any]:
    """Return the practices (ids) where somebody has an address of the person's domain, or one near it."""
    hats = Membership.objects.filter(organisation__kind=OrganisationKind.PRACTICE)
    domain = conflicts.domain_of(user.email)
    if not domain:
        return hats.none().values("organisation")
    above = domain.split(".")
    names = [".".join(above[n:]) for n in range(len(above) - 1)]
    alike = Q(user__email__endswith=f".{domain}")
    for name in names:
        alike |= Q(user__email__endswith=f"@{name}")
    return hats.filter(alike).values("organisation")


def _check(
    applications: list[Application], people: Iterable[Membership], *, by: Membership
) -> None:
    if applications:
        check_pairs(applications, people, by=by)
        end_claims([application.pk for application in applications])


def _staff() -> QuerySet[Membership]:
    hats = Membership.objects.filter(role__in=Role.see_all, is_active=True, user__is_active=True)
    return hats.select_related("user", "organisation").order_by("pk")


def _submitted() -> QuerySet[Application]:
    rows = Application.objects.filter(submitted_at__isnull=False).order_by("pk")
    return rows.select_related("cycle", "practice", "designated_mcp")
