"""The race tests of selection use the bell of scoring's tests."""

from tests.scoring.conftest import bell

__all__ = ["bell"]
