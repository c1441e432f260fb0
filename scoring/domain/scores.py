"""The plan's word on an application: the official score, and its return for correction."""

from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications import emails as application_emails
from applications.correcting import correctable
from applications.domain.locking import lock
from applications.domain.transitions import apply_transition
from applications.emails import NO_NOTES
from applications.enums import Status
from applications.models import Application, CorrectionNote
from applications.queries import last_step
from core.exceptions import DomainError, WrongState
from core.times import long
from scoring.domain import assignments, confirming, differences, recommending
from scoring.domain.conflict_watch import before_confirming
from scoring.domain.reopening import NOT_SCORED
from scoring.models import PlannedRecommendation, ScoreSheet


class StillApart(DomainError):
    """The sheets differ by more than the program allows, and nobody has settled it yet."""


def confirm(application: Application, *, by: Membership) -> Application:
    """Make the submitted sheets the official MCP score and store the three numbers with their basis.

    The basis is `one_sheet`, `mean_of_2` (or as the program says), `third_reader` or `consensus`. A third
    reader's review that is not needed ends. Raises DomainError while a sheet that counts is open,
    StillApart while a difference is, WrongState when the application has moved on. The portal looks for
    conflicts of interest first; what it finds stays stored, and refuses.
    """
    before_confirming(application, by=by)
    return _confirm(application, by=by)


@transaction.atomic
def _confirm(application: Application, *, by: Membership) -> Application:
    locked = lock(application)
    if locked.status == Status.IN_REVIEW and differences.look(locked) is not None:
        raise StillApart(_still_apart(locked))
    found = differences.picture(locked)
    if not found.sheets:
        raise DomainError(_("Nobody has scored this application yet. Assign a reviewer first."))
    if waiting := [sheet for sheet in found.sheets if not sheet.is_submitted]:
        names = ", ".join(sheet.assignment.reviewer.user.full_name for sheet in waiting)
        raise DomainError(_("Still to submit their scores: %(names)s.") % {"names": names})
    changes = confirming.numbers(confirming.decided(locked, found))
    moved = apply_transition(locked, "confirm_score", by=by, changes=changes)
    confirming.end_third(locked, by=by)
    return moved


@transaction.atomic
def reopen_scoring(application: Application, *, by: Membership) -> Application:
    """Take a confirmed score back that is not handed over; the review goes on without void sheets.

    The three numbers and a prepared recommendation go; the sheets that count stay submitted. Raises
    WrongState when the application has moved on.
    """
    locked = lock(application)
    planned = PlannedRecommendation.objects.filter(application=locked)
    reason = confirming.taken_back()
    if void_counted(locked, ScoreSheet.objects.filter(assignment__application=locked)):
        reason = _("A sheet that counted is void.")
    moved = apply_transition(locked, "reopen_scoring", by=by, reason=reason, changes=NOT_SCORED)
    recommending.forget(planned, by=by)
    return moved


def void_counted(application: Application, sheets: Iterable[ScoreSheet]) -> bool:
    """Tell whether one of the application's `sheets` became void after the score was confirmed."""
    at = application.scored_at
    return at is not None and any(
        sheet.is_submitted and sheet.voided_at is not None and sheet.voided_at > at
        for sheet in sheets
    )


def _still_apart(application: Application) -> str:
    message = _("The sheets of %(reference)s differ too much. Settle the difference first.")
    return message % {"reference": application.reference}


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
    differences.look(locked)
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
