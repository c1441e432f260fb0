"""Letting people in."""

import pytest
from django.core.management import CommandError, call_command

from accounts.domain import people
from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from core.exceptions import DomainError
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db


def test_add_makes_an_account_and_a_hat_once():
    plan = OrganisationFactory(kind=OrganisationKind.MCP)
    for _ in range(2):
        hat = people.add(
            email="Ana@Plan.example", full_name="Ana Ruiz", role=Role.MCP_LEAD, organisation=plan
        )
    assert (hat.user.email, hat.role, hat.organisation) == ("ana@plan.example", "mcp_lead", plan)
    assert not hat.user.has_usable_password()
    assert (User.objects.count(), Membership.objects.count()) == (1, 1)


def test_add_switches_an_old_hat_on_again():
    plan = OrganisationFactory(kind=OrganisationKind.MCP)
    given = {"email": "ana@plan.example", "full_name": "Ana Ruiz", "role": Role.MCP_LEAD}
    hat = people.add(**given, organisation=plan)
    Membership.objects.filter(pk=hat.pk).update(is_active=False)
    assert people.add(**given, organisation=plan).is_active is True


def test_add_refuses_a_role_of_another_kind_of_organisation():
    practice = OrganisationFactory(kind=OrganisationKind.PRACTICE)
    with pytest.raises(DomainError, match="does not belong"):
        people.add(
            email="ana@plan.example",
            full_name="Ana Ruiz",
            role=Role.DHCS_APPROVER,
            organisation=practice,
        )
    assert User.objects.count() == 0


def test_every_role_belongs_to_a_kind():
    assert set(people.KINDS) == set(Role.values)


def test_command_makes_the_organisation_when_asked(capsys):
    given = ["ana@dhcs.example", "--name=Ana Ruiz", "--role=dhcs_analyst", "--organisation=dhcs"]
    with pytest.raises(CommandError, match="There is no organization dhcs"):
        call_command("add_person", *given)
    call_command("add_person", *given, "--new-organisation=Health Care Services")
    made = Organisation.objects.get()
    assert (made.slug, made.kind, made.name) == ("dhcs", "dhcs", "Health Care Services")
    assert "Ana Ruiz (DHCS analyst, Health Care Services)" in capsys.readouterr().out


def test_command_refuses_what_is_no_address():
    with pytest.raises(CommandError, match="Ana is not an email address"):
        call_command("add_person", "Ana", "--name=A", "--role=dhcs_analyst", "--organisation=x")
    assert User.objects.count() == 0
