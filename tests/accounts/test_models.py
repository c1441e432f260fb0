"""People and hats as stored."""

import pytest
from django.db import IntegrityError
from django.utils import translation

from accounts.enums import Role
from accounts.models import Membership, User
from tests.factories.accounts import MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_addresses_are_kept_and_found_in_lower_case():
    user = User.objects.create_user("  Ana@Fresno.Example ", full_name="Ana")
    assert user.email == "ana@fresno.example"
    assert user.has_usable_password() is False
    assert User.objects.get_by_natural_key("ANA@FRESNO.EXAMPLE") == user


def test_the_database_refuses_upper_case_and_a_second_account():
    with pytest.raises(IntegrityError, match="accounts_email_lower_case"):
        User.objects.create(email="Ana@fresno.example", full_name="Ana")


def test_the_database_refuses_a_second_account_of_one_address():
    UserFactory(email="ana@fresno.example")
    with pytest.raises(IntegrityError, match="email"):
        User.objects.create_user("ANA@fresno.example", full_name="Other")


def test_the_same_hat_is_stored_once():
    hat = MembershipFactory()
    MembershipFactory(user=hat.user, organisation=hat.organisation, role=Role.PRACTICE_CONTRIBUTOR)
    with pytest.raises(IntegrityError, match="accounts_membership_once"):
        Membership.objects.create(user=hat.user, organisation=hat.organisation, role=hat.role)


def test_a_hat_is_kept_in_the_same_words_whatever_language_the_page_has():
    hat = MembershipFactory(role=Role.PRACTICE_OWNER)
    kept = hat.label
    with translation.override("es"):
        assert str(Role.PRACTICE_OWNER.label) != "Practice owner"
        assert hat.label == kept
        assert translation.get_language() == "es"


def test_a_hat_in_words_names_person_role_and_organisation():
    plan = OrganisationFactory(kind="mcp", name="Valley Health Plan")
    hat = MembershipFactory(user__full_name="Bo Li", organisation=plan, role=Role.MCP_LEAD)
    assert hat.label == str(hat) == "Bo Li (MCP lead, Valley Health Plan)"
