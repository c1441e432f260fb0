"""Word-level differences, and what changed between two signed contents."""

import json

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from applications.diffing import Change, changes_between, difference, excerpt, word_diff
from programs.packaged import packaged_definition

SITE = {
    "name": "Main Street Clinic", "street": "1 Main Street", "city": "Fresno", "zip": "93701",
    "county": "Fresno", "npi": "", "hpi_quartile": None, "hpi_source": "", "hpi_as_of": "",
}  # fmt: skip


def kinds(changes):
    return [(change.kind, change.text) for change in changes]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("same words", "same words", [("same", "same words")]),
        ("", "two words", [("added", "two words")]),
        ("two words", "", [("removed", "two words")]),
        ("We see 40.", "We see 40. And more.", [("same", "We see 40."), ("added", " And more.")]),
        (
            "We see few patients",
            "We see many patients",
            [("same", "We see"), ("removed", " few"), ("added", " many"), ("same", " patients")],
        ),
        ("one", "one\n", [("same", "one"), ("added", "\n")]),
        (
            "x red green blue of sky sea sand y",
            "x one two three of four five six y",
            [
                ("same", "x"),
                ("removed", " red green blue of sky sea sand"),
                ("added", " one two three of four five six"),
                ("same", " y"),
            ],
        ),
    ],
)
def test_word_diff_reads_well(before, after, expected):
    assert kinds(word_diff(before, after)) == expected


TEXTS = st.text(alphabet=st.sampled_from("ab \n\t\x00é🙂"), max_size=60)


@given(TEXTS, TEXTS)
def test_word_diff_holds_both_texts(before, after):
    changes = word_diff(before, after)
    assert "".join(c.text for c in changes if c.kind != "added") == before
    assert "".join(c.text for c in changes if c.kind != "removed") == after
    for change in changes:
        assert (change.lead + change.body).replace("¶", "") == change.text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("left " * 200_000, "right " * 200_000),
        ("a " * 500 + "b", "b " + "a " * 490),
        ("x" * 1_000_000, " " * 1_000_000),
    ],
)
def test_texts_that_would_take_too_long_are_replaced_as_a_whole(before, after):
    changes = word_diff(before, after)
    assert [change.kind for change in changes if change.words > 3] in (["removed", "added"], [])
    assert "".join(c.text for c in changes if c.kind != "removed") == after


def test_long_unchanged_runs_are_folded_between_a_few_words():
    words = [f"w{number}" for number in range(60)]
    before, after = " ".join(words), " ".join(["new", *words[:30], "mid", *words[30:], "end"])
    shown = excerpt(word_diff(before, after))
    assert [(c.kind, c.words) for c in shown] == [
        ("removed", 1), ("added", 2), ("same", 8), ("folded", 13), ("same", 8), ("added", 1),
        ("same", 8), ("folded", 14), ("same", 8), ("added", 1),
    ]  # fmt: skip


def test_short_unchanged_runs_and_a_text_without_changes_are_not_folded():
    text = " ".join(["word"] * 27)
    assert [c.kind for c in excerpt(word_diff(text, f"new {text} end"))].count("folded") == 0
    assert kinds(excerpt(word_diff("word " * 900, "word " * 900))) == [("same", "word " * 900)]


def test_endless_added_text_is_cut_and_says_so():
    shown = excerpt(word_diff("", "word " * 5_000))
    assert [(c.kind, c.words, c.was) for c in shown] == [
        ("added", 600, ""),
        ("folded", 4401, "added"),
    ]


def test_component_says_added_and_removed_in_words_and_escapes():
    html = render_to_string("components/diff.html", {"parts": word_diff("a <b> c", "a d c")})
    assert '<del><span class="usa-sr-only">[removed: </span>&lt;b&gt;' in html
    assert '<ins><span class="usa-sr-only">[added: </span>d<' in html


def document(**changes):
    content = {
        "practice": {
            "name": "Valley Family Medicine", "dba": "", "npi": "1234567893", "tin": "••-•••4567",
            "specialties": ["family_medicine"], "practice_types": [], "ehr": "", "website": "",
        },
        "sites": [SITE],
        "members": [{"plan": "Health Net", "members": 900, "as_of": "2026-01-31"}],
        "members_total": 900,
        "designated_mcp": "Health Net",
        "answers": {"population": "pregnant", "population_why": "We see many of them."},
    }  # fmt: skip
    return json.dumps(content | changes)


def test_nothing_changed_gives_nothing():
    assert changes_between(document(), document(), packaged_definition()) == []


def test_answers_rows_and_facts_that_changed_by_section():
    new = document(
        sites=[SITE | {"street": "9 Elm Street"}, SITE | {"name": "North Clinic", "zip": "93650"}],
        members=[{"plan": "CalViva", "members": 40, "as_of": "2026-02-28"}],
        members_total=40,
        designated_mcp="CalViva",
        answers={"population": "children_youth", "population_why": "We see most of them."},
    )
    found = changes_between(document(), new, packaged_definition())
    assert [section.key for section in found] == ["sites", "members", "population"]
    sites, members, population = (section.differences for section in found)
    assert [(d.label, d.state, d.is_row) for d in sites] == [
        ("Main Street Clinic", "changed", True),
        ("North Clinic", "added", True),
    ]
    assert [(c.label, c.before, c.after) for c in sites[0].cells] == [
        ("Address", "1 Main Street, Fresno 93701", "9 Elm Street, Fresno 93701")
    ]
    assert [(d.label, d.state) for d in members] == [
        ("CalViva", "added"),
        ("Total", "changed"),
        ("Health Net", "removed"),
        ("Plan that scores this", "changed"),
    ]
    assert [(d.label, d.before, d.after) for d in population[:1]] == [
        ("Which population will you focus on?", "Pregnant people", "Children and youth")
    ]
    assert kinds(population[1].parts)[1:3] == [("removed", " many"), ("added", " most")]


def test_files_that_were_added_replaced_or_came_later_than_files_did():
    plan = {"id": 1, "kind": "other", "name": "plan.pdf", "size": 2048, "sha256": "a" * 64}
    other = plan | {"id": 2, "sha256": "b" * 64}
    definition = packaged_definition()
    [added] = changes_between(document(), document(attachments=[plan]), definition)
    assert [(d.label, d.state) for d in added.differences] == [("plan.pdf", "added")]
    old = document(attachments=[plan])
    [replaced] = changes_between(old, document(attachments=[other]), definition)
    assert [(d.label, d.state, d.after) for d in replaced.differences] == [
        ("plan.pdf", "changed", "Another file with the same name and size")
    ]
    assert changes_between(old, old, definition) == []


def test_renamed_row_is_one_change_not_two():
    new = document(sites=[SITE | {"name": "Elm Street Clinic"}])
    [section] = changes_between(document(), new, packaged_definition())
    assert [(d.label, d.state) for d in section.differences] == [("Elm Street Clinic", "changed")]


def test_changes_are_shown_with_both_values(db):
    new = document(designated_mcp="CalViva", sites=[], answers={})
    html = render_to_string(
        "applications/partials/changes.html",
        {"changes": changes_between(document(), new, packaged_definition())},
    )
    assert "<del><span" in html
    assert "CalViva" in html
    assert "Main Street Clinic" in html


def test_difference_has_the_state_of_what_is_empty():
    assert difference("k", "EHR", "", "OpenEMR").state == "added"
    assert difference("k", "EHR", "OpenEMR", "").state == "removed"
    assert difference("k", "EHR", "a", "b").state == "changed"


def test_blank_change_shows_its_line_ends():
    assert Change("added", "\n\n", 1).body == "¶\n¶\n"
