"""Inviting colleagues: a link by email, for one address, for a limited time.

The link's token is random; only its SHA-256 is stored. Sending again ends the earlier row and makes a
new one, so an old link can say that a newer one exists. The machinery serves every kind of organisation
that `accounts.teams` lists.
"""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import emails
from accounts.enums import InvitationState
from accounts.models import Invitation, Membership, Organisation, User
from accounts.queries import (
    invitation_of_digest,
    invitations_visible_to,
    other_hat,
    people_of,
    unanswered,
    was_replaced,
)
from accounts.signals import hat_given
from accounts.teams import MAY_INVITE
from core.exceptions import DomainError, WrongState

MOST_OPEN = 20
MOST_A_DAY = 40
MOST_SENT = 6  # the first email and five more


def digest_of(token: str) -> str:
    """Return what is stored of a link's token: its SHA-256 in hexadecimal digits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def of_token(token: str) -> Invitation | None:
    """Return the invitation that a link stands for, whatever has become of it, or None."""
    return invitation_of_digest(digest_of(token))


def state_of(invitation: Invitation) -> InvitationState:
    """Return what has become of the invitation, by the server's clock."""
    if invitation.accepted_at is not None:
        return InvitationState.ACCEPTED
    if invitation.revoked_at is not None:
        return InvitationState.REPLACED if was_replaced(invitation) else InvitationState.REVOKED
    if invitation.expires_at <= timezone.now():
        return InvitationState.EXPIRED
    return InvitationState.OPEN


@transaction.atomic
def invite(*, email: str, role: str, by: Membership) -> Invitation:
    """Invite an address into the organisation of `by`, and queue the email with the link.

    An invitation of the same address that has run out is replaced. Raises DomainError when `by` may not
    give the role, the person works there already or is invited already, or there are too many open or
    recent invitations.
    """
    if role not in MAY_INVITE.get(by.role, ()):
        raise DomainError(_("Your role cannot invite people into this role."))
    organisation = _lock(by.organisation)
    address = email.strip().lower()
    _require_stranger(organisation, address)
    _require_room(by)
    return _send(organisation, address, role, by=by)


@transaction.atomic
def resend(invitation: Invitation, *, by: Membership) -> Invitation:
    """Send a new link and give it the full time again; the earlier link stops working.

    Returns the invitation that now counts. Raises WrongState when it was accepted, revoked or sent again
    meanwhile, DomainError when it was sent often enough.
    """
    organisation = _lock(by.organisation)
    locked = _open_one(invitation)
    if locked.times_sent >= MOST_SENT:
        raise DomainError(
            _(
                "This invitation was sent %(n)d times. Call the person, or revoke it and invite "
                "another address."
            )
            % {"n": locked.times_sent}
        )
    _require_stranger(organisation, locked.email, but=locked)
    _end(locked)
    return _send(organisation, locked.email, locked.role, by=by, earlier=locked)


@transaction.atomic
def revoke(invitation: Invitation, *, by: Membership) -> Invitation:
    """End the invitation: its link lets nobody in. Raises WrongState when it was answered meanwhile."""
    _lock(by.organisation)
    return _end(_open_one(invitation))


@transaction.atomic
def accept(invitation: Invitation, *, user: User) -> Membership:
    """Make `user` a member in the invited role and return the hat. The link is good for one person.

    Idempotent: the same person accepting again gets the same hat. A hat that was switched off is switched
    on. Raises DomainError for another address than the invited one, WrongState when the invitation
    ended, somebody has used it, or the person works there in another role.
    """
    _lock(invitation.organisation)
    locked = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if locked.email != user.email:
        raise DomainError(_("This invitation is for another email address."))
    if locked.membership is not None and locked.membership.user_id == user.pk:
        return locked.membership
    if state_of(locked) is not InvitationState.OPEN:
        raise WrongState(_("This invitation cannot be used any more. Ask for a new one."))
    other = other_hat(user, locked.organisation, locked.role)
    if other is not None:
        raise WrongState(
            _(
                "You work at %(organisation)s already as “%(role)s”. Ask the person who invited you to "
                "change your role."
            )
            % {"organisation": locked.organisation.name, "role": other.get_role_display()}
        )
    hat, _made = Membership.objects.update_or_create(
        user=user,
        organisation=locked.organisation,
        role=locked.role,
        defaults={"is_active": True},
    )
    locked.membership, locked.accepted_at = hat, timezone.now()
    locked.save(update_fields=["membership", "accepted_at"])
    hat_given.send(Membership, hat=hat)
    emails.joined(locked, hat)
    return hat


def _lock(organisation: Organisation) -> Organisation:
    """Let one act at a time change who belongs to the organisation."""
    return Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=organisation.pk)


def _require_stranger(
    organisation: Organisation, address: str, but: Invitation | None = None
) -> None:
    here = people_of(organisation).filter(user__email=address).first()
    if here is not None:
        raise DomainError(
            _("%(email)s works here already. You can change the role in the list of people.")
            % {"email": address}
        )
    pending = unanswered(Invitation.objects.filter(organisation=organisation, email=address))
    for one in pending:
        if one == but:
            continue
        if state_of(one) is InvitationState.OPEN:
            raise DomainError(
                _("%(email)s is invited already. You can send that invitation again.")
                % {"email": address}
            )
        _end(one)


def _require_room(by: Membership) -> None:
    now = timezone.now()
    every = invitations_visible_to(by)
    if unanswered(every).filter(expires_at__gt=now).count() >= MOST_OPEN:
        raise DomainError(
            _("%(n)d invitations are open. Revoke one, or wait until one is accepted.")
            % {"n": MOST_OPEN}
        )
    if every.filter(sent_at__gt=now - timedelta(days=1)).count() >= MOST_A_DAY:
        raise DomainError(
            _("You sent %(n)d invitations in one day. Try again tomorrow.") % {"n": MOST_A_DAY}
        )


def _open_one(invitation: Invitation) -> Invitation:
    """Lock the invitation. Raises WrongState unless it waits for an answer (also when run out)."""
    locked = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    state = state_of(locked)
    if state not in (InvitationState.OPEN, InvitationState.EXPIRED):
        raise WrongState(
            _("The invitation of %(email)s is not open any more: %(state)s.")
            % {"email": locked.email, "state": state.label}
        )
    return locked


def _end(invitation: Invitation) -> Invitation:
    invitation.revoked_at = timezone.now()
    invitation.save(update_fields=["revoked_at"])
    return invitation


def _send(
    organisation: Organisation,
    address: str,
    role: str,
    *,
    by: Membership,
    earlier: Invitation | None = None,
) -> Invitation:
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=address,
        role=role,
        token_digest=digest_of(token),
        invited_by=by.label,
        created_at=earlier.created_at if earlier else now,
        sent_at=now,
        times_sent=earlier.times_sent + 1 if earlier else 1,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    emails.invited(invitation, token=token, by=by)
    return invitation
