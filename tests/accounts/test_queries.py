"""Reads of people: exact sets, in order, without who left."""

import pytest

from accounts.enums import Role
from accounts.queries import hats_of, people_of, people_with_role, plans
from accounts.rules import has_role, is_anybody, is_dhcs, is_lead, is_mcp, is_practice, sees_all
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db


def test_people_are_listed_by_name_without_who_left(hat_of):
    practice = OrganisationFactory()
    zoe = hat_of(Role.PRACTICE_OWNER, practice, user__full_name="Zoe")
    ana = hat_of(Role.PRACTICE_CONTRIBUTOR, practice, user__full_name="Ana")
    hat_of(Role.PRACTICE_OWNER, practice, is_active=False)
    hat_of(Role.PRACTICE_OWNER, practice, user__is_active=False)
    hat_of(Role.PRACTICE_OWNER)
    assert list(people_of(practice)) == [ana, zoe]
    assert list(people_with_role(practice, Role.PRACTICE_OWNER)) == [zoe]
    assert list(people_with_role(practice, *Role.of_practice)) == [ana, zoe]


def test_hats_are_the_active_ones_oldest_first(hat_of):
    first = hat_of(Role.MCP_LEAD)
    second = hat_of(Role.AUDITOR, user=first.user)
    hat_of(Role.DHCS_APPROVER, user=first.user, is_active=False)
    hat_of(Role.MCP_LEAD, first.organisation)
    assert list(hats_of(first.user)) == [first, second]


def test_plans_are_listed_by_name():
    b, a = (OrganisationFactory(kind="mcp", name=name) for name in ("B Plan", "A Plan"))
    OrganisationFactory(kind="practice", name="A Practice")
    assert list(plans()) == [a, b]


@pytest.mark.parametrize("role", Role.values)
def test_the_words_of_the_rules_know_their_roles(hat_of, role):
    hat = hat_of(role)
    assert is_practice(hat) is (role in {"practice_owner", "practice_contributor"})
    assert is_mcp(hat) is (role in {"mcp_lead", "mcp_reviewer"})
    assert is_lead(hat) is (role == "mcp_lead")
    staff = {"dhcs_analyst", "dhcs_approver", "dhcs_administrator"}
    assert is_dhcs(hat) is (role in staff)
    assert sees_all(hat) is (role in staff | {"auditor"})
    assert is_anybody(hat) is True
    hat.is_active = False
    assert is_anybody(hat) is False
    assert has_role(role)(None) is False
