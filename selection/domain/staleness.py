"""A proposal is stale once something that it rests on has changed: it can't be approved or released then.

It is marked at once when an application takes a step that changes what there is to decide on, and looked
at as a whole (every frozen fact against the present one) when somebody approves or releases.
"""

import json
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.models import ApplicationTransition
from core.exceptions import DomainError
from selection.domain import inputs
from selection.engine import Result
from selection.models import Proposal, ProposalInputs
from selection.models.proposals import UNENDED
from selection.queries import candidates

CHANGING = frozenset(
    {
        "withdraw",
        "send_back",
        "recommend",
        "do_not_recommend",
        "promote",
        "overturn_select",
        "overturn_waitlist",
        "decline",
        "expire",
        "leave",
    }
)


class Stale(DomainError):
    """Something that a proposal rests on has changed since; `references` are the applications."""

    def __init__(self, references: Sequence[str]):
        self.references = list(references)
        super().__init__(_sentence(len(self.references)))


def look_at(steps: Iterable[ApplicationTransition]) -> None:
    """Mark the proposals that rest on applications that have just taken one of the changing steps.

    No query when none of the steps is one.
    """
    changed: dict[int, set[str]] = {}
    for step in steps:
        if step.name in CHANGING:
            row = step.application
            changed.setdefault(row.cycle_id, set()).add(row.reference)
    if not changed:
        return
    open_ones = Proposal.objects.filter(UNENDED, cycle__in=changed).order_by("pk")
    for pk, cycle in list(open_ones.values_list("pk", "cycle")):
        mark(pk, changed[cycle])


@transaction.atomic
def mark(proposal_id: int, references: Iterable[str]) -> None:
    """Note that these applications changed. A proposal that has ended stays as it is."""
    proposal = Proposal.objects.select_for_update().filter(UNENDED, pk=proposal_id).first()
    if proposal is None:
        return
    proposal.stale_because = sorted({*proposal.stale_because, *references})
    proposal.stale_at = proposal.stale_at or timezone.now()
    proposal.release_asked_at = proposal.release_asked_by = None
    proposal.save(
        update_fields=["stale_because", "stale_at", "release_asked_at", "release_asked_by"]
    )


def require_fresh(proposal: Proposal) -> Result:
    """Compare every frozen fact that decides with the present one; return what the rules make of them.

    Raises Stale; the caller marks the proposal outside of the transaction that fails.
    """
    if proposal.stale_at:
        raise Stale(proposal.stale_because)
    frozen = json.loads(ProposalInputs.objects.get(proposal=proposal).content)
    now = inputs.frozen(proposal.cycle, candidates(proposal.cycle))
    if inputs.deciding(now) != inputs.deciding(frozen):
        raise Stale(inputs.differences(frozen, now))
    return inputs.result_of(proposal, frozen)


def _sentence(number: int) -> str:
    if not number:
        return _("The program changed after this was proposed. Propose again.")
    message = ngettext(
        "%(n)d application changed after this was proposed. Propose again.",
        "%(n)d applications changed after this was proposed. Propose again.",
        number,
    )
    return message % {"n": number}
