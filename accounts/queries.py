"""Reads of people and organisations."""

from django.db.models import QuerySet

from accounts.enums import OrganisationKind
from accounts.models import Invitation, Membership, Organisation, User


def hats_of(user: User | int) -> QuerySet[Membership]:
    """Return the active memberships of `user` (or of the user with that id), oldest first.

    The person and the organisations come along.
    """
    return (
        Membership.objects.filter(user=user, is_active=True)
        .select_related("user", "organisation")
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


def other_hat(user: User, organisation: Organisation, role: str) -> Membership | None:
    """Return the hat that `user` wears in `organisation` in another role than `role`, or None."""
    worn = Membership.objects.filter(user=user, organisation=organisation, is_active=True)
    return worn.exclude(role=role).first()


def plans() -> QuerySet[Organisation]:
    """Return all managed care plans by name."""
    return Organisation.objects.filter(kind=OrganisationKind.MCP).order_by("name", "pk")


def memberships_visible_to(hat: Membership) -> QuerySet[Membership]:
    """Return everybody who works or worked in the hat's organisation, by name."""
    return (
        Membership.objects.filter(organisation=hat.organisation_id)
        .select_related("user", "organisation")
        .order_by("user__full_name", "pk")
    )


def left(hat: Membership) -> QuerySet[Membership]:
    """Return who was removed from the hat's organisation and holds no other role there, by name."""
    present = memberships_visible_to(hat).filter(is_active=True).order_by().values("user")
    return memberships_visible_to(hat).filter(is_active=False).exclude(user__in=present)


def invitations_visible_to(hat: Membership) -> QuerySet[Invitation]:
    """Return every invitation to the hat's organisation, the newest first."""
    return Invitation.objects.filter(organisation=hat.organisation_id).select_related(
        "organisation"
    )


def unanswered(invitations: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Keep those that were neither accepted nor revoked; some of them may have run out."""
    return invitations.filter(accepted_at=None, revoked_at=None)


def invitation_of_digest(digest: str) -> Invitation | None:
    """Return the invitation whose link has this SHA-256, whatever has become of it, or None."""
    return (
        Invitation.objects.filter(token_digest=digest)
        .select_related("organisation", "membership")
        .first()
    )


def was_replaced(invitation: Invitation) -> bool:
    """Tell whether a later email invited the same address to the same organisation."""
    return Invitation.objects.filter(
        organisation=invitation.organisation_id, email=invitation.email, pk__gt=invitation.pk
    ).exists()


def language_of(email: str) -> str:
    """Return the language kept with the account of an address; "" without one or without an account."""
    rows = User.objects.filter(email=email.strip().lower()).values_list("language", flat=True)
    return rows.first() or ""
