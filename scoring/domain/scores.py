"""The plan's word on an application: official score, recommendation, return for correction."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications import emails as application_emails
from applications.content import facts_from_columns
from applications.correcting import correctable
from applications.domain.locking import lock
from applications.domain.transitions import apply_transition
from applications.emails import NO_NOTES
from applications.enums import Status
from applications.models import Application, CorrectionNote
from applications.queries import last_step
from core.exceptions import DomainError, WrongState
from core.times import long
from programs.priority import priority_points
from scoring import rubric
from scoring.domain import assignments
from scoring.queries import sheets_of


@transaction.atomic
def confirm(application: Application, *, by: Membership) -> Application:
    """Make the submitted sheets the official MCP score and store the three numbers.

    Raises DomainError while a standing sheet is open, WrongState when the application has moved on.
    """
    locked = lock(application)
    sheets = list(sheets_of(locked))
    if not sheets:
        raise DomainError(_("Nobody has scored this application yet. Assign a reviewer first."))
    if waiting := [s for s in sheets if not s.is_submitted]:
        names = ", ".join(sheet.assignment.reviewer.user.full_name for sheet in waiting)
        raise DomainError(_("Still to submit their scores: %(names)s.") % {"names": names})
    totals = [sheet.total for sheet in sheets]
    score = rubric.official_score(totals)
    rules = locked.cycle.definition.selection.priority_points
    added = priority_points(facts_from_columns(locked), rules)
    basis = "one_sheet" if len(totals) == 1 else f"mean_of_{len(totals)}"
    changes = {
        "mcp_score": score,
        "priority_points": added,
        "adjusted_score": score + added,
        "score_basis": basis,
    }
    return apply_transition(locked, "confirm_score", by=by, changes=changes)


@transaction.atomic
def recommend(
    application: Application, *, recommended: bool, reason: str, note: str, by: Membership
) -> Application:
    """Hand the application over to DHCS with a recommendation.

    `reason` is shown to the practice after the decision; `note` only to DHCS.
    """
    name = "recommend" if recommended else "do_not_recommend"
    changes = {
        "recommended": recommended,
        "recommendation_reason": reason,
        "recommendation_note": note,
    }
    return apply_transition(application, name, by=by, reason=reason, changes=changes)


@transaction.atomic
def return_to_practice(
    application: Application,
    *,
    reason: str,
    by: Membership,
    notes: Mapping[str, str] = NO_NOTES,
) -> Application:
    """Send the application back for correction and tell the practice what to change.

    `notes` say by section key what has to change there; every other section stays locked. Without notes
    the whole application may change. Raises DomainError for a section that the form does not have,
    WrongState once scoring is due, as corrections end then.
    """
    locked = lock(application)
    if late := too_late_to_return(locked):
        raise WrongState(late)
    _check_sections(locked, notes)
    assignments.renew(locked, by=by)
    moved = apply_transition(
        locked, "return", by=by, reason=reason, changes={"return_note": reason}
    )
    step = last_step(moved)
    CorrectionNote.objects.bulk_create(
        CorrectionNote(transition=step, section=section, text=text)
        for section, text in notes.items()
    )
    application_emails.returned(
        locked, key=f"transition:{step.pk}", reason=reason, notes=notes, by=by
    )
    return moved


def too_late_to_return(application: Application) -> str:
    """Return why the clock keeps an application with the plan from going back, or ""."""
    due = application.cycle.scoring_due_at
    if application.status not in Status.with_plan or timezone.now() <= due:
        return ""
    sentence = _(
        "Scores were due by %(due)s, so the practice has no time left for corrections. Go on with "
        "the application as it is."
    )
    return sentence % {"due": long(due)}


def _check_sections(application: Application, notes: Mapping[str, str]) -> None:
    known = dict(correctable(application.cycle.definition))
    if notes.keys() - known.keys():
        raise DomainError(_("This form has no such section. Reload the page and choose again."))
