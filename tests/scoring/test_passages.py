from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.reading import Block, Entry
from scoring.passages import Run, drawn, find_all, listed, locate, plain, runs_of

TEXT = "We review panels each month. We call families."


@dataclass
class Mark:
    """A highlight as these functions see it."""

    pk: int
    start: int
    end: int
    quote: str
    entry: str = "plan"
    note: str = ""


def mark(pk, quote, text=TEXT, **changes):
    start = text.index(quote)
    return Mark(pk, start, start + len(quote), quote, **changes)


def test_runs_nest_and_overlap():
    assert runs_of("abcdef", [(1, 0, 4), (2, 1, 2), (3, 3, 6)]) == [
        Run("a", (1,), (1,)),
        Run("b", (1, 2), (2,)),
        Run("c", (1,)),
        Run("d", (1, 3), (3,)),
        Run("ef", (3,)),
    ]


@given(
    st.text(max_size=30),
    st.lists(st.tuples(st.integers(1, 99), st.integers(-5, 40), st.integers(-5, 40)), max_size=6),
)
def test_runs_are_the_text_whatever_the_ranges(text, ranges):
    runs = runs_of(text, ranges)
    assert "".join(run.text for run in runs) == text
    for pk, start, end in ranges:
        if len([one for one in ranges if one[0] == pk]) == 1:
            covered = "".join(run.text for run in runs if pk in run.ids)
            assert covered == text[max(start, 0) : max(min(end, len(text)), 0)]


def test_a_passage_is_found_where_it_was_else_where_it_is_nearest():
    moved = "New first words. " + TEXT
    assert locate(TEXT, mark(1, "panels")) == (10, 16)
    assert locate(moved, mark(1, "panels")) == (27, 33)
    assert locate("We, we, We", Mark(1, 9, 11, "We")) == (8, 10)
    assert locate("Nothing of it", mark(1, "panels")) is None


def test_characters_outside_the_basic_plane_count_once():
    text = "👩‍⚕️ nurse 🩺 visits"
    found = mark(1, "visits", text)
    assert [run.text for run in drawn(Entry("plan", "", text), [found]).runs] == [
        text.removesuffix("visits"),
        "visits",
    ]


@pytest.mark.parametrize(("words", "places"), [("We", [0, 29]), ("", []), ("x", [])])
def test_find_all(words, places):
    assert find_all(TEXT, words) == places


def test_line_ends_are_one_character():
    assert plain("a\r\nb\rc\n") == "a\nb\nc\n"


def test_list_follows_the_text_and_names_what_is_gone():
    blocks = [
        Block("one", "One", entries=[Entry("why", "Why", "Because of numbers.")]),
        Block("two", "Two", entries=[Entry("plan", "Plan", TEXT)]),
    ]
    marks = [
        mark(1, "families"),
        mark(2, "panels"),
        Mark(3, 0, 4, "Gone"),
        Mark(4, 0, 7, "Because", entry="why"),
        Mark(5, 0, 3, "Old", entry="dropped"),
    ]
    rows = [(row.highlight.pk, row.label, row.gone) for row in listed(blocks, marks)]
    assert rows == [
        (4, "Why", False),
        (2, "Plan", False),
        (1, "Plan", False),
        (3, "Plan", True),
        (5, "", True),
    ]
