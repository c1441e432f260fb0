"""The people of one organisation: another role, leaving, coming back.

A hat is one role, so another role is another hat; the earlier one is switched off and stays in history.
An organisation is never left without the role that keeps it (`accounts.teams.KEEPER`).
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.locking import lock_hats
from accounts.models import Invitation, Membership, Organisation
from accounts.queries import other_hat, people_with_role, unanswered
from accounts.teams import KEEPER, MAY_INVITE
from core.exceptions import DomainError, WrongState


@transaction.atomic
def change_role(hat: Membership, *, role: str, by: Membership) -> Membership:
    """Give the person of `hat` another role in the same organisation; return the hat that now counts.

    The same role again changes nothing. Raises DomainError when `by` may not give the role or the last
    keeper would lose theirs, WrongState when the person was removed meanwhile.
    """
    locked = _lock(hat)
    if role not in MAY_INVITE.get(by.role, ()):
        raise DomainError(_("Your role cannot give people this role."))
    if not locked.is_active:
        raise WrongState(_("%(person)s was removed meanwhile.") % {"person": locked.user.full_name})
    if locked.role == role:
        return locked
    _require_another_keeper(locked)
    _switch(locked, on=False)
    new, _made = Membership.objects.update_or_create(
        user=locked.user,
        organisation=locked.organisation,
        role=role,
        defaults={"is_active": True},
    )
    return new


@transaction.atomic
def remove(hat: Membership, *, by: Membership) -> Membership:
    """Switch the hat off: the person loses access at once; what they wrote stays. Twice is once.

    A link that was sent to the person earlier lets nobody in any more. Raises DomainError when the
    organisation would be left without a keeper.
    """
    locked = _lock(hat)
    if not locked.is_active:
        return locked
    _require_another_keeper(locked)
    _end_invitations(locked)
    return _switch(locked, on=False)


@transaction.atomic
def restore(hat: Membership, *, by: Membership) -> Membership:
    """Switch a hat on again, in the role it had; a link that waits for the person ends.

    Raises DomainError when `by` may not give that role, WrongState when the person works in the
    organisation in another role meanwhile.
    """
    locked = _lock(hat)
    if locked.role not in MAY_INVITE.get(by.role, ()):
        raise DomainError(_("Your role cannot give people this role."))
    other = other_hat(locked.user, locked.organisation, locked.role)
    if other is not None:
        raise WrongState(
            _(
                "%(person)s works here already as “%(role)s”. You can change the role in the list of "
                "people."
            )
            % {"person": locked.user.full_name, "role": other.get_role_display()}
        )
    _end_invitations(locked)
    return _switch(locked, on=True)


def _lock(hat: Membership) -> Membership:
    """Let one act at a time change who belongs to the organisation, and read the hat again.

    Who gives work to the hat locks it too, so that nothing is given to a hat that is switched off.
    """
    Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=hat.organisation_id)
    return lock_hats([hat.pk])[hat.pk]


def _require_another_keeper(hat: Membership) -> None:
    keeper = KEEPER.get(hat.organisation.kind)
    if hat.role != keeper:
        return
    if not people_with_role(hat.organisation, keeper).exclude(pk=hat.pk).exists():
        raise DomainError(
            _(
                "%(person)s is the only “%(role)s” of %(organisation)s. Give somebody else that role "
                "first."
            )
            % {
                "person": hat.user.full_name,
                "role": hat.get_role_display(),
                "organisation": hat.organisation.name,
            }
        )


def _end_invitations(hat: Membership) -> None:
    sent = Invitation.objects.filter(organisation=hat.organisation_id, email=hat.user.email)
    unanswered(sent).update(revoked_at=timezone.now())


def _switch(hat: Membership, *, on: bool) -> Membership:
    if hat.is_active != on:
        hat.is_active = on
        hat.save(update_fields=["is_active"])
    return hat
