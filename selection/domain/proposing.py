"""Proposing decisions: one set of rules frozen with everything that it rests on, and why."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from core.exceptions import DomainError, WrongState
from programs.models import Cycle
from selection.domain import inputs, records
from selection.domain.locked import lock
from selection.domain.readiness import require_ready
from selection.domain.staff_conflicts import refuse_to_pin
from selection.engine import Result, Rules, Verdict, evaluate
from selection.enums import Outcome
from selection.models import Decision, Proposal, ProposalInputs, Scenario
from selection.queries import candidates

BATCH = 1000
LEAST_RATIONALE = 20  # characters


@transaction.atomic
def propose(
    *,
    cycle: Cycle,
    rules: Rules,
    rationale: str,
    by: Membership,
    name: str = "",
    publish_at: datetime | None = None,
    scenario: Scenario | None = None,
) -> Proposal:
    """Freeze rules and inputs, and store a pending decision for each; nobody outside DHCS sees any.

    The public page appears at `publish_at` (UTC; at the release when None). In a cycle that is decided
    already the applications to choose from are those that have neither declined nor left since: their
    decisions come in force in place of those before. Raises DomainError for a rationale that is too
    short and for pins where the proposer has a conflict, Unsound (a DomainError) when the decision record
    would not verify, WrongState while another proposal is open, while plans still score, or with nothing
    to decide.
    """
    rationale = rationale.strip()
    if len(rationale) < LEAST_RATIONALE:
        message = _("Say in %(n)d characters or more why you propose this.")
        raise DomainError(message % {"n": LEAST_RATIONALE})
    locked = Cycle.objects.select_for_update(of=("self",), no_key=True).get(pk=cycle.pk)
    require_ready(locked)
    refuse_to_pin(rules, cycle=locked, by=by)
    found = candidates(locked)
    content, sha256 = inputs.sealed(inputs.frozen(locked, found))
    result = evaluate(found, rules)
    proposal = Proposal.objects.create(
        cycle=locked,
        scenario=scenario,
        name=name.strip(),
        rationale=rationale,
        rules=rules.as_json(),
        inputs_sha256=sha256,
        proposed_by=by.user,
        proposed_at=timezone.now(),
        publish_at=publish_at,
        cost=result.cost,
        **_counts(result),
    )
    records.require_sound(proposal, result=result)
    ProposalInputs.objects.create(proposal=proposal, content=content)
    rows = [_decision(proposal, verdict, rules) for verdict in result.verdicts]
    Decision.objects.bulk_create(rows, batch_size=BATCH)
    return proposal


@transaction.atomic
def withdraw(proposal: Proposal, *, by: Membership) -> Proposal:
    """Take a proposal back; its decisions stay stored and never come in force.

    A second call changes nothing. Raises DomainError for anybody but who proposed it, WrongState once it
    is released, rejected or being released.
    """
    found = lock(proposal.pk)
    if found.withdrawn_at:
        return found
    if found.proposed_by_id != by.user_id:
        raise DomainError(_("Only the person who proposed this can withdraw it."))
    if found.released_at or found.release_asked_at:
        raise WrongState(_("These decisions are released. They can't be withdrawn any more."))
    if found.rejected_at:
        raise WrongState(_("This proposal was rejected already."))
    found.withdrawn_at, found.withdrawn_by = timezone.now(), by.user
    found.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return found


def _counts(result: Result) -> dict[str, int]:
    return {str(outcome.value): result.counts.get(outcome, 0) for outcome in Outcome}


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
