"""Letting people in: an account, a role, an organisation."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from accounts.signals import hat_given
from core.exceptions import DomainError

KINDS: dict[str, str] = {
    **dict.fromkeys(Role.of_practice, OrganisationKind.PRACTICE),
    **dict.fromkeys(Role.of_mcp, OrganisationKind.MCP),
    **dict.fromkeys((*Role.of_dhcs, Role.AUDITOR), OrganisationKind.DHCS),
    Role.MILESTONE_REVIEWER: OrganisationKind.PHLC,
}


@transaction.atomic
def add(*, email: str, full_name: str, role: str, organisation: Organisation) -> Membership:
    """Give a person a role in an organisation and return the hat; the account is made when needed.

    A new account has no password: the person sets one by “Forgot your password?”. Doing it twice
    changes nothing but switches the hat on again. Raises DomainError when the role does not belong to
    that kind of organisation.
    """
    if KINDS[role] != organisation.kind:
        message = _("The role “%(role)s” does not belong to an organization of kind “%(kind)s”.")
        raise DomainError(message % {"role": role, "kind": organisation.kind})
    address = email.strip().lower()
    user = User.objects.filter(email=address).first()
    if user is None:
        user = User.objects.create_user(address, full_name=full_name)
    hat, _made = Membership.objects.update_or_create(
        user=user, organisation=organisation, role=role, defaults={"is_active": True}
    )
    hat_given.send(Membership, hat=hat)
    return hat


def choose_language(user: User, code: str) -> None:
    """Keep the language of the person's pages and emails with the account."""
    if user.language != code:
        user.language = code
        user.save(update_fields=["language"])
