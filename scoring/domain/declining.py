"""A reviewer gives an application back to the lead."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain.locking import lock
from core.exceptions import DomainError, WrongState
from scoring import emails
from scoring.enums import Ending
from scoring.models import Assignment


@transaction.atomic
def decline(assignment: Assignment, *, reason: str, by: Membership) -> Assignment:
    """End the reviewer's own review with a reason and tell the leads. A second call does nothing.

    What was scored stays with the sheet and counts for nothing. Raises DomainError for somebody
    else's review and without a reason, WrongState when the scores are submitted or the review ended
    in another way.
    """
    if assignment.reviewer_id != by.pk:
        raise DomainError(
            _("This review belongs to somebody else. Only that person can decline it.")
        )
    if not reason.strip():
        raise DomainError(_("Write why you decline. Your lead reads it."))
    application = lock(assignment.application)
    locked = (
        Assignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("sheet", "reviewer__user", "reviewer__organisation")
        .get(pk=assignment.pk)
    )
    if locked.ended_kind == Ending.DECLINED:
        return locked
    if locked.ended_at is not None:
        raise WrongState(_("This review has ended already. Nothing was changed."))
    if locked.sheet.is_submitted:
        raise WrongState(
            _("Your scores are submitted, so you can't decline. Ask your lead to reopen them.")
        )
    locked.application = application
    locked.ended_at, locked.ended_kind = timezone.now(), Ending.DECLINED
    locked.ended_reason = f"{by.label}: {reason.strip()}"
    locked.save(update_fields=["ended_at", "ended_kind", "ended_reason"])
    emails.declined(locked, reason.strip())
    return locked
