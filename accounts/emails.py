"""Emails about people and organisations, each in the language of who reads it."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.languages import in_language
from accounts.models import Invitation, Membership
from accounts.queries import language_of, people_with_role
from accounts.teams import ABILITIES, KEEPER, TEAM_PAGE
from core.times import long
from notifications.outbox import Email, enqueue


def absolute(path: str) -> str:
    """Return the public address of a path of this portal."""
    return f"{settings.SITE_BASE_URL.rstrip('/')}{path}"


def invited(invitation: Invitation, *, token: str, by: Membership) -> None:
    """Send the link that accepts `invitation`. The only place where the token leaves the portal.

    Without an account yet, the person reads the language of who invites.
    """
    url = absolute(reverse("accounts:invitation", args=[token]))
    with in_language(language_of(invitation.email) or by.user):
        facts = {
            "person": by.user.full_name,
            "organisation": invitation.organisation.name,
            "role": invitation.get_role_display(),
            "ability": ABILITIES[invitation.role],
            "until": long(invitation.expires_at),
            "url": url,
        }
        subject = _("%(person)s invites you to %(organisation)s on the EPT Portal") % facts
        body = (
            _(
                "%(person)s invites you to work with %(organisation)s on the EPT Portal.\n\n"
                "Your role: %(role)s. %(ability)s\n\n"
                "Read the invitation and join here, until %(until)s:\n%(url)s\n\n"
                "The link is for this email address only. If you do not know the sender, ignore this "
                "message: nothing happens.\n\nEPT Portal\n"
            )
            % facts
        )
    key = f"invitation:{invitation.pk}:{invitation.times_sent}"
    enqueue([Email("invitation", key, invitation.email, subject, body)])


def joined(invitation: Invitation, hat: Membership) -> None:
    """Tell who keeps the organisation that the invited person has joined."""
    keepers = people_with_role(hat.organisation, KEEPER[hat.organisation.kind]).exclude(pk=hat.pk)
    enqueue([_joined(invitation, hat, keeper) for keeper in keepers])


def _joined(invitation: Invitation, hat: Membership, keeper: Membership) -> Email:
    with in_language(keeper.user):
        facts = {
            "keeper": keeper.user.full_name,
            "person": hat.user.full_name,
            "email": hat.user.email,
            "organisation": hat.organisation.name,
            "role": hat.get_role_display(),
            "url": absolute(reverse(TEAM_PAGE[hat.organisation.kind])),
        }
        subject = _("%(person)s joined %(organisation)s") % facts
        body = (
            _(
                "Hello %(keeper)s,\n\n%(person)s (%(email)s) accepted the invitation to "
                "%(organisation)s. Role: %(role)s.\n\n"
                "If this is not right, remove the person here:\n%(url)s\n\nEPT Portal\n"
            )
            % facts
        )
    return Email("joined", f"invitation:{invitation.pk}:joined", keeper.user.email, subject, body)
