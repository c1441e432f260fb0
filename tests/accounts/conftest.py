"""A practice with its owner and contributor."""

import pytest

from accounts.enums import Role
from tests.factories.applications import PracticeFactory


@pytest.fixture
def practice(db):
    organisation = PracticeFactory().organisation
    organisation.name = "Fresno Family Medicine"
    organisation.save()
    return organisation


@pytest.fixture
def owner(practice, hat_of):
    email = "ana@fresno.example"
    return hat_of(Role.PRACTICE_OWNER, practice, user__full_name="Ana Ruiz", user__email=email)


@pytest.fixture
def contributor(practice, hat_of):
    email = "bo@fresno.example"
    return hat_of(Role.PRACTICE_CONTRIBUTOR, practice, user__full_name="Bo Li", user__email=email)
