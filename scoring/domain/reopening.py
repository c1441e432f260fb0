"""The lead gives a submitted sheet back to its reviewer; what was submitted stays to be read."""

from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain.transitions import apply_transition
from applications.enums import Status
from core.exceptions import DomainError, WrongState
from scoring import emails
from scoring.domain import differences, recommending
from scoring.domain.sheets import lock_sheet
from scoring.models import PlannedRecommendation, ScoreSheet, SheetVersion
from scoring.queries import comments_of, scores_of

NOT_SCORED: dict[str, object] = {
    "mcp_score": None,
    "priority_points": None,
    "adjusted_score": None,
    "score_basis": "",
    "scored_at": None,
    "recommended": None,
    "recommendation_reason": "",
    "recommendation_note": "",
}


@transaction.atomic
def reopen(sheet: ScoreSheet, *, reason: str, by: Membership) -> SheetVersion:
    """Keep the sheet as a version, unlock it with its points, and tell the reviewer why.

    A confirmed score is taken back with it: the application is in review again, its three numbers and
    a recommendation that was only prepared are gone. Raises DomainError without a reason, WrongState
    for a sheet that is open, void or ended, and once the application is with DHCS.
    """
    if not reason.strip():
        raise DomainError(_("Write why you reopen this sheet. The reviewer reads it."))
    locked, status = lock_sheet(sheet)
    if refused := why_not(locked, status):
        raise WrongState(refused)
    version = SheetVersion.objects.create(
        sheet=locked,
        number=SheetVersion.objects.filter(sheet=locked).count() + 1,
        total=locked.total,
        content=content_of(locked),
        submitted_at=cast(datetime, locked.submitted_at),
        submitted_by=cast(str, locked.submitted_by),
        reopened_at=timezone.now(),
        reopened_by=by.label,
        reason=reason.strip(),
    )
    locked.submitted_at, locked.submitted_by = None, None
    locked.save(update_fields=["submitted_at", "submitted_by"])
    differences.look(locked.assignment.application)
    if status == Status.SCORED:
        application = locked.assignment.application
        apply_transition(
            application, "reopen_scoring", by=by, reason=reason.strip(), changes=NOT_SCORED
        )
        recommending.forget(PlannedRecommendation.objects.filter(application=application), by=by)
    emails.reopened(version)
    return version


def why_not(sheet: ScoreSheet, status: str) -> str:
    """Return why a sheet of an application in `status` can't be reopened, or ""."""
    if sheet.voided_at is not None or sheet.assignment.ended_at is not None:
        return _("This review has ended, so its sheet stays as it is.")
    if not sheet.is_submitted:
        return _("This sheet is open already. Nothing was changed.")
    if status in Status.handed_over:
        return _(
            "The application is with DHCS. Ask DHCS to send it back first. Nothing was changed."
        )
    if status not in (Status.IN_REVIEW, Status.SCORED):
        message = _("The application is “%(state)s”, so its scores can't change now.")
        return message % {"state": str(Status(status).label).lower()}
    return ""


def content_of(sheet: ScoreSheet) -> dict[str, dict[str, Any]]:
    """Return points, their maximum and comment by criterion code. Private notes are not in it."""
    comments = {code: row.text for code, row in comments_of(sheet).items()}
    return {
        code: {
            "points": row.points,
            "max_points": row.max_points,
            "comment": comments.get(code, ""),
        }
        for code, row in sorted(scores_of(sheet).items())
    }
