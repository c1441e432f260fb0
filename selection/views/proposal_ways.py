"""Where one goes on from a proposal: to its rules, to the same once more, to what its release led to."""

from collections.abc import Collection
from typing import Any

import rules as permissions
from django.http import QueryDict
from django.urls import reverse

from accounts.models import Membership
from applications.enums import Status
from applications.queries import applications_visible_to
from selection.domain.frozen import pool_of_proposal
from selection.engine import Rules
from selection.forms.scenarios import changes_of
from selection.models import Proposal, Scenario
from selection.presenting import proposals as presenting
from selection.presenting.staleness import what_changed
from selection.presenting.unfinished import queue_url
from selection.presenting.vocabulary import Vocabulary
from selection.queries import candidates
from selection.queries.records import is_published, records_visible_to
from selection.queries.scenarios import scenarios_in
from selection.views.rules_page import SCENARIO

AGAIN = "again"  # names the proposal whose words are proposed once more
OVER = (presenting.STALE, presenting.REJECTED, presenting.WITHDRAWN)
STALE_SHOWN = 20


def ways_from(proposal: Proposal, state: str, hat: Membership, closed: Collection[str]) -> dict:
    """Return the addresses of a proposal's page: its rules, the next proposal, record and public page."""
    query = _rules_query(proposal, hat, closed)
    ways = {
        "workbench_url": _with("selection:workbench", proposal, query),
        "again_url": "",
        "record_url": "",
        "public_url": "",
    }
    if state in OVER and permissions.has_perm("selection.prepare_decisions", hat):
        query[AGAIN] = str(proposal.pk)
        ways["again_url"] = _with("selection:propose", proposal, query)
    return ways | _released(proposal, hat) if proposal.released_at else ways


def stale_rows(
    proposal: Proposal, hat: Membership, hidden: Collection[str], vocabulary: Vocabulary
) -> dict[str, Any]:
    """Return what changed in the applications that made the proposal stale (≤ 2 queries).

    Those that the person may open are linked; what a conflict of interest hides is counted only.
    """
    names = proposal.stale_because
    shown = [name for name in names if name not in hidden][:STALE_SHOWN]
    counts = {
        "stale_hidden": len(set(hidden).intersection(names)),
        "stale_more": len(set(names) - set(hidden)) - len(shown),
    }
    if not shown:
        return counts | {"stale_rows": []}
    rows = {row.reference: row for row in applications_visible_to(hat).filter(reference__in=shown)}
    now = {one.reference: one for one in candidates(proposal.cycle, among=shown)}
    pool = pool_of_proposal(proposal)
    before = {name: pool.candidates[pool.places[name]] for name in shown if name in pool.places}
    found = [
        {
            "reference": name,
            "pk": rows[name].pk if name in rows else None,
            "what": what_changed(before.get(name), now.get(name), rows[name].status, vocabulary)
            if name in rows
            else "",
        }
        for name in shown
    ]
    return counts | {"stale_rows": found}


def _rules_query(proposal: Proposal, hat: Membership, closed: Collection[str]) -> QueryDict:
    """Return the proposal's rules as an address has them, on top of its scenario where that is there."""
    cycle, query = proposal.cycle, QueryDict(mutable=True)
    base = Rules.from_definition(cycle.definition.selection, cycle.budget)
    if scenario := _scenario(proposal, hat):
        query[SCENARIO] = str(scenario.pk)
        base = Rules.from_json(scenario.rules)
    query.update(changes_of(base, Rules.from_json(proposal.rules), closed))
    return query


def _scenario(proposal: Proposal, hat: Membership) -> Scenario | None:
    """Return what was proposed, while it is in use and for whom may see it."""
    if proposal.scenario_id is None:
        return None
    return scenarios_in(proposal.cycle, hat).filter(pk=proposal.scenario_id).first()


def _released(proposal: Proposal, hat: Membership) -> dict[str, str]:
    record = records_visible_to(hat).filter(proposal=proposal).order_by("sequence").first()
    return {
        "record_url": reverse("selection:record", args=[record.pk]) if record else "",
        "public_url": reverse("selection:cohort", args=[proposal.cycle.slug])
        if is_published(proposal.cycle)
        else "",
        "queue_url": queue_url(proposal.cycle, Status.decided),
    }


def _with(name: str, proposal: Proposal, query: QueryDict) -> str:
    address = reverse(name, args=[proposal.cycle.slug])
    return f"{address}?{query.urlencode()}" if query else address
