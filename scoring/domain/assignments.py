"""Giving an application to a reviewer, and taking it back."""

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.domain.locking import lock_hats
from accounts.enums import Role
from accounts.models import Membership
from applications.domain.locking import lock
from applications.domain.transitions import apply_transition
from applications.enums import Status
from applications.models import Application
from core.exceptions import DomainError, WrongState
from scoring import emails
from scoring.domain.conflict_search import admit, findings_kept
from scoring.domain.reading import copy_private
from scoring.domain.room import require_room
from scoring.enums import Ending, Purpose
from scoring.models import Assignment, CriterionComment, CriterionScore, ScoreSheet


def assign(
    application: Application,
    *,
    reviewer: Membership,
    by: Membership,
    purpose: Purpose = Purpose.SCORE,
) -> Assignment:
    """Give `application` to `reviewer`, start the review, and queue the email.

    Raises WrongState when scoring is over, DomainError when the person can't review for this plan, has
    the application already or a hard conflict of interest, is away today, or takes no more reviews. The
    conflict that the portal found stays stored.
    """
    with findings_kept(application, reviewer, by=by):
        hat = lock_hats([reviewer.pk])[reviewer.pk]
        return _assign(lock(application), hat, purpose, by)


def _assign(
    locked: Application, reviewer: Membership, purpose: Purpose, by: Membership
) -> Assignment:
    """Give the locked application to the locked hat."""
    if locked.status not in (Status.SUBMITTED, Status.IN_REVIEW):
        message = _("%(reference)s is “%(state)s”: reviewers can't be assigned any more.")
        raise WrongState(
            message % {"reference": locked.reference, "state": locked.get_status_display().lower()}
        )
    if not _can_review(reviewer, locked):
        raise DomainError(_("This person does not review for this plan."))
    if _standing(locked).filter(reviewer=reviewer).exists():
        message = _("%(person)s already has this application.")
        raise DomainError(message % {"person": reviewer.user.full_name})
    admit(locked, reviewer, by=by)
    require_room(reviewer)
    assignment = Assignment.objects.create(
        application=locked, reviewer=reviewer, purpose=purpose, assigned_by=by.label
    )
    ScoreSheet.objects.create(assignment=assignment)
    emails.assigned(assignment)
    if locked.status == Status.SUBMITTED:
        apply_transition(locked, "start_review", by=by)
    return assignment


@transaction.atomic
def resume(application: Application, *, by: Membership) -> Application:
    """Start the review of a resubmitted application again with the reviewers it has; tell them.

    Raises WrongState when it is not waiting, DomainError when nobody has it.
    """
    locked = lock(application)
    standing = list(_standing(locked).select_related("sheet", "reviewer__user"))
    if not standing:
        raise DomainError(_("Nobody has this application. Assign a reviewer first."))
    moved = apply_transition(locked, "start_review", by=by)
    for assignment in standing:
        emails.assigned(assignment, again=str(moved.submitted_at))
    return moved


@transaction.atomic
def renew(application: Application, *, by: Membership) -> None:
    """Give each reviewer whose sheet is submitted a fresh one that starts from a copy of it.

    Used when the application goes back to the practice: what was scored before stays as it was signed.
    Who was switched off since gets none, so that the application waits for the lead to assign it.
    """
    done = _standing(application).filter(sheet__submitted_at__isnull=False)
    for old in done.select_related("reviewer__user"):
        old.ended_at, old.ended_kind = timezone.now(), Ending.RETURNED
        old.ended_reason = f"{by.label}: " + _("returned to the practice for correction")
        old.save(update_fields=["ended_at", "ended_kind", "ended_reason"])
        if not _can_review(old.reviewer, application):
            continue
        fresh = Assignment.objects.create(
            application=application,
            reviewer=old.reviewer,
            purpose=old.purpose,
            assigned_by=old.assigned_by,
            read_submission=old.read_submission,
        )
        _copy(old.sheet, ScoreSheet.objects.create(assignment=fresh))


@transaction.atomic
def end(assignment: Assignment, *, reason: str, by: Membership) -> Assignment:
    """Take the application back from a reviewer whose sheet is not submitted."""
    lock(assignment.application)
    locked = Assignment.objects.select_for_update(of=("self",)).get(pk=assignment.pk)
    if locked.ended_at is not None:
        return locked
    if locked.sheet.is_submitted:
        raise WrongState(_("This sheet is submitted, so the assignment stands."))
    locked.ended_at, locked.ended_reason = timezone.now(), f"{by.label}: {reason}"
    locked.ended_kind = Ending.TAKEN_BACK
    locked.save(update_fields=["ended_at", "ended_kind", "ended_reason"])
    return locked


def _standing(application: Application) -> QuerySet[Assignment]:
    return Assignment.objects.filter(application=application, ended_at=None).order_by("pk")


def _copy(old: ScoreSheet, new: ScoreSheet) -> None:
    scores = [
        CriterionScore(
            sheet=new,
            code=row.code,
            points=row.points,
            max_points=row.max_points,
            updated_by=row.updated_by,
        )
        for row in old.scores.all()
    ]
    comments = [
        CriterionComment(sheet=new, code=row.code, text=row.text, updated_by=row.updated_by)
        for row in old.comments.all()
    ]
    CriterionScore.objects.bulk_create(scores)
    CriterionComment.objects.bulk_create(comments)
    copy_private(old, new)
    new.total, new.given, new.started_at = old.total, old.given, timezone.now()
    new.save(update_fields=["total", "given", "started_at"])


def _can_review(reviewer: Membership, application: Application) -> bool:
    return (
        reviewer.is_active
        and reviewer.user.is_active
        and reviewer.role in Role.of_mcp
        and reviewer.organisation_id == application.designated_mcp_id
    )
