import pytest

from applications.reading import Entry
from core.exceptions import DomainError, WrongState
from scoring.domain import assignments, highlights, scores
from scoring.models import Highlight, ScoreSheet
from tests.scoring.building import hand_in, in_review

pytestmark = pytest.mark.django_db
TEXT = "We see 4,200 patients.\r\nWe review panels & <b>lists</b> each month; we review 👍 again."
ENTRY = Entry("plan", "Plan", TEXT)


@pytest.fixture
def review():
    return in_review()


def add(review, quote="We review", start=None, note="", entry=ENTRY):
    return highlights.add(
        review.sheet, entry=entry, quote=quote, start=start, note=note, by=review.reviewer
    )


def rows():
    return list(Highlight.objects.filter(removed_at=None).values_list("start", "end", "quote"))


def test_a_passage_is_kept_with_its_place_and_words(review):
    found = add(review, note=" Strong. ")
    assert rows() == [(23, 32, "We review")]
    assert (found.entry, found.note, found.version) == ("plan", "Strong.", 1)
    assert found.updated_by == review.reviewer.user.full_name


@pytest.mark.parametrize(
    ("quote", "start", "stored"),
    [
        ("review", 70, (70, 76, "review")),
        ("review", 3, (26, 32, "review")),
        ("👍 again", None, (77, 84, "👍 again")),
        ("patients.\r\nWe", None, (13, 25, "patients.\nWe")),
        ("\npatients.", 999_999_999, None),
    ],
)
def test_place_is_where_the_words_are_nearest(review, quote, start, stored):
    add(review, quote, start)
    assert rows() == [stored or (13, 22, "patients.")]


@pytest.mark.parametrize(
    ("quote", "entry", "sentence"),
    [
        ("never written", ENTRY, "does not hold these words"),
        (" \n ", ENTRY, "Select or copy the words"),
        ("We", None, "Choose an answer"),
        ("We", Entry("plan", "Plan", ""), "Choose an answer"),
    ],
)
def test_what_is_no_passage_is_refused(review, quote, entry, sentence):
    with pytest.raises(DomainError, match=sentence):
        add(review, quote, entry=entry)
    assert rows() == []


def test_the_same_passage_twice_is_one(review):
    first = add(review, note="Why")
    assert add(review) == first
    assert add(review, note="Better").note == "Better"
    assert Highlight.objects.get().note == "Better"


def test_a_note_changed_in_another_tab_is_not_overwritten(review):
    found = add(review, note="One")
    highlights.change_note(found, note="Two", base=1, by=review.reviewer)
    with pytest.raises(WrongState, match="You changed this note elsewhere to “Two”"):
        highlights.change_note(found, note="Three", base=1, by=review.reviewer)
    assert Highlight.objects.values_list("note", "version").get() == ("Two", 2)
    assert highlights.change_note(found, note="Two", base=1, by=review.reviewer).version == 2


def test_removed_twice_is_removed_once_and_kept(review):
    found = highlights.remove(add(review), by=review.reviewer)
    assert highlights.remove(found, by=review.reviewer).removed_at == found.removed_at
    assert (rows(), Highlight.objects.count()) == ([], 1)


def test_a_review_that_ended_takes_no_more(review):
    found = add(review)
    assignments.end(review.sheet.assignment, reason="Away", by=review.lead)
    for act in (
        lambda: add(review, "patients"),
        lambda: highlights.remove(found, by=review.reviewer),
        lambda: highlights.change_note(found, note="x", by=review.reviewer),
    ):
        with pytest.raises(WrongState, match="taken back"):
            act()
    assert rows() == [(23, 32, "We review")]


def test_too_many_are_refused_with_the_number(review, monkeypatch):
    monkeypatch.setattr(highlights, "MOST", 1)
    add(review)
    with pytest.raises(DomainError, match="up to 1 highlights"):
        add(review, "patients")


def test_they_follow_the_reviewer_to_the_fresh_sheet_after_a_return(review):
    add(review, note="Strong")
    highlights.remove(add(review, "patients"), by=review.reviewer)
    hand_in(review.sheet)
    scores.return_to_practice(review.application, reason="Fix", by=review.lead)
    fresh = ScoreSheet.objects.exclude(pk=review.sheet.pk).get()
    kept = fresh.highlights.values_list("entry", "start", "end", "quote", "note")
    assert list(kept) == [("plan", 23, 32, "We review", "Strong")]
