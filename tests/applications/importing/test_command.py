"""`manage.py import_applications`: template, refusals with line and reason, partial, twice."""

import io

import pytest
from django.core.management import CommandError, call_command

from applications.models import Application
from tests.applications.importing.building import counts, file_of, row_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(cycle, plan, lead):
    """Return a function that runs the command and returns (exit status, stdout, stderr)."""

    def command(*arguments, **options):
        out, err = io.StringIO(), io.StringIO()
        given = {"cycle": cycle.slug, "plan": plan.slug, "by": "LEE@plan.example"} | options
        try:
            call_command("import_applications", *arguments, **given, stdout=out, stderr=err)
        except CommandError as error:
            return error.returncode, out.getvalue(), f"{err.getvalue()}{error}"
        return 0, out.getvalue(), err.getvalue()

    return command


@pytest.fixture
def stored(tmp_path, cycle):
    """Return a function that writes rows to a file."""

    def write(*rows):
        path = tmp_path / "papers.csv"
        path.write_bytes(file_of(cycle, rows))
        return str(path)

    return write


def test_the_template_imports_once_when_it_is_no_example_any_more(run, tmp_path):
    status, text, _err = run(template=True)
    path = tmp_path / "template.csv"
    path.write_text(text, encoding="utf-8")
    refused, _text, err = run(str(path))
    assert refused != 0
    assert "This is the example of the template." in err
    path.write_text(text.replace("PAPER-001", "P-1"), encoding="utf-8")
    assert status == 0
    assert text.count("\n") == 2
    assert run(str(path)) == (0, "1 imported, 0 unchanged, 0 refused.\n", "")
    before = counts()
    assert run(str(path)) == (0, "0 imported, 1 unchanged, 0 refused.\n", "")
    assert counts() == before


def test_every_bad_row_is_listed_and_nothing_is_stored(run, stored, cycle, plan):
    path = stored(
        row_for(cycle, plan, 1),
        row_for(cycle, plan, 2, npi="12"),
        row_for(cycle, plan, 3, attested="", signed_name=""),
    )
    status, out, err = run(path)
    assert (status, out) == (1, "")
    assert err.splitlines() == [
        "line 3 (P-2): npi: An NPI has 10 digits, such as 1234567893.",
        "line 4 (P-3): signed_name: Enter an answer.",
        "line 4 (P-3): attested: Write “yes” when every statement on the paper is confirmed.",
        "Nothing was stored.",
    ]
    assert Application.objects.count() == 0
    status, out, err = run(path, partial=True)
    assert (status, out) == (0, "1 imported, 0 unchanged, 2 refused.\n")
    assert len(err.splitlines()) == 3


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"cycle": "none"}, "There is no cycle none"),
        ({"plan": "none"}, "There is no plan none"),
        ({"by": "x@y.example"}, "x@y.example is no lead of CalViva Health"),
        ({"by": None}, "--by is missing"),
    ],
)
def test_wrong_arguments_are_said_in_one_line(run, stored, options, words):
    assert run(stored(), **options) == (2, "", words)


def test_a_file_that_is_not_there_or_not_a_file_of_papers(run, tmp_path):
    assert run(str(tmp_path / "none.csv"))[0] == 1
    path = tmp_path / "x.csv"
    path.write_bytes(b"\x00\x01")
    assert run(str(path))[2] == (
        "Line 1 holds bytes that are no text. Save the file as “CSV UTF-8”.\nNothing was stored."
    )
