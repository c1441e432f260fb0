"""Preparing decisions for a cycle, and releasing them in one act by a second person."""

from collections.abc import Mapping, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Membership
from applications.domain.transitions import apply_transitions
from applications.enums import Status
from core.exceptions import DomainError, WrongState
from core.times import long
from programs.models import Cycle
from selection import emails
from selection.engine import Rules, Verdict, evaluate
from selection.enums import Outcome
from selection.models import Decision, Proposal
from selection.queries import candidates, open_proposal, status_counts

BATCH = 1000


class Stale(DomainError):
    """Something that the prepared decisions rest on has changed since."""


@transaction.atomic
def prepare(*, cycle: Cycle, rules: Rules, by: Membership) -> Proposal:
    """Store a pending decision for every application handed over; nobody outside DHCS sees any.

    Raises WrongState while a run is pending, while plans still score, or when there is nothing to decide.
    """
    locked = Cycle.objects.select_for_update(of=("self",), no_key=True).get(pk=cycle.pk)
    _require_ready(locked)
    result = evaluate(candidates(locked), rules)
    proposal = Proposal.objects.create(
        cycle=locked,
        rules=rules.as_json(),
        selected=result.counts.get(Outcome.SELECTED, 0),
        waitlisted=result.counts.get(Outcome.WAITLISTED, 0),
        not_selected=result.counts.get(Outcome.NOT_SELECTED, 0),
        cost=result.cost,
        proposed_by=by.user,
        proposed_at=timezone.now(),
    )
    rows = [_decision(proposal, verdict, rules) for verdict in result.verdicts]
    Decision.objects.bulk_create(rows, batch_size=BATCH)
    return proposal


@transaction.atomic
def discard(proposal: Proposal, *, by: Membership) -> Proposal:
    """Throw a pending run away; its decisions stay stored and never come in force."""
    locked = _lock(proposal)
    if locked.released_at:
        raise WrongState(_("These decisions are released and can't be thrown away."))
    if locked.withdrawn_at is None:
        locked.withdrawn_at, locked.withdrawn_by = timezone.now(), by.user
        locked.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return locked


@transaction.atomic
def release(proposal: Proposal, *, by: Membership) -> Proposal:
    """Put every decision in force, move every application, queue every email: all or nothing.

    A second call changes nothing. Raises DomainError when the releaser prepared the run, Stale when an
    application was withdrawn or scored anew since, WrongState when the run was discarded.
    """
    locked = _lock(proposal)
    if locked.released_at:
        return locked
    if locked.withdrawn_at:
        raise WrongState(_("These decisions were thrown away. Prepare them again."))
    if locked.proposed_by_id == by.user_id:
        raise DomainError(_("A second person releases what you prepared. Ask an approver."))
    _require_finished(locked.cycle)
    decisions = list(locked.decisions.order_by("application_id"))
    _require_fresh(locked, decisions)
    _put_in_force(decisions, by)
    locked.released_at, locked.released_by = timezone.now(), by.user
    locked.approved_at, locked.approved_by = locked.released_at, by.user
    locked.save(update_fields=["released_at", "released_by", "approved_at", "approved_by"])
    emails.decided(decisions)
    return locked


def _require_ready(cycle: Cycle) -> None:
    if open_proposal(cycle):
        raise WrongState(
            _("Decisions for this cycle are already prepared. Release or discard them.")
        )
    counts = status_counts(cycle)
    if any(counts.get(status) for status in Status.decided):
        raise WrongState(_("The decisions of this cycle are already released."))
    _require_finished(cycle)
    if not any(counts.get(status) for status in Status.handed_over):
        raise WrongState(
            _("No application has been handed over yet, so there is nothing to decide.")
        )


def unfinished_in(cycle: Cycle, counts: Mapping[str, int]) -> int:
    """Return how many applications still wait for their plan, or for a correction in time.

    `counts` is the number of applications in each status.
    """
    with_plan = sum(counts.get(status, 0) for status in Status.with_plan)
    in_time = timezone.now() <= cycle.scoring_due_at
    return with_plan + (counts.get(Status.RETURNED, 0) if in_time else 0)


def _require_finished(cycle: Cycle) -> None:
    if not cycle.has_closed():
        message = _("This cycle takes applications until %(closes)s. Decide after that.")
        raise WrongState(message % {"closes": long(cycle.closes_at)})
    if unfinished := unfinished_in(cycle, status_counts(cycle)):
        message = ngettext(
            "%(n)d application is still with its plan. Every application needs a recommendation first.",
            "%(n)d applications are still with their plans. Every application needs a recommendation "
            "first.",
            unfinished,
        )
        raise WrongState(message % {"n": unfinished})


def _require_fresh(proposal: Proposal, decisions: Sequence[Decision]) -> None:
    """Judge everything again by the run's rules and compare with what was prepared."""
    result = evaluate(candidates(proposal.cycle), Rules.from_json(proposal.rules))
    now = {
        (v.candidate.pk, v.candidate.mcp_score, v.points, v.outcome, v.reason)
        for v in result.verdicts
    }
    then = {
        (d.application_id, d.mcp_score, d.priority_points, d.outcome, d.reason) for d in decisions
    }
    changed = {row[0] for row in now ^ then}
    if changed:
        message = ngettext(
            "%(n)d application changed after these decisions were prepared. Discard and prepare again.",
            "%(n)d applications changed after these decisions were prepared. Discard and prepare again.",
            len(changed),
        )
        raise Stale(message % {"n": len(changed)})


def _put_in_force(decisions: Sequence[Decision], by: Membership) -> None:
    Decision.objects.filter(pk__in=[decision.pk for decision in decisions]).update(in_force=True)
    apply_transitions(
        [
            (
                decision.application_id,
                Outcome.transitions[decision.outcome],
                decision.get_reason_display(),
                {
                    "priority_points": decision.priority_points,
                    "adjusted_score": decision.adjusted_score,
                },
            )
            for decision in decisions
        ],
        by=by,
    )


def _decision(proposal: Proposal, verdict: Verdict, rules: Rules) -> Decision:
    return Decision(
        proposal=proposal,
        application_id=verdict.candidate.pk,
        outcome=verdict.outcome,
        reason=verdict.reason,
        mcp_score=verdict.candidate.mcp_score,
        priority_points=verdict.points,
        adjusted_score=verdict.adjusted,
        threshold=rules.threshold,
        rank=verdict.rank,
    )


def _lock(proposal: Proposal) -> Proposal:
    return (
        Proposal.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=proposal.pk)
    )
