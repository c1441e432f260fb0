"""Sealing what was decided: the record of a release, and one more for every later act.

A record is checked by the same verifier that an outsider runs before it is stored: what does not hold is
never sealed, and the act that asked for it is rolled back. Of a record after a later act only that step is
checked, because the cycle is locked meanwhile; the rest was when the record before was stored.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Application
from core.canonical import canonical_json
from core.exceptions import DomainError, WrongState
from programs.models import Cycle
from selection.engine import Result
from selection.enums import RecordKind
from selection.models import DecisionRecord, LaterAct, Proposal
from selection.queries.records import (
    chain_of,
    known_numbers,
    latest,
    public_number,
    public_numbers,
)
from selection.record import verifier
from selection.record.amending import Act, amended, check_step
from selection.record.document import Heading, document
from selection.record.redacting import numbers_for, redacted

__all__ = [
    "latest",
    "public_number",
    "public_numbers",
    "require_sound",
    "seal_act",
    "seal_acts",
    "seal_release",
]

Check = Callable[[Mapping[str, Any]], None]  # raises Difference


class Unsound(DomainError):
    """What was to be sealed contradicts itself; the sentence names the first difference."""


@transaction.atomic
def seal_release(proposal: Proposal, *, result: Result, released_at: datetime) -> DecisionRecord:
    """Store the record of a release, full and public; sequence and the record before by themselves.

    `result` is what the proposal's rules make of its frozen inputs; the proposal is approved. The public
    sees it from `publish_at`, or from the release on, and never before the records that it follows.
    Raises Unsound when the record does not verify.
    """
    cycle = _locked(proposal.cycle_id)
    before = latest(cycle)
    content = document(_heading(proposal, cycle, before, released_at), result)
    names = [row["reference"] for row in content["applications"]]
    numbers = numbers_for(names, known_numbers(cycle) if before else {})
    return _store(
        content,
        numbers,
        before,
        cycle=cycle,
        proposal=proposal,
        kind=RecordKind.REMODELLING if before else RecordKind.RELEASE,
        created_at=released_at,
        public_from=max(
            released_at,
            proposal.publish_at or released_at,
            before.public_from if before else released_at,
        ),
    )


def require_sound(proposal: Proposal, *, result: Result) -> None:
    """Raise Unsound when the record of these decisions would not verify, were they released now.

    `result` is what the proposal's rules make of its frozen inputs.
    """
    cycle, now = proposal.cycle, proposal.proposed_at
    _require_sound(document(_heading(proposal, cycle, latest(cycle), now), result))


def seal_act(
    *,
    proposal: Proposal,
    application: Application,
    outcome: str,
    reason: str,
    by: Membership,
    at: datetime,
) -> DecisionRecord:
    """Store one later act on a released proposal and the record that it leads to; see `seal_acts`."""
    act = Act(application.reference, outcome, reason, at)
    return seal_acts(proposal=proposal, acts=[(application, act)], by=by)


@transaction.atomic
def seal_acts(
    *, proposal: Proposal, acts: Sequence[tuple[Application, Act]], by: Membership
) -> DecisionRecord:
    """Store later acts (an outcome or "left", and why) and the one record that they lead to.

    An act that waited for another one counts as made after it. The public sees the record from the last
    act on, and never before the release. Raises WrongState when the
    proposal is not the one in force, Unsound when an act does not follow from the outcome before it.
    """
    cycle = _locked(proposal.cycle_id)
    before = chain_of(cycle).last()
    if before is None or before.proposal_id != proposal.pk:
        raise WrongState(_("These decisions are not in force any more. Open the newest ones."))
    full = json.loads(before.document)
    acts = _in_order(acts, full["acts"])
    content = amended(full, [act for _application, act in acts])
    last = acts[-1][1].at
    record = _store(
        content,
        known_numbers(cycle),
        before,
        cycle=cycle,
        proposal=proposal,
        check=check_step,
        kind=RecordKind.LATER_ACT,
        created_at=last,
        public_from=max(last, before.public_from),
    )
    first = len(content["acts"]) - len(acts) + 1
    LaterAct.objects.bulk_create(
        LaterAct(
            proposal=proposal,
            number=number,
            application=application,
            outcome=act.outcome,
            reason=act.reason,
            by=by.user,
            at=act.at,
            record=record,
        )
        for number, (application, act) in enumerate(acts, start=first)
    )
    return record


def _heading(
    proposal: Proposal, cycle: Cycle, before: DecisionRecord | None, released_at: datetime
) -> Heading:
    version = cycle.version
    return Heading(
        cycle=cycle.slug,
        sequence=before.sequence + 1 if before else 1,
        previous_sha256=before.sha256 if before else "",
        program={"slug": version.slug, "version": version.number, "sha256": version.sha256},
        bands=cycle.definition.payment.bands,
        proposed_at=proposal.proposed_at,
        approved_at=proposal.approved_at or released_at,
        released_at=released_at,
    )


def _in_order(
    acts: Sequence[tuple[Application, Act]], known: Sequence[Mapping[str, Any]]
) -> list[tuple[Application, Act]]:
    """Return the acts with times that never go back, from the last known act on."""
    latest = [datetime.fromisoformat(act["at"]) for act in known[-1:]]
    found = []
    for application, act in acts:
        latest.append(max([act.at, *latest[-1:]]))
        found.append((application, replace(act, at=latest[-1])))
    return found


def _store(
    content: Mapping[str, Any],
    numbers: Mapping[str, str],
    before: DecisionRecord | None,
    check: Check = verifier.verify,
    **columns: Any,
) -> DecisionRecord:
    """Store a document and its public copy when both pass the check."""
    public = redacted(content, numbers, before.public_sha256 if before else "")
    _require_sound(content, check)
    _require_sound(public, check)
    return DecisionRecord.objects.create(
        sequence=content["sequence"],
        previous_sha256=content["previous_sha256"],
        document=canonical_json(content),
        sha256=content["sha256"],
        public=canonical_json(public),
        public_sha256=public["sha256"],
        applications=content["totals"]["applications"],
        selected=content["totals"]["selected"],
        cost=Decimal(content["totals"]["cost"]),
        **columns,
    )


def _require_sound(content: Mapping[str, Any], check: Check = verifier.verify) -> None:
    try:
        check(content)
    except verifier.Difference as difference:
        message = _("The decision record does not hold, so nothing was stored. %(why)s")
        raise Unsound(message % {"why": difference}) from difference


def _locked(cycle_id: int) -> Cycle:
    cycles = Cycle.objects.select_related("version")
    return cycles.select_for_update(of=("self",), no_key=True).get(pk=cycle_id)
