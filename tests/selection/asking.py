"""Decided cohorts in which a practice asks that DHCS decides anew."""

from dataclasses import dataclass

from accounts.enums import Role
from accounts.models import Membership
from applications.models import Application
from selection.domain import reconsidering
from selection.models import Proposal, Reconsideration
from tests.factories.accounts import MembershipFactory
from tests.selection.building import cohort, owner_of, released

GROUNDS = "The score leaves out section four of the application."
REASONS = "Section four was scored; its points are in the total."


@dataclass
class Decided:
    """A released cohort of one application for each outcome, with the people who act."""

    applications: dict[str, Application]
    proposal: Proposal
    proposer: Membership
    approver: Membership
    owners: dict[str, Membership]
    reader: Membership

    def ask(self, name: str = "near", **kwargs) -> Reconsideration:
        """Ask for the practice called `name`."""
        return reconsidering.ask(
            self.applications[name], **{"grounds": GROUNDS, "by": self.owners[name], **kwargs}
        )

    def given(self, name: str = "near", **kwargs) -> Reconsideration:
        """Ask, and give the request to the reader."""
        return reconsidering.assign(self.ask(name, **kwargs), to=self.reader, by=self.approver)


def a_decided_cohort(cycle, **changes) -> Decided:
    """Release a cohort; a third person of the same office can answer requests."""
    proposer = MembershipFactory(role=Role.DHCS_ANALYST)
    office = proposer.organisation
    approver = MembershipFactory(role=Role.DHCS_APPROVER, organisation=office)
    reader = MembershipFactory(role=Role.DHCS_ANALYST, organisation=office)
    applications = cohort(cycle)
    owners = {name: owner_of(one) for name, one in applications.items()}
    proposal = released(cycle, proposer, approver, **changes)
    for application in applications.values():
        application.refresh_from_db()
    return Decided(applications, proposal, proposer, approver, owners, reader)
