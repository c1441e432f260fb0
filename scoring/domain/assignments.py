"""Giving an application to a reviewer, and taking it back."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import Membership
from applications.domain.locking import lock
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import Application
from core.exceptions import DomainError, WrongState
from scoring import emails
from scoring.models import Assignment, ScoreSheet


@transaction.atomic
def assign(application: Application, *, reviewer: Membership, by: Membership) -> Assignment:
    """Give `application` to `reviewer`, start the review, and queue the email.

    Giving it to the same person again starts the review of a resubmitted application. Raises WrongState
    when scoring is over, DomainError when the person can't review for this plan.
    """
    locked = lock(application)
    if locked.status not in (Status.SUBMITTED, Status.IN_REVIEW):
        message = _("%(reference)s is “%(state)s”: reviewers can't be assigned any more.")
        raise WrongState(
            message % {"reference": locked.reference, "state": locked.get_status_display().lower()}
        )
    if not _can_review(reviewer, locked):
        raise DomainError(_("This person does not review for this plan."))
    standing = Assignment.objects.filter(application=locked, reviewer=reviewer, ended_at=None)
    assignment = standing.select_related("sheet", "reviewer__user").first()
    if assignment and locked.status == Status.IN_REVIEW:
        message = _("%(person)s already has this application.")
        raise DomainError(message % {"person": reviewer.user.full_name})
    if assignment is None:
        assignment = Assignment.objects.create(
            application=locked, reviewer=reviewer, assigned_by=by.label
        )
        ScoreSheet.objects.create(assignment=assignment)
        emails.assigned(assignment)
    if locked.status == Status.SUBMITTED:
        apply_transition(locked, "start_review", by=by)
    return assignment


@transaction.atomic
def end(assignment: Assignment, *, reason: str, by: Membership) -> Assignment:
    """Take the application back from a reviewer whose sheet is not submitted."""
    locked = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    if locked.ended_at is not None:
        return locked
    if locked.sheet.is_submitted:
        raise WrongState(_("This sheet is submitted, so the assignment stands."))
    locked.ended_at, locked.ended_reason = timezone.now(), f"{by.label}: {reason}"
    locked.save(update_fields=["ended_at", "ended_reason"])
    return locked


def _can_review(reviewer: Membership, application: Application) -> bool:
    return (
        reviewer.is_active
        and reviewer.role in Role.of_mcp
        and reviewer.organisation_id == application.designated_mcp_id
    )
