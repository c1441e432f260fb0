"""A review as browser tests of the score page need it: two reviewers, a lead, readable answers."""

from dataclasses import dataclass

import pytest

from accounts.enums import Role
from accounts.models import Membership
from applications.domain import submission
from applications.models import Answer, Application
from scoring.domain import assignments
from scoring.models import ScoreSheet
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory, complete
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import declare

WHY = (
    "We care for 4,200 patients, most of them families with young children.\n"
    "We review panels each month and call every family that missed a visit. "
    "Our nurses meet weekly to plan outreach."
)


@dataclass
class Work:
    """An application in review, its lead, two reviewers who have declared, and their sheets."""

    application: Application
    lead: Membership
    ana: Membership
    bo: Membership
    sheet: ScoreSheet
    other: ScoreSheet

    @property
    def page(self) -> str:
        """Address of Ana's score page."""
        return f"/reviews/{self.sheet.pk}/"


@pytest.fixture
def work(colleague):
    cycle = CycleFactory(title="EPT Cohort 1", slug="cohort-1")
    plan = OrganisationFactory(kind="mcp", name="Valley Health Plan")
    application = complete(ApplicationFactory(cycle=cycle, designated_mcp=plan))
    Answer.objects.filter(application=application, key="population_why").update(value=WHY)
    owner = colleague(Role.PRACTICE_OWNER, "Olga Owner", application.practice)
    submission.submit(application, signed_name="Olga", signed_title="Owner", by=owner)
    lead = colleague(Role.MCP_LEAD, "Lee Lead", plan)
    hats = [colleague(Role.MCP_REVIEWER, name, plan) for name in ("Ana Ruiz", "Bo Lee")]
    sheets = []
    for hat in hats:
        sheets.append(assignments.assign(application, reviewer=hat, by=lead).sheet)
        declare(application, hat)
    application.refresh_from_db()
    return Work(application, lead, *hats, *sheets)
