import io
import sys
from datetime import datetime
from decimal import Decimal

import pytest
from django.core.management import ManagementUtility, base

from accounts.models import Organisation
from core.times import PACIFIC
from programs.models import Cycle, HpiQuartile, ProgramVersion
from programs.packaged import PACKAGED_DEFINITION

pytestmark = pytest.mark.django_db
FILE = str(PACKAGED_DEFINITION)
CYCLE = [
    "--cycle=cohort-1",
    "--opens=2023-09-01T09:00",
    "--closes=2023-10-23T17:00",
    "--scoring-due=2023-12-08T17:00",
    "--budget=97,000,000",
]


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


def test_load_program_stores_version_and_cycle_in_pacific_time(run):
    status, out, err = run("load_program", FILE, *CYCLE, "--title=Cohort 1")
    assert (status, err) == (0, "")
    assert "version 1" in out
    cycle = Cycle.objects.get()
    assert (cycle.slug, cycle.title, cycle.budget) == ("cohort-1", "Cohort 1", Decimal(97000000))
    assert cycle.closes_at == datetime(2023, 10, 23, 17, tzinfo=PACIFIC)
    assert cycle.version == ProgramVersion.objects.get()
    assert run("load_program", FILE, *CYCLE)[0] == 0
    assert ProgramVersion.objects.count() == Cycle.objects.count() == 1


def test_load_program_lists_every_error_and_stores_nothing(run, tmp_path):
    broken = tmp_path / "broken.yaml"
    text = PACKAGED_DEFINITION.read_text(encoding="utf-8")
    broken.write_text(
        text.replace("total: 90", "total: 91").replace("official: mean", "official: ")
    )
    status, out, err = run("load_program", str(broken), *CYCLE)
    assert (status, out) == (1, "")
    lines = err.splitlines()
    assert "scoring.official: This has to be one of 'mean_half_up', 'lowest' or 'highest'." in lines
    assert "rubric.total: The maxima add up to 90, but the stated total is 91." in lines
    assert lines[-1] == "CommandError: Nothing was stored."
    assert len(lines) == 3
    assert not ProgramVersion.objects.exists()


def test_load_program_stores_no_version_when_the_cycle_is_refused(run):
    words = [word.replace("2023-12-08", "2023-01-01") for word in CYCLE]
    status, _, err = run("load_program", FILE, *words)
    assert status == 1
    assert "scoring is due after it closes" in err
    assert not ProgramVersion.objects.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["load_program"], "FILE"),
        (["load_program", FILE, "--colour=blue"], "unrecognized arguments: --colour=blue"),
        (["load_program", FILE, "--cycle=c"], "--cycle also needs --opens, --closes"),
        (["load_program", FILE, "--budget=5"], "--budget needs --cycle"),
        (["load_program", FILE, "--opens=soon"], "soon is not a time like"),
        (["load_program", FILE, "--opens=2023-09-01T09:00Z"], "names a time zone"),
        (["load_program", FILE, "--budget=lots"], "lots is not an amount in dollars"),
        (["load_program", FILE, "--budget=nan"], "nan is not an amount in dollars"),
        (["import_hpi"], "FILE.csv"),
        (["import_hpi", "a.csv", "b.csv"], "unrecognized arguments: b.csv"),
        (["load_plans", "a.csv", "b.csv"], "unrecognized arguments: b.csv"),
    ],
)
def test_wrong_arguments_are_one_line_and_exit_2(run, words, said):
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1
    assert not ProgramVersion.objects.exists()


@pytest.mark.parametrize("command", ["load_program", "import_hpi", "load_plans"])
def test_missing_file_is_a_sentence_and_exit_1(run, command):
    status, out, err = run(command, "/nowhere/at-all")
    assert (status, out) == (1, "")
    assert err.splitlines()[0] == "/nowhere/at-all: No such file or directory."
    assert "Traceback" not in err


@pytest.mark.parametrize("command", ["load_program", "import_hpi", "load_plans"])
def test_file_that_is_not_text_is_a_sentence_and_exit_1(run, command, tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(b"\x89PNG\xff\xfe")
    status, _, err = run(command, str(path))
    assert status == 1
    assert "not text in UTF-8" in err


def test_import_hpi_says_what_it_did(run, tmp_path):
    path = tmp_path / "hpi.csv"
    path.write_text("zip,hpi_quartile,source,as_of\n90001,1,test,2023-01-01\n")
    assert run("import_hpi", str(path)) == (0, "1 ZIP codes added, 0 updated.\n", "")
    assert HpiQuartile.objects.count() == 1


def test_load_plans_without_a_file_loads_the_packaged_list(run):
    status, out, _ = run("load_plans")
    assert status == 0
    assert out == f"{Organisation.objects.count()} plans added, 0 updated.\n"
