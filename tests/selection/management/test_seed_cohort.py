"""The command that seeds, as from a shell."""

import io
import sys

import pytest
from django.core.management import ManagementUtility, base

from programs.models import Cycle

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(monkeypatch):
    """Run a command as from a shell, on the connection of the test; returns status and output."""

    def run_command(*words):
        out, err = io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        monkeypatch.setattr(base.connections, "close_all", lambda: None)
        status = 0
        try:
            ManagementUtility(["manage.py", *words]).execute()
        except SystemExit as stop:
            status = stop.code
        return status, out.getvalue(), err.getvalue()

    return run_command


@pytest.mark.parametrize(
    "words",
    [
        ("--cycle=x", "--applications=0", "--seed=1"),
        ("--cycle=x", "--applications=100001", "--seed=1"),
        ("--cycle=x", "--applications=ten", "--seed=1"),
        ("--cycle=x", "--applications=5", "--seed=1", "--wat"),
        ("--cycle=x", "--applications=5", "--seed=1", "--through=finished"),
        ("--cycle=x", "--applications=5", "--seed=1", "--showcase", "--through=draft"),
        ("--applications=5", "--seed=1"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_2(run, words):
    status, out, err = run("seed_cohort", *words)
    assert (status, out) == (2, "")
    assert err.startswith("manage.py seed_cohort: error: ")
    assert err.count("\n") == 1
    assert not Cycle.objects.exists()


def test_the_last_line_says_what_is_there(run):
    status, out, err = run(
        "seed_cohort", "--cycle=demo", "--applications=12", "--seed=1", "--through=submitted"
    )
    assert status == 0
    assert out == "EPT Demo (demo) (demo): 1 draft, 12 submitted.\n"
    assert "Practices 12\n" in err
