"""Leave for one practice to apply after the closing time."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from accounts.models import Membership, Organisation
from applications import emails
from applications.enums import Status
from applications.models import LateAccess
from applications.queries import current_application
from core.exceptions import DomainError, WrongState
from core.times import long
from programs.models import Cycle


@transaction.atomic
def grant(
    *, practice: Organisation, cycle: Cycle, until: datetime, reason: str, by: Membership
) -> LateAccess:
    """Let `practice` write and submit in `cycle` up to `until` (UTC) and tell its owners why.

    A later grant replaces the earlier one. Raises DomainError unless `until` is in the future, after
    the closing time and not after scoring is due; WrongState when the practice has submitted already.
    """
    locked = Organisation.objects.select_for_update(of=("self",), no_key=True).get(pk=practice.pk)
    _check(locked, cycle, until)
    access = LateAccess.objects.create(
        practice=locked,
        cycle=cycle,
        until=until,
        reason=reason,
        granted_by=by.label,
        created_at=timezone.now(),
    )
    emails.late_access(access)
    return access


def _check(practice: Organisation, cycle: Cycle, until: datetime) -> None:
    if practice.kind != OrganisationKind.PRACTICE:
        raise DomainError(_("Late access is for practices. Choose a practice."))
    if until <= timezone.now():
        raise DomainError(_("This time has passed. Choose a later one."))
    if until <= cycle.closes_at:
        message = _("The cycle is open until %(closes)s. Late access ends after that time.")
        raise DomainError(message % {"closes": long(cycle.closes_at)})
    if until > cycle.scoring_due_at:
        message = _("Scores are due %(due)s. Late access ends at that time or earlier.")
        raise DomainError(message % {"due": long(cycle.scoring_due_at)})
    application = current_application(practice, cycle)
    if application and application.status not in (Status.DRAFT, Status.WITHDRAWN):
        message = _("%(practice)s has submitted %(reference)s already. It needs no late access.")
        words = {"practice": practice.name, "reference": application.reference}
        raise WrongState(message % words)
