"""What a hard conflict of interest does to the reviews of one person on one application."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.enums import ConflictSource
from applications.models import Application
from applications.queries import hard_conflicts
from scoring import emails
from scoring.domain import differences
from scoring.enums import Ending
from scoring.models import Assignment, ScoreSheet


@dataclass(frozen=True)
class Effects:
    """What was done: reviews ended, sheets made void.

    `counted`: the confirmed MCP score still holds points of a sheet that is void now. It is not
    changed here: a confirmed score is the plan's word.
    """

    ended: tuple[Assignment, ...] = ()
    voided: tuple[ScoreSheet, ...] = ()
    counted: bool = False


@transaction.atomic
def close(application: Application, person: int, *, by: Membership) -> Effects:
    """End the person's reviews, make the sheets void, and tell who must know. The caller holds the lock.

    `person` is the id of a user: every hat of the person loses the application. Sheets that were
    submitted keep points, comments and time, and count for nothing. A second call does nothing.
    """
    now, reason = timezone.now(), f"{by.label}: " + _("conflict of interest")
    theirs = Assignment.objects.filter(application=application, reviewer__user=person)
    standing = list(
        theirs.filter(ended_at=None)
        .select_for_update(of=("self",), no_key=True)
        .select_related("reviewer__user", "reviewer__organisation")
        .order_by("pk")
    )
    sheets = list(
        ScoreSheet.objects.filter(assignment__in=theirs, voided_at=None)
        .select_for_update(of=("self",), no_key=True)
        .order_by("pk")
    )
    for assignment in standing:
        assignment.application = application
        assignment.ended_at, assignment.ended_kind = now, Ending.CONFLICT
        assignment.ended_reason = reason
        assignment.save(update_fields=["ended_at", "ended_kind", "ended_reason"])
    for sheet in sheets:
        sheet.voided_at, sheet.void_reason = now, reason
        sheet.save(update_fields=["voided_at", "void_reason"])
    if sheets:
        differences.look(application)
    submitted = {sheet.assignment_id for sheet in sheets if sheet.is_submitted}
    counted = application.mcp_score is not None and any(a.pk in submitted for a in standing)
    for assignment in standing:
        had = assignment.pk in submitted
        emails.conflict(assignment, submitted=had, counted=had and counted)
    if standing and _lead_noted(application, person):
        for assignment in standing:
            emails.taken(assignment)
    return Effects(tuple(standing), tuple(sheets), counted)


def _lead_noted(application: Application, person: int) -> bool:
    """Tell whether a lead noted a hard conflict of the person that stands (1 query)."""
    noted = hard_conflicts().filter(source=ConflictSource.LEAD)
    return noted.filter(application=application, person=person).exists()
