"""Telling the owners that an application waits for their signature."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications import emails
from applications.domain.locking import lock, require_writable
from applications.dossier import Dossier
from applications.models import Application
from core.exceptions import DomainError


@transaction.atomic
def ask_to_sign(application: Application, *, by: Membership) -> None:
    """Email the practice's owners that everything is filled in; at most once a Pacific day.

    Raises WrongState when the practice can't write any more, DomainError while something is missing,
    when nobody is an owner, or when they were told today.
    """
    locked = lock(application)
    require_writable(locked)
    if Dossier.load(locked).missing:
        raise DomainError(_("The application is not complete yet. Fill in what is listed first."))
    if not emails.owners_of(locked.practice):
        raise DomainError(_("Your practice has no owner who can sign. Ask for help."))
    if not emails.ready_to_sign(locked, day=timezone.localdate(), by=by):
        raise DomainError(
            _("The owners were told today already. You can tell them again tomorrow.")
        )
