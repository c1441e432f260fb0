import pytest
from django.utils import translation

from applications.diffing import SectionChanges
from applications.reading import Block, Entry
from scoring.models import Highlight
from scoring.passages import read_blocks
from scoring.views.reading_pane import pane

WORDS = "We call every family within a day."
MARK = '<mark class="highlight" data-highlight="7">call every family</mark>'


def block(answer=WORDS, label="How you call"):
    return Block("access", "Access", entries=[Entry("call", label, answer, long=True, words=7)])


def highlight():
    return Highlight(pk=7, entry="call", start=3, end=20, quote="call every family")


def test_a_section_is_kept_by_what_it_says():
    assert f'<p class="answer__text" data-passage="call">{WORDS}</p>' in pane(
        read_blocks([block()], [])
    )
    other = pane(read_blocks([block("We write <letters>.")], []))
    assert "We write &lt;letters&gt;." in other
    assert WORDS not in other
    assert "How we call" in pane(read_blocks([block(label="How we call")], []))


def test_marks_of_one_reader_never_stay_for_the_next():
    plain = pane(read_blocks([block()], []))
    assert MARK in pane(read_blocks([block()], [highlight()]))
    assert pane(read_blocks([block()], [])) == plain
    assert "<mark" not in plain


def test_a_change_is_marked_for_who_has_not_read_it():
    plain = pane(read_blocks([block()], []))
    changed = pane(read_blocks([block()], [], [SectionChanges("access", "Access", [])]))
    assert "Changed" in changed
    assert "Changed" not in plain
    assert pane(read_blocks([block()], [])) == plain


@pytest.mark.parametrize(("language", "words"), [("en", "No answer."), ("es", "Sin respuesta.")])
def test_a_section_is_kept_by_language(language, words):
    with translation.override(language):
        assert words in pane(read_blocks([block("")], []))
