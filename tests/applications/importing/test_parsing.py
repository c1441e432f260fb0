"""Reading files: every kind of broken file gets one sentence, never an exception of another kind."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications.importing.columns import harmless, header, to_csv
from applications.importing.parsing import MOST_BYTES, FileProblem, read
from programs.packaged import packaged_definition
from tests.applications.importing.building import file_of

DEFINITION = packaged_definition()


class FakeCycle:
    definition = DEFINITION


def build(rows, **options):
    return file_of(FakeCycle, rows, **options)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty."),
        (b" \r\n \n", "The file is empty."),
        (b"\xef\xbb\xbf", "The file is empty."),
        (b",,,\n,,,\n", "The file is empty."),
        (b"PK\x03\x04rest of a workbook", "This is a workbook."),
        (b"a,b\n\x00\x01", "Line 2 holds bytes that are no text."),
        ("paper_id,npi\n".encode("utf-16"), "holds bytes that are no text."),
        (b"\x81\x8d\x8f\n", "This is no text file."),
        (b"one,two\n1,2\n", "lacks these columns: paper_id,"),
        (b"x" * (MOST_BYTES + 1), "larger than 5 MB"),
        (build([]), "The file has a header and no rows."),
        (build([{}] * 3), "The file has a header and no rows."),
        (build([{"paper_id": "1"}] * 2001), "The file has 2,001 rows; the limit is 2,000."),
        (build([{}], columns=[*header(DEFINITION), "colour"]), "not known: colour."),
        (build([{}], columns=[*header(DEFINITION), "npi"]), "columns twice: npi."),
        (build([{}], columns=[*header(DEFINITION), "site_21_zip"]), "not known: site_21_zip."),
        (build([{}], columns=[*header(DEFINITION), "=cmd|' /C calc'!A0"]), "not known: =cmd|"),
        (
            build([{}], columns=[*header(DEFINITION), "z" * 1_000_000]),
            "not known: " + "z" * 60 + ".",
        ),
    ],
)
def test_a_file_that_cannot_be_used_gets_one_sentence(data, words):
    with pytest.raises(FileProblem) as found:
        read(data, DEFINITION)
    assert words in str(found.value)
    assert len(str(found.value)) < 700


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("ending", [b"\r\n", b"\n", b"\r"])
def test_commas_semicolons_and_every_line_ending_are_read(delimiter, ending):
    data = build([{"paper_id": "1", "ehr": "a;b,c"}], delimiter=delimiter)
    [row] = read(data.replace(b"\r\n", ending), DEFINITION).rows
    assert (row.line, row.cells["paper_id"], row.cells["ehr"]) == (2, "1", "a;b,c")


def test_lines_count_as_in_an_editor_also_after_a_cell_of_several_lines():
    data = build([{"paper_id": "1", "ehr": "a\nb\nc"}, {}, {"paper_id": "2"}])
    assert [(row.line, row.cells["paper_id"]) for row in read(data, DEFINITION).rows] == [
        (2, "1"),
        (6, "2"),
    ]


def test_windows_text_is_read_and_the_person_is_told():
    sheet = read(build([{"practice_name": "Clínica"}], encoding="cp1252"), DEFINITION)
    assert sheet.rows[0].cells["practice_name"] == "Clínica"
    assert len(sheet.notes) == 1
    assert "Windows-1252" in sheet.notes[0]
    assert read(build([{"practice_name": "Clínica"}]), DEFINITION).notes == []


def test_a_row_of_another_width_is_a_fault_of_that_row_only():
    data = build([{"paper_id": "1"}, {"paper_id": "2"}]) + b"3,4\r\n"
    rows = read(data, DEFINITION).rows
    assert [bool(row.fault) for row in rows] == [False, False, True]
    assert rows[2].fault == f"This row has 2 cells; the header has {len(header(DEFINITION))}."


def test_a_cell_of_a_megabyte_is_a_cell():
    [row] = read(build([{"practice_name": "x" * 1_000_000}]), DEFINITION).rows
    assert len(row.cells["practice_name"]) == 1_000_000


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_written_as_text(text):
    assert harmless(text) == f"'{text}"
    assert f"'{text}" in to_csv([[text]])


def test_other_cells_are_written_as_they_are():
    assert [harmless(cell) for cell in ("a=b", "", 7)] == ["a=b", "", 7]


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    data=st.one_of(
        st.binary(max_size=300), st.text(max_size=300).map(lambda t: t.encode("utf-8", "ignore"))
    )
)
def test_any_bytes_are_rows_or_a_sentence(data):
    for body in (data, build([{"paper_id": "1"}]) + data):
        with contextlib.suppress(FileProblem):
            assert read(body, DEFINITION).rows
