"""Reads of people and organisations."""

from django.db.models import QuerySet

from accounts.enums import OrganisationKind
from accounts.models import Membership, Organisation, User


def hats_of(user: User) -> QuerySet[Membership]:
    """Return the active memberships of `user`, with the organisation, oldest first."""
    return (
        Membership.objects.filter(user=user, is_active=True)
        .select_related("organisation")
        .order_by("pk")
    )


def people_of(organisation: Organisation) -> QuerySet[Membership]:
    """Return who works in `organisation` in whatever role, by name."""
    return (
        Membership.objects.filter(organisation=organisation, is_active=True, user__is_active=True)
        .select_related("user", "organisation")
        .order_by("user__full_name", "pk")
    )


def people_with_role(organisation: Organisation, *roles: str) -> QuerySet[Membership]:
    """Return who holds one of `roles` in `organisation`, by name."""
    return people_of(organisation).filter(role__in=roles)


def plans() -> QuerySet[Organisation]:
    """Return all managed care plans by name."""
    return Organisation.objects.filter(kind=OrganisationKind.MCP).order_by("name", "pk")
