"""A plan with its lead, in an open cycle."""

import pytest

from accounts.enums import Role
from programs.models import PlanCounty
from tests.factories.accounts import OrganisationFactory
from tests.factories.programs import CycleFactory


@pytest.fixture
def cycle(db):
    return CycleFactory()


@pytest.fixture
def plan(db):
    plan = OrganisationFactory(kind="mcp", name="CalViva Health", slug="calviva")
    PlanCounty.objects.create(plan=plan, county="Fresno")
    return plan


@pytest.fixture
def lead(plan, hat_of):
    return hat_of(Role.MCP_LEAD, plan, user__full_name="Lee Chan", user__email="lee@plan.example")
