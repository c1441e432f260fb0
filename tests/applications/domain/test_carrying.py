"""The answers of the check go into the draft under a version, and never past the clock."""

from datetime import timedelta

import pytest
import time_machine

from applications.domain import carrying, designation
from applications.models import Application, MemberCount, Practice
from core.exceptions import WrongState
from programs.models import PlanCounty
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    found = OrganisationFactory(kind="mcp", name="Valley Health Plan")
    PlanCounty.objects.create(plan=found, county="Fresno")
    return found


@pytest.fixture
def unnamed(draft):
    """A draft that names no plan yet, of a practice that has no members in its table."""
    Application.objects.filter(pk=draft.pk).update(designated_mcp=None)
    draft.refresh_from_db()
    return draft


def carry(application, plan, by):
    answers = {"plan": plan.slug, "county": "Fresno", "members": 1020}
    return carrying.carry_over(
        practice=application.practice,
        cycle=application.cycle,
        application=application,
        answers=answers,
        by=by,
    )


def version_in(application):
    versions = Practice.objects.get(pk=application.practice_id).versions
    return designation.versions_of(application, versions).get(designation.FIELD, [0, ""])[:2]


def test_the_plan_is_named_under_a_version(unnamed, plan, owner, contributor):
    assert carry(unnamed, plan, owner) == ["members", "plan"]
    unnamed.refresh_from_db()
    assert (unnamed.designated_mcp, version_in(unnamed)) == (plan, [1, "Ana Ruiz"])
    stale = designation.name_plan(
        practice=unnamed.practice, cycle=unnamed.cycle, plan=None, base=0, by=contributor
    )
    assert stale.conflicts["designated_mcp"].theirs == plan


def test_a_plan_that_was_taken_out_is_named_over_its_version(unnamed, plan, owner):
    designation.name_plan(
        practice=unnamed.practice, cycle=unnamed.cycle, plan=plan, base=0, by=owner
    )
    designation.name_plan(
        practice=unnamed.practice, cycle=unnamed.cycle, plan=None, base=1, by=owner
    )
    unnamed.refresh_from_db()
    carry(unnamed, plan, owner)
    unnamed.refresh_from_db()
    assert (unnamed.designated_mcp, version_in(unnamed)) == (plan, [3, "Ana Ruiz"])


def test_after_closing_nothing_is_filled_in(unnamed, plan, owner):
    late = unnamed.cycle.closes_at + timedelta(seconds=1)
    with time_machine.travel(late, tick=False), pytest.raises(WrongState, match="closed on"):
        carry(unnamed, plan, owner)
    unnamed.refresh_from_db()
    assert (unnamed.designated_mcp, version_in(unnamed)) == (None, [0, ""])
    assert MemberCount.objects.count() == 0
