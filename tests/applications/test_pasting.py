"""Text copied from a spreadsheet: which cells, which days, which plans; hostile text is only refused."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import Organisation
from applications.pasting import (
    MOST_ROWS,
    UnreadableText,
    plan_finder,
    read_date,
    read_month,
    read_table,
)

COLUMNS = ("plan", "members", "as_of")
NAMES = (
    "L.A. Care Health Plan",
    "Inland Empire Health Plan",
    "Health Net",
    "Health Plan of San Joaquin",
    "Health Plan of San Mateo",
)
PLANS = [Organisation(pk=n, name=name, slug=f"plan-{n}") for n, name in enumerate(NAMES, 1)]


def cells(text, columns=COLUMNS):
    return [(row.number, row.cells) for row in read_table(text, columns)]


@pytest.mark.parametrize(
    "text",
    [
        "A Plan\t1,020\t11/1/2026",
        'A Plan,"1,020",11/1/2026',
        "A Plan;1,020;11/1/2026",
        " A Plan \t 1,020\t11/1/2026\r\n",
        "\n\nA Plan\t1,020\t11/1/2026\n\t\t\n",
    ],
)
def test_cells_are_separated_by_tabs_semicolons_or_commas(text):
    [(_, found)] = cells(text)
    assert found == ["A Plan", "1,020", "11/1/2026"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plan\tMembers\tDate\nA\t1\t2", [(2, ["A", "1", "2"])]),
        ("count\tMCP\nnew\t7\n", [(1, ["count", "MCP", ""]), (2, ["new", "7", ""])]),
        ("As of\tplan\tnotes\tCount\n2\tA\tx\t1", [(2, ["A", "1", "2"])]),
        ("A\t1\t2\nB\t3", [(1, ["A", "1", "2"]), (2, ["B", "3", ""])]),
    ],
)
def test_the_first_row_may_name_the_columns_in_any_order(text, expected):
    if text.startswith("count\tMCP"):
        expected = [(2, ["7", "new", ""])]
    assert cells(text) == expected


def test_a_row_with_too_many_cells_says_so():
    [row] = read_table("A\t1\t2\textra", COLUMNS)
    assert row.errors == ["This row has more cells than there are columns."]


@pytest.mark.parametrize("text", ["", " \n\t\n", "plan\tmembers\tdate\n"])
def test_a_text_without_rows_is_refused(text):
    with pytest.raises(UnreadableText, match="There are no rows here"):
        read_table(text, COLUMNS)


@pytest.mark.parametrize(("rows", "fine"), [(MOST_ROWS, True), (MOST_ROWS + 1, False)])
def test_up_to_so_many_rows_are_read(rows, fine):
    text = "A\t1\t2\n" * rows
    if fine:
        assert len(read_table(text, COLUMNS)) == rows
    else:
        with pytest.raises(UnreadableText, match="Paste up to 200 at a time"):
            read_table(text, COLUMNS)


@pytest.mark.parametrize(
    "text", ["2026-11-01", "11/1/2026", "11/01/26", "1-Nov-2026", "Nov 1, 2026", " 11-1-2026 "]
)
def test_days_are_read_as_spreadsheets_write_them(text):
    assert read_date(text) == date(2026, 11, 1)


@pytest.mark.parametrize("text", ["", "soon", "31/31/2026", "2026", "\x00", "9" * 5000])
def test_what_is_no_day_is_none(text):
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L.A. Care Health Plan", 1),
        ("la care", 1),
        ("LA CARE HEALTH PLAN", 1),
        ("IEHP", 2),
        ("plan-3", 3),
        ("health net", 3),
        ("Health Plan", None),
        ("Health Plan of San J", 4),
        ("Unknown", None),
        ("", None),
        ("!!", None),
    ],
)
def test_a_plan_is_found_by_its_names_when_it_is_the_only_one(text, expected):
    found = plan_finder(PLANS)(text)
    assert (found.pk if found else None) == expected


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_any_text_is_read_or_refused_in_words(text):
    try:
        rows = read_table(text, COLUMNS)
    except UnreadableText:
        rows = []
    assert all(len(row.cells) == 3 for row in rows)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11/2024", date(2024, 11, 30)),
        ("2/2024", date(2024, 2, 29)),
        ("02-2025", date(2025, 2, 28)),
        ("2024-12", date(2024, 12, 31)),
        ("Nov 2024", date(2024, 11, 30)),
        (" November 2024 ", date(2024, 11, 30)),
        ("Nov-24", date(2024, 11, 30)),
        ("13/2024", None),
        ("2024", None),
        ("11/20/2024", None),
        ("", None),
    ],
)
def test_a_month_means_its_last_day(text, expected):
    assert read_month(text) == expected
