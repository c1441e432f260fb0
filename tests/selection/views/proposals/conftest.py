"""A closed cycle with one application for each outcome, and the approver at a browser."""

import pytest

from tests.factories.programs import CycleFactory
from tests.selection.building import cohort
from tests.stepup import confirm_identity


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


@pytest.fixture
def web(as_hat, approver):
    """The approver, who has typed the password again just now."""
    return confirm_identity(as_hat(approver), approver.user)
