"""The form goes out, is filled in, and comes back: nothing is lost and nothing overwritten."""

import pytest
from django.utils import timezone
from hypothesis import given

from applications.enums import ConflictSource, Status
from applications.models import Application
from scoring.domain import assignments, offline
from scoring.models import (
    CalibrationRound,
    CriterionComment,
    CriterionNote,
    CriterionScore,
    ScoreSheet,
)
from scoring.offline import form
from scoring.offline.judging import judge
from scoring.offline.reading import read
from scoring.offline.writing import pieces, workbook_for
from scoring.queries.offline import sheets_to_fill
from scoring.workbooks import plain
from tests.hostile import FEW, NASTY, TYPED
from tests.scoring.building import a_reviewer, codes_of, hand_in, in_review, store, submitted
from tests.scoring.conflicting import check, declare
from tests.scoring.offline.filling import bytes_of, cell_of, form_of, type_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet():
    review = in_review()
    declare(review.application, review.reviewer)
    return review.sheet


def judged(book, sheet):
    [tab] = judge(read(bytes_of(book)), hat=sheet.assignment.reviewer)
    return tab


def take(book, sheet, mine=None):
    hat = sheet.assignment.reviewer
    tabs = judge(read(bytes_of(book)), hat=hat)
    return offline.take(tabs, chosen={sheet.pk}, mine=mine or {}, by=hat)


def rows(model, sheet):
    column = "points" if model is CriterionScore else "text"
    return dict(model.objects.filter(sheet=sheet).values_list("code", column))


def told(changes):
    return [(one.kind, one.code, one.old, one.new) for one in changes]


def test_what_is_typed_offline_is_stored_with_its_total(sheet):
    store(sheet, {"1.1": 4}, {"1.1": "Good"})
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=2, comments="=1+1 and more", notes="Ask Ana")
    type_in(book, sheet, "1.2", points="5")
    assert told(judged(book, sheet).changes) == [
        ("points", "1.1", 4, 2),
        ("comments", "1.1", "Good", "=1+1 and more"),
        ("notes", "1.1", None, "Ask Ana"),
        ("points", "1.2", None, 5),
    ]
    taken = take(book, sheet)
    assert (taken.values, taken.sheets, taken.left) == (4, 1, [])
    assert rows(CriterionScore, sheet) == {"1.1": 2, "1.2": 5}
    assert rows(CriterionComment, sheet) == {"1.1": "=1+1 and more"}
    assert rows(CriterionNote, sheet) == {"1.1": "Ask Ana"}
    sheet.refresh_from_db()
    assert (sheet.total, sheet.given) == (7, 2)


def test_the_same_file_again_changes_nothing(sheet):
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=3, comments="Why")
    assert take(book, sheet).values == 2
    assert judged(book, sheet).is_empty
    assert take(book, sheet).values == 0
    assert CriterionScore.objects.get().version == 1


def test_a_form_that_nobody_touched_changes_nothing_even_after_work_online(sheet):
    store(sheet, {"1.1": 4}, {"1.1": "Before\r\nthe train\x07 \u2028"})
    book = form_of(sheet)
    assert judged(book, sheet).is_empty
    store(sheet, {"1.1": 1, "1.3": 2}, {"1.1": "Later, online"})
    assert judged(book, sheet).is_empty


def test_an_emptied_cell_takes_the_value_away(sheet):
    store(sheet, {"1.1": 4}, {"1.1": "Good"})
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=None, comments=None)
    assert take(book, sheet).values == 2
    assert rows(CriterionScore, sheet) == {"1.1": None}
    assert rows(CriterionComment, sheet) == {"1.1": ""}


def test_a_value_changed_online_meanwhile_is_a_conflict_and_stays_until_somebody_chooses(sheet):
    store(sheet, {"1.1": 4})
    book = form_of(sheet)
    store(sheet, {"1.1": 3})
    type_in(book, sheet, "1.1", points=1)
    tab = judged(book, sheet)
    assert (told(tab.changes), told(tab.conflicts)) == ([], [("points", "1.1", 3, 1)])
    [conflict] = tab.conflicts
    assert conflict.by == sheet.assignment.reviewer.user.full_name
    assert take(book, sheet).values == 0
    assert rows(CriterionScore, sheet) == {"1.1": 3}
    assert take(book, sheet, {conflict.key: conflict.version}).values == 1
    assert rows(CriterionScore, sheet) == {"1.1": 1}


def test_a_choice_counts_only_for_the_online_value_that_was_seen(sheet):
    book = form_of(sheet)
    store(sheet, {"1.1": 3})
    type_in(book, sheet, "1.1", points=1)
    [seen] = judged(book, sheet).conflicts
    store(sheet, {"1.1": 5})
    taken = take(book, sheet, {seen.key: seen.version})
    assert taken.values == 0
    assert [reason for _title, reason in taken.left] == [
        "Something changed online while you looked at this page. Look again and choose."
    ]
    assert rows(CriterionScore, sheet) == {"1.1": 5}


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("points", 5.5, "“5.5” is no number of points. Write a whole number."),
        ("points", "x", "“x” is no number of points. Write a whole number."),
        ("points", -1, "“-1” is no number of points. Write a whole number."),
        ("points", True, "“True” is no number of points. Write a whole number."),
        ("points", "²", "“²” is no number of points. Write a whole number."),
        ("points", 10**15, "“1000000000000000” is no number of points. Write a whole number."),
        ("points", 9, "9 is more than this criterion gives. Write 0 to 5."),
        ("comments", "x" * 10_001, "Shorten this to 10000 characters. It has 10001."),
    ],
)
def test_a_cell_in_error_is_named_and_the_rest_is_stored(sheet, kind, value, sentence):
    book = form_of(sheet)
    type_in(book, sheet, "1.1", **{kind: value})
    type_in(book, sheet, "1.2", points=2)
    address = cell_of(book.worksheets[1], kind, "1.1").coordinate
    assert judged(book, sheet).faults == [(address, sentence)]
    assert take(book, sheet).values == 1
    assert rows(CriterionScore, sheet) == {"1.2": 2}


def test_a_formula_is_not_computed(sheet):
    book = form_of(sheet)
    cell = cell_of(book.worksheets[1], "points", "1.1")
    cell.value = "=2+2"
    assert judged(book, sheet).faults == [
        (cell.coordinate, "This cell holds a formula. Type what it stands for.")
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("submit", "This sheet is submitted and can't be changed."),
        ("end", "This review was taken back. Nothing was stored."),
        ("return", "The application is “returned for correction”, so its scores can't change now."),
    ],
)
def test_a_sheet_that_is_closed_meanwhile_is_refused(sheet, change, sentence):
    lead = in_review().lead
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=2, notes="Mine")
    if change == "submit":
        hand_in(sheet)
    elif change == "end":
        assignments.end(sheet.assignment, reason="On leave", by=lead)
    else:
        Application.objects.filter(pk=sheet.assignment.application_id).update(
            status=Status.RETURNED
        )
    tab = judged(book, sheet)
    assert (tab.changes, tab.conflicts) == ([], [])
    assert tab.refused == sentence
    assert take(book, sheet).values == 0
    assert CriterionNote.objects.count() == 0


def test_a_conflict_declared_meanwhile_closes_the_form(sheet):
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=2)
    declare(sheet.assignment.application, sheet.assignment.reviewer, "family")
    tab = judged(book, sheet)
    assert tab.refused
    assert take(book, sheet).values == 0
    assert CriterionScore.objects.count() == 0


def test_a_required_practice_round_comes_first(sheet):
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=2)
    CalibrationRound.objects.create(
        cycle=sheet.assignment.application.cycle,
        plan=sheet.assignment.reviewer.organisation,
        samples=["one"],
        required=True,
        opened_by="Lea",
        opened_at=timezone.now(),
    )
    assert judged(book, sheet).refused.startswith("Your lead asks you to finish the practice round")
    assert take(book, sheet).values == 0


def test_the_form_of_somebody_else_is_refused(sheet):
    book = form_of(sheet)
    type_in(book, sheet, "1.1", points=2)
    other = a_reviewer(in_review().lead)
    [tab] = judge(read(bytes_of(book)), hat=other)
    assert (tab.sheet, tab.changes) == (None, [])
    assert tab.refused.startswith("This form belongs to somebody else")
    assert offline.take([tab], chosen={sheet.pk}, mine={}, by=other).values == 0
    assert CriterionScore.objects.count() == 0


def test_sheets_to_take_along_are_open_declared_and_without_a_conflict(sheet):
    hat, lead = sheet.assignment.reviewer, in_review().lead
    lead.organisation = hat.organisation
    undeclared, done, barred, ended = (_given(hat, lead) for _ in range(4))
    for one in (done, barred, ended):
        declare(one.assignment.application, hat)
    hand_in(done)
    check(barred.assignment.application, hat.user, source=ConflictSource.LEAD)
    assignments.end(ended.assignment, reason="On leave", by=lead)
    assert list(sheets_to_fill(hat)) == [sheet]
    declare(undeclared.assignment.application, hat)
    assert list(sheets_to_fill(hat)) == [sheet, undeclared]


def _given(hat, lead, **kwargs) -> ScoreSheet:
    application = submitted(lead, **kwargs)
    return assignments.assign(application, reviewer=hat, by=lead).sheet


@pytest.mark.parametrize("count", [1, 3])
def test_a_form_costs_the_same_for_one_sheet_and_three(sheet, count, django_assert_num_queries):
    hat, lead = sheet.assignment.reviewer, in_review().lead
    lead.organisation = hat.organisation
    for _ in range(count - 1):
        same = {"cycle": sheet.assignment.application.cycle}
        declare(_given(hat, lead, **same).assignment.application, hat)
    with django_assert_num_queries(5):
        data = workbook_for(list(sheets_to_fill(hat)), hat=hat)
    assert len(read(data)) == count
    with django_assert_num_queries(6):
        assert [tab.is_empty for tab in judge(read(data), hat=hat)] == [True] * count


@FEW
@given(text=TYPED, note=TYPED)
def test_hostile_text_comes_back_as_it_was_typed(sheet, text, note):
    store(sheet, {}, {"1.1": text})
    book = form_of(sheet)
    assert judged(book, sheet).is_empty
    type_in(book, sheet, "1.2", comments=_escaped(text), notes=_escaped(note))
    take(book, sheet)
    expected = {"1.2": plain(text)} if plain(text) else {}
    assert {k: v for k, v in rows(CriterionComment, sheet).items() if k == "1.2"} == expected
    assert rows(CriterionNote, sheet).get("1.2", "") == plain(note)


def _escaped(text):
    """Return the text as a spreadsheet program writes it into the file."""
    return plain(text).replace("_x", "_x005F_x")


@pytest.mark.parametrize("text", [*NASTY, "_x0041_ stays", "+1", "@home", "\tTab", " leading"])
def test_written_cells_hold_text_and_never_a_formula(sheet, text):
    store(sheet, {}, {"1.1": text})
    cell = cell_of(form_of(sheet).worksheets[1], "comments", "1.1")
    assert cell.data_type == "s"
    assert cell.quotePrefix is plain(text).lstrip(" ").startswith(
        ("=", "+", "-", "@", "\t", "\r", "\n", "'")
    )


def test_only_the_cells_to_fill_in_are_open_and_points_are_checked_by_excel(sheet):
    tab = form_of(sheet).worksheets[1]
    assert tab.protection.sheet
    codes = codes_of(sheet)
    unlocked = {c.coordinate for row in tab.iter_rows() for c in row if not c.protection.locked}
    expected = {cell_of(tab, kind, code).coordinate for kind in form.KINDS for code in codes}
    assert unlocked == expected
    [rule] = tab.data_validations.dataValidation
    assert (rule.type, rule.formula1, rule.formula2) == ("whole", "0", "5")
    assert {str(one) for one in rule.sqref.ranges} <= expected | {
        str(one) for one in rule.sqref.ranges
    }
    assert tab.column_dimensions["G"].hidden


def test_long_answers_are_cut_into_rows_and_nothing_is_lost():
    text = " ".join(f"word{number}" for number in range(2000)) + "x" * 5000
    found = pieces(text)
    assert "".join(found) == text
    assert max(map(len, found)) <= 1400
