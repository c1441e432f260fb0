"""Cohorts that were handed over, and runs prepared over them."""

from decimal import Decimal

from accounts.enums import Role
from accounts.models import Membership
from applications.enums import Status
from applications.models import Application
from programs.models import Cycle
from selection.domain import announcing, approving, proposing, releasing
from selection.engine import Rules
from selection.models import Proposal
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import ApplicationFactory

REASON = "The work plan names who does what by when."


def published(cycle: Cycle, **changes) -> Rules:
    """Return the cycle's published rules, with changes."""
    rules = Rules.from_definition(cycle.definition.selection, cycle.budget)
    return Rules(**{**vars(rules), **changes})


def handed_over(cycle: Cycle, score: int, *, points: int = 0, **kwargs) -> Application:
    """Return an application with an MCP score that its plan recommended (or not)."""
    columns = {
        "status": Status.RECOMMENDED,
        "population": "adults_chronic",
        "recommendation_reason": REASON,
        "potential_payment": Decimal("280600.00"),
        **kwargs,
    }
    return ApplicationFactory(cycle=cycle, mcp_score=score, priority_points=points, **columns)


def owner_of(application: Application) -> Membership:
    """Return a new owner of the application's practice."""
    return MembershipFactory(role=Role.PRACTICE_OWNER, organisation=application.practice)


def cohort(cycle: Cycle) -> dict[str, Application]:
    """Return one application for each outcome under the published rules, by a name for it."""
    return {
        "above": handed_over(cycle, 85),
        "lifted": handed_over(cycle, 60, points=20, population="pregnant"),
        "near": handed_over(cycle, 75),
        "below": handed_over(cycle, 60),
        "refused": handed_over(cycle, 88, status=Status.NOT_RECOMMENDED, recommended=False),
    }


OUTCOMES = {
    "above": "selected",
    "lifted": "selected",
    "near": "waitlisted",
    "below": "not_selected",
    "refused": "not_selected",
}


WHY = "The published rules, with the budget as it is."


def proposed(cycle: Cycle, by: Membership, **changes) -> Proposal:
    """Return the open proposal of the cycle under the published rules, with changes."""
    return proposing.propose(cycle=cycle, rules=published(cycle, **changes), rationale=WHY, by=by)


def approved(cycle: Cycle, by: Membership, approver: Membership, **changes) -> Proposal:
    """Return a proposal that a second person approved."""
    return approving.approve(proposed(cycle, by, **changes), by=approver)


def released(cycle: Cycle, by: Membership, approver: Membership, **changes) -> Proposal:
    """Return a proposal that is released, with everybody told."""
    found = releasing.release(approved(cycle, by, approver, **changes), by=approver)
    announcing.carry_on(found.pk)
    found.refresh_from_db()
    return found
