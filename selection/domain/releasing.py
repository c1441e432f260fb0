"""Releasing approved decisions: one short transaction puts them in force, then everybody is told.

In the transaction the proposal is compared with the present facts, its decisions come in force in place of
those before, the applications move and the record is sealed: all or nothing. Who is killed before its end
has done nothing; who is killed after it leaves the telling to a worker (`selection.domain.announcing`).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from celery import current_app
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.domain.transitions import Step, apply_transitions
from applications.enums import Status
from applications.models import Application
from core.exceptions import DomainError, WrongState
from selection.domain import announcing, records, staleness
from selection.domain.approving import require_open
from selection.domain.locked import lock
from selection.domain.readiness import require_finished
from selection.domain.staff_conflicts import refuse_own_pins
from selection.domain.staleness import Stale
from selection.enums import OfferStatus, Outcome
from selection.models import Decision, Offer, Proposal
from selection.models.proposals import OPEN

IN_A_REQUEST = 1000  # decisions; more are released by a worker
RELEASE_TASK = "selection.release"
ASKED_BY = ("release_asked_by__user", "release_asked_by__organisation")
AGAIN = {
    "select": "select_again",
    "waitlist": "waitlist_again",
    "do_not_select": "do_not_select_again",
}


def release(proposal: Proposal, *, by: Membership) -> Proposal:
    """Put every decision in force and let a worker tell everybody. A second call changes nothing.

    Above 1,000 decisions a worker does the whole of it: the proposal comes back as being released. Raises
    DomainError for who proposed it or has a conflict with a pinned application, Stale when an input has
    changed, WrongState when it is not approved, has ended, or plans still score.
    """
    act = _ask if proposal.total > IN_A_REQUEST else _release
    try:
        with transaction.atomic():
            return act(proposal.pk, by)
    except Stale as error:
        staleness.mark(proposal.pk, error.references)
        raise


def carry_on(proposal_id: int) -> bool:
    """Go on with a release that was asked for, and with telling; tell whether there was work.

    It may be called any number of times, by several at once. What can't be released any more is asked
    for no longer; its page says why.
    """
    waiting = Proposal.objects.select_related(*ASKED_BY).filter(
        OPEN, pk=proposal_id, release_asked_at__isnull=False
    )
    proposal = waiting.first()
    if proposal and (by := proposal.release_asked_by):
        try:
            with transaction.atomic():
                _release(proposal_id, by)
        except Stale as error:
            staleness.mark(proposal_id, error.references)
            return True
        except DomainError:
            waiting.update(release_asked_at=None, release_asked_by=None)
            return True
    return announcing.carry_on(proposal_id)


def unfinished() -> QuerySet[Proposal]:
    """Return what is being released or told, whether or not a worker is at it."""
    asked = Proposal.objects.filter(OPEN, release_asked_at__isnull=False)
    return asked | Proposal.objects.filter(released_at__isnull=False, announced_at=None)


def step_for(status: str, outcome: str) -> str | None:
    """Return the step that brings an application from `status` to `outcome`; None when it stays.

    Who takes part already stays so when it is selected again.
    """
    if status == outcome or (status, outcome) == (Status.PARTICIPATING, Outcome.SELECTED):
        return None
    step = Outcome.transitions[outcome]
    return step if status in Status.handed_over else AGAIN[step]


def _ask(pk: int, by: Membership) -> Proposal:
    found = lock(pk)
    if found.released_at or found.release_asked_at:
        return found
    _require_releasable(found, by)
    staleness.require_fresh(found)
    found.release_asked_at, found.release_asked_by = timezone.now(), by
    found.save(update_fields=["release_asked_at", "release_asked_by"])
    transaction.on_commit(lambda: ring(pk), robust=True)
    return found


def _release(pk: int, by: Membership) -> Proposal:
    """Lock applications, then the proposal, in that order as whoever withdraws an application does."""
    rows = {one.application_id: one for one in Decision.objects.filter(proposal=pk)}
    applications = _locked(rows)
    found = lock(pk)
    if found.released_at:
        return found
    if found.release_asked_by_id == by.pk:
        found.release_asked_at = found.release_asked_by = None
    _require_releasable(found, by)
    result = staleness.require_fresh(found)
    found.released_at, found.released_by = timezone.now(), by.user
    _put_in_force(found, list(rows))
    _move(list(rows.values()), applications, by)
    found.save(update_fields=["released_at", "released_by", "release_asked_at", "release_asked_by"])
    records.seal_release(found, result=result, released_at=found.released_at)
    transaction.on_commit(lambda: ring(pk), robust=True)
    return found


def _require_releasable(proposal: Proposal, by: Membership) -> None:
    require_open(proposal)
    if proposal.approved_at is None:
        raise WrongState(_("These decisions are not approved yet."))
    if proposal.proposed_by_id == by.user_id:
        raise DomainError(_("A second person releases what you proposed. Ask an approver."))
    refuse_own_pins(proposal, by=by)
    require_finished(proposal.cycle)


def _locked(pks: Mapping[int, Decision]) -> dict[int, Application]:
    rows = Application.objects.select_for_update(of=("self",), no_key=True)
    return {row.pk: row for row in rows.filter(pk__in=list(pks)).order_by("pk")}


def _put_in_force(proposal: Proposal, applications: Sequence[int]) -> None:
    """Let these decisions take the place of those that were in force for the same applications."""
    before = Decision.objects.filter(application__cycle=proposal.cycle, in_force=True)
    before.filter(application__in=applications).update(in_force=False)
    Decision.objects.filter(proposal=proposal).update(in_force=True)


def _move(
    decisions: Sequence[Decision], applications: Mapping[int, Application], by: Membership
) -> None:
    """Give every application its numbers, and move those whose state changes."""
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    numbers: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    losing = []
    for one in decisions:
        row, wanted = applications[one.application_id], (one.priority_points, one.adjusted_score)
        if (row.priority_points, row.adjusted_score) != wanted:
            numbers[wanted].append(row.pk)
        if step := step_for(row.status, one.outcome):
            steps[step].append((row.pk, step, one.get_reason_display(), {}))
            if row.status not in Status.handed_over:
                losing.append(row.pk)
    _history_in_bulk()
    for (points, adjusted), pks in numbers.items():
        rows = Application.objects.filter(pk__in=pks)
        rows.update(priority_points=points, adjusted_score=adjusted)
    for name in sorted(steps):
        apply_transitions(steps[name], by=by, locked=applications)
    offers = Offer.objects.filter(application__in=losing, status__in=OfferStatus.live)
    offers.update(status=OfferStatus.CANCELLED)


def _history_in_bulk() -> None:
    """Tell the history triggers that none is ignored: without the setting each row costs an exception."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', "
            "coalesce(nullif(current_setting('pgtrigger.ignore', true), ''), '{}'), true)"
        )


def ring(pk: int) -> None:
    """Ask a worker, by the task's name; the sweep finds the proposal when the broker is away."""
    current_app.send_task(RELEASE_TASK, args=[pk])
