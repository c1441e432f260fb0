"""What the lead of a plan does next with one application, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.enums import Status
from applications.models import Application, ApplicationTransition
from programs.choosing import in_cycle
from scoring.domain.differences import Picture, reader_of, result


@dataclass(frozen=True)
class NextStep:
    """One step: a title, a sentence, and a link or the button that `confirm` asks for.

    Without a link and a button the lead waits for somebody else; `tone` is that of a notice then.
    """

    title: str
    body: str
    href: str = ""
    action: str = ""
    confirm: int | None = None
    tone: str = "info"


def next_step(
    application: Application, found: Picture, steps: Sequence[ApplicationTransition]
) -> NextStep | None:
    """Return what the lead does next, or None when the application is no longer with the plan."""
    if application.status == Status.SUBMITTED:
        return _assign() if not found.sheets else _resume()
    if application.status == Status.RETURNED:
        return NextStep(
            _("The practice corrects the application"),
            _("You go on when it is submitted again."),
        )
    if application.status == Status.IN_REVIEW:
        return _in_review(application, found)
    if application.status == Status.SCORED:
        return _recommend(application, steps)
    if application.status in Status.handed_over:
        return NextStep(
            _("This application is with DHCS"),
            _("Scores and recommendation are locked. DHCS can send it back to you."),
        )
    return None


def _assign() -> NextStep:
    return NextStep(
        _("Give it to a reviewer"),
        _("Nobody scores this application yet."),
        "#assign-title",
        _("Choose a reviewer"),
    )


def _resume() -> NextStep:
    return NextStep(
        _("Resume the review"),
        _("The practice corrected its application and submitted it again."),
        "#resume-title",
        _("Go to resume the review"),
    )


def _in_review(application: Application, found: Picture) -> NextStep:
    if not found.sheets:
        return _assign()
    third = reader_of(found.open) if found.is_open and found.open else None
    if third is not None:
        return NextStep(
            _("Wait for the third reader"),
            _("%(name)s reads it. That sheet settles the difference.")
            % {"name": third.reviewer.user.full_name},
        )
    if found.is_open:
        return NextStep(
            _("Settle the difference between the sheets"),
            _("They differ by more than the program allows, so the score can't be confirmed yet."),
            reverse("scoring:difference", args=[application.pk]),
            _("Look at the difference"),
        )
    waiting = [sheet for sheet in found.sheets if not sheet.is_submitted]
    if waiting:
        names = ", ".join(sheet.assignment.reviewer.user.full_name for sheet in waiting)
        return NextStep(_("Wait for the scores"), _("Still scoring: %(names)s.") % {"names": names})
    score = result(application, found).score
    return NextStep(
        _("Confirm the MCP score"),
        _("The score is %(score)d of %(total)d. After you confirm it, the sheets can't change.")
        % {"score": score, "total": application.cycle.definition.rubric.total},
        confirm=score,
    )


def _recommend(application: Application, steps: Sequence[ApplicationTransition]) -> NextStep:
    if getattr(application, "planned", None) is not None:
        return NextStep(
            _("Hand it over to DHCS"),
            _("Your recommendation is prepared. You can still change it."),
            in_cycle("scoring:hand_over", application.cycle),
            _("Look at what is ready"),
        )
    if steps and steps[-1].name == "send_back":
        return NextStep(
            _("DHCS sent this application back"),
            steps[-1].reason,
            "#recommend-title",
            _("Go to your recommendation"),
        )
    return NextStep(
        _("Prepare your recommendation"),
        _("The score is confirmed. DHCS sees nothing until you hand over."),
        "#recommend-title",
        _("Go to your recommendation"),
    )
