"""Rule and queryset say the same for every role, every state, every organisation; and who may what."""

import pytest
import rules
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application
from applications.queries import applications_visible_to
from applications.rules import is_own
from scoring.models import Assignment
from tests.factories.accounts import KIND_OF_ROLE, MembershipFactory, OrganisationFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
VIEW = "applications.view_application"


@pytest.fixture
def world():
    """Applications in every state of two practices at two plans, and two organisations of each kind.

    Practice n designates plan n, and one draft of practice 1 designates no plan yet.
    """
    practices = [PracticeFactory().organisation for _ in range(2)]
    plans = [OrganisationFactory(kind="mcp") for _ in range(2)]
    rows = []
    for status in Status.values:
        cycle = CycleFactory()
        for practice, plan in zip(practices, plans, strict=True):
            shared = {"cycle": cycle, "practice": practice, "submission": False}
            rows.append(ApplicationFactory(status=status, designated_mcp=plan, **shared))
    rows.append(ApplicationFactory(practice=practices[0], designated_mcp=None))
    return {"practice": practices, "mcp": plans, "rows": rows}


def hats(world, role, **columns):
    kind = KIND_OF_ROLE[role]
    homes = world.get(kind) or [OrganisationFactory(kind=kind)]
    return [MembershipFactory(role=role, organisation=home, **columns) for home in homes]


def allowed(hat, permission=VIEW):
    every = Application.objects.order_by("pk")
    return [row for row in every if rules.has_perm(permission, hat, row)]


def visible(hat):
    return list(applications_visible_to(hat).order_by("pk"))


def assign(hat, rows, ended=False):
    for row in rows:
        ended_at = timezone.now() if ended else None
        Assignment.objects.create(application=row, reviewer=hat, assigned_by="x", ended_at=ended_at)


@pytest.mark.parametrize("role", Role.values)
def test_rule_and_queryset_agree_for_every_state_and_organisation(world, role):
    for hat in hats(world, role):
        assert visible(hat) == allowed(hat)


@pytest.mark.parametrize("role", Role.of_mcp)
@pytest.mark.parametrize("ended", [False, True])
def test_rule_and_queryset_agree_for_assigned_reviewers(world, role, ended):
    for hat in hats(world, role):
        assign(hat, world["rows"], ended)
        assert visible(hat) == allowed(hat)


@pytest.mark.parametrize("role", Role.values)
def test_rule_and_queryset_agree_that_a_hat_switched_off_sees_nothing(world, role):
    for hat in hats(world, role, is_active=False):
        assign(hat, world["rows"])
        assert (visible(hat), allowed(hat)) == ([], [])


def test_nobody_sees_nothing(world):
    assert visible(None) == []
    assert allowed(None) == []


def test_each_role_sees_what_the_program_says(world):
    submitted = [row for row in world["rows"] if row.submitted_at]
    for number, practice in enumerate(world["practice"]):
        own = [row for row in world["rows"] if row.practice == practice]
        of_plan = [row for row in submitted if row.designated_mcp == world["mcp"][number]]
        for role in Role.of_practice:
            assert visible(hats(world, role)[number]) == own
        assert visible(hats(world, Role.MCP_LEAD)[number]) == of_plan
        reviewer = hats(world, Role.MCP_REVIEWER)[number]
        assert visible(reviewer) == []
        assign(reviewer, of_plan[2:4])
        assert visible(reviewer) == of_plan[2:4]
    for role in Role.see_all:
        assert visible(hats(world, role)[0]) == submitted
    assert visible(hats(world, Role.MILESTONE_REVIEWER)[0]) == []


def test_a_reviewer_who_was_given_it_twice_sees_it_once(world):
    reviewer = hats(world, Role.MCP_REVIEWER)[0]
    row = next(r for r in world["rows"] if r.submitted_at and r.designated_mcp == world["mcp"][0])
    assign(reviewer, [row], ended=True)
    assign(reviewer, [row])
    assert visible(reviewer) == [row]


WRITERS = {
    "applications.edit_application": set(Role.of_practice),
    "applications.submit_application": {Role.PRACTICE_OWNER},
    "applications.withdraw_application": {Role.PRACTICE_OWNER},
    "applications.answer_offer": {Role.PRACTICE_OWNER},
}


@pytest.mark.parametrize("permission", sorted(WRITERS))
@pytest.mark.parametrize("role", Role.values)
def test_only_the_own_practice_writes_and_only_its_owner_signs(world, permission, role):
    for hat in hats(world, role):
        own = [row for row in world["rows"] if row.practice_id == hat.organisation_id]
        expected = own if role in WRITERS[permission] else []
        assert allowed(hat, permission) == expected
        assert rules.has_perm(permission, hat, None) is False


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("name", ["practice_home", "edit_practice", "start_application"])
def test_pages_of_the_practice_are_for_practices(world, role, name):
    hat = hats(world, role)[0]
    assert rules.has_perm(f"applications.{name}", hat) is (role in Role.of_practice)
    hat.is_active = False
    assert rules.has_perm(f"applications.{name}", hat) is False


def test_what_does_not_exist_belongs_to_nobody(world):
    assert is_own(hats(world, Role.PRACTICE_OWNER)[0], None) is False
