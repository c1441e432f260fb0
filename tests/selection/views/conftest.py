"""What tests of DHCS's pages share."""

import pytest


@pytest.fixture
def web(as_hat, analyst):
    """The analyst at a browser."""
    return as_hat(analyst)
