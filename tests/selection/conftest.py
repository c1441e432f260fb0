"""What tests of selection share; its race tests use the bell of scoring's tests."""

import pytest

from tests.scoring.conftest import bell
from tests.selection.building import handed_over

__all__ = ["bell"]


@pytest.fixture
def rows(cycle):
    """Three applications of the test's cycle that were handed over, the best one first."""
    return [handed_over(cycle, score) for score in (90, 80, 70)]
