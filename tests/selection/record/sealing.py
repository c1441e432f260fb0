"""Small cohorts that are decided by the use-cases themselves."""

import json

from accounts.enums import Role
from selection.domain import approving, proposing, releasing
from selection.enums import Outcome
from selection.models import DecisionRecord
from tests.factories.accounts import MembershipFactory
from tests.selection.building import cohort, published

RATIONALE = "The published rules, as the program says."


def decide(cycle, *, publish_at=None, **changes):
    """Propose, approve and release what the published rules (with changes) make of a cycle."""
    analyst = MembershipFactory(role=Role.DHCS_ANALYST)
    approver = MembershipFactory(role=Role.DHCS_APPROVER)
    rules = published(cycle, **changes)
    proposal = proposing.propose(cycle=cycle, rules=rules, rationale=RATIONALE, by=analyst)
    approving.approve(proposal, by=approver, publish_at=publish_at)
    return releasing.release(proposal, by=approver)


def decided(cycle, **kwargs):
    """Return one application for each outcome, by a name for it, and the released proposal."""
    applications = cohort(cycle)
    proposal = decide(cycle, **kwargs)
    for application in applications.values():
        application.refresh_from_db()
    return applications, proposal


def documents(cycle, field="document"):
    """Return the parsed documents of a cycle's chain."""
    texts = DecisionRecord.objects.filter(cycle=cycle).order_by("sequence")
    return [json.loads(text) for text in texts.values_list(field, flat=True)]


def outcomes_of(document):
    """Return outcome by reference."""
    return {row["reference"]: row["outcome"] for row in document["applications"]}


SELECTED = Outcome.SELECTED
