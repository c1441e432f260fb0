"""A practice asks that DHCS decides anew; a person who took no part in the decision answers.

The decision stays in force as it was made. What is decided anew is a later act: a step of the application
and a sealed record. Who does several locks the application first, then the request, then the cycle.
"""

from collections.abc import Sequence

from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain import attachments
from applications.domain.locking import lock
from applications.domain.transitions import apply_transition
from applications.models import Application, Attachment
from core.exceptions import DomainError, WrongState
from core.times import long, to_the_second
from selection.domain import freeing, offers, records
from selection.emails import reconsiderations as emails
from selection.enums import Outcome, Reason
from selection.models import Decision, Reconsideration
from selection.queries import decision_in_force
from selection.queries.reconsiderations import (
    askable_until,
    files_of,
    is_overtaken,
    readers_for,
    standing_on,
)

LEAST_GROUNDS = 20  # characters, of grounds and of reasons
LONGEST = 8000
STEPS = {Outcome.SELECTED: "overturn_select", Outcome.WAITLISTED: "overturn_waitlist"}


def ask(
    application: Application, *, grounds: str, files: Sequence[File] = (), by: Membership
) -> Reconsideration:
    """Ask for the practice that DHCS decides anew, with grounds and files.

    Raises DomainError for grounds that say too little and for files that are not taken, WrongState when
    the time is over, there is nothing to decide anew, or it was asked already.
    """
    grounds = _said_enough(grounds)
    made: list[Reconsideration] = []

    def create(locked: Application) -> None:
        decision = _askable(locked)
        made.append(
            Reconsideration.objects.create(
                application=locked,
                decision=decision,
                grounds=grounds,
                requested_by=by.user,
                requested_at=timezone.now(),
            )
        )
        emails.received(made[0], by=by)

    attachments.add_later(application, files=files, by=by, under_lock=create)
    return made[0]


def add_files(row: Reconsideration, *, files: Sequence[File], by: Membership) -> list[Attachment]:
    """Add files to a request that is not answered yet. Raises as `ask` does."""

    def require(locked: Application) -> None:
        _require_open(_locked(row.pk, locked))

    return attachments.add_later(row.application, files=files, by=by, under_lock=require)


@transaction.atomic
def take_back(row: Reconsideration, *, by: Membership) -> Reconsideration:
    """Take a request back before it is answered; its files go too. A second call changes nothing.

    The practice may ask again while there is time. Raises WrongState when it is answered.
    """
    found = _locked(row.pk, lock(row.application))
    if found.taken_back_at:
        return found
    _require_unanswered(found)
    found.taken_back_at = timezone.now()
    found.save(update_fields=["taken_back_at"])
    attachments.end_later(files_of(found), by=by, at=found.taken_back_at)
    return found


@transaction.atomic
def assign(row: Reconsideration, *, to: Membership, by: Membership) -> Reconsideration:
    """Give a request to the person who answers it, or to another one while it is not answered.

    Raises DomainError for who took part in the decision, scored, or has a conflict of interest, WrongState
    when the request is over.
    """
    found = _locked(row.pk, lock(row.application))
    _require_open(found)
    if found.assigned_to_id == to.user_id:
        return found
    if to.user_id not in {hat.user_id for hat in readers_for(found, by.organisation)}:
        raise DomainError(_no_reader(to))
    found.assigned_to, found.assigned_by, found.assigned_at = to.user, by.user, timezone.now()
    found.save(update_fields=["assigned_to", "assigned_by", "assigned_at"])
    emails.assigned(found, to=to, by=by)
    return found


@transaction.atomic
def decide(row: Reconsideration, *, outcome: str, reasons: str, by: Membership) -> Reconsideration:
    """Answer a request: the outcome stays or becomes a better one. A second same call changes nothing.

    The application moves, its place is offered when it is selected, the act is sealed and the owners are
    told. Raises DomainError for who may not answer, an outcome that is worse, and reasons that say too
    little, WrongState when the request is over.
    """
    reasons = _said_enough(reasons)
    application = lock(row.application)
    found = _locked(row.pk, application)
    if (found.decided_by_id, found.outcome) == (by.user_id, outcome):
        return found
    _require_open(found)
    _require_reader(found, by)
    if outcome not in outcomes_for(application):
        raise DomainError(_("Choose one of the outcomes."))
    freeing.lock_cycle(application.cycle_id)
    now = timezone.now()
    if outcome != application.status:
        application = apply_transition(
            application, STEPS[Outcome(outcome)], by=by, reason=str(Reason.RECONSIDERED.label)
        )
    found.record = records.seal_act(
        proposal=found.decision.proposal,
        application=application,
        outcome=outcome,
        reason=Reason.RECONSIDERED.value,
        by=by,
        at=now,
    )
    found.outcome, found.reasons = outcome, reasons
    found.decided_at, found.decided_by = now, by.user
    found.save(update_fields=["outcome", "reasons", "decided_at", "decided_by", "record"])
    answer_by = None
    if outcome == Outcome.SELECTED:
        answer_by = offers.open_late(found.decision, at=now).answer_by
    emails.decided(found, answer_by=answer_by)
    return found


def outcomes_for(application: Application) -> list[Outcome]:
    """Return what may be decided anew, the present outcome first: it stays, or becomes a better one."""
    present = Outcome(application.status)
    better = {
        Outcome.NOT_SELECTED: [Outcome.WAITLISTED, Outcome.SELECTED],
        Outcome.WAITLISTED: [Outcome.SELECTED],
    }
    return [present, *better.get(present, [])]


def _askable(application: Application) -> Decision:
    """Return the decision to ask about, now. Raises WrongState saying why there is none."""
    decision = decision_in_force(application)
    until = askable_until(application, decision) if decision else None
    if decision is None or until is None:
        raise WrongState(_("There is no decision here that you can ask DHCS to make anew."))
    if (now := timezone.now()) > until:
        message = _("You could ask until %(until)s. It is now %(now)s. Nothing was sent.")
        raise WrongState(message % {"until": to_the_second(until), "now": to_the_second(now)})
    if earlier := standing_on(decision):
        message = _("Your practice asked on %(when)s already. Each decision is made anew once.")
        raise WrongState(message % {"when": long(earlier.requested_at)})
    return decision


def _locked(pk: int, application: Application) -> Reconsideration:
    rows = Reconsideration.objects.select_for_update(of=("self",))
    found = rows.select_related("decision__proposal", "requested_by").get(pk=pk)
    found.application = application
    return found


def _require_open(row: Reconsideration) -> None:
    if row.taken_back_at:
        raise WrongState(_("The request was taken back."))
    _require_unanswered(row)
    if is_overtaken(row):
        raise WrongState(
            _("The application has moved on since, so there is nothing to decide anew here.")
        )


def _require_unanswered(row: Reconsideration) -> None:
    if row.decided_at:
        message = _("The request was answered on %(when)s.")
        raise WrongState(message % {"when": long(row.decided_at)})


def _require_reader(row: Reconsideration, by: Membership) -> None:
    if row.assigned_to_id != by.user_id:
        raise DomainError(_("This request is given to another person, who answers it."))
    if by.user_id not in {hat.user_id for hat in readers_for(row, by.organisation)}:
        raise DomainError(_no_reader(by))


def _no_reader(hat: Membership) -> str:
    message = _(
        "%(person)s can't answer this request: whoever made the decision, scored the application, works for "
        "the practice or its plan, or has a conflict of interest is left out. Choose another person."
    )
    return message % {"person": hat.user.full_name}


def _said_enough(text: str) -> str:
    text = text.strip()
    if len(text) < LEAST_GROUNDS:
        message = _("Write %(n)d characters or more, so that others understand why.")
        raise DomainError(message % {"n": LEAST_GROUNDS})
    return text
