import threading

import pytest
from django.db import connection, transaction

from accounts.enums import Role
from applications.enums import Status
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.domain import assignments, scores, sheets
from scoring.models import CriterionComment, CriterionScore, ScoreSheet
from scoring.queries import scores_of
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import codes_of, fill, hand_in, in_review, store
from tests.scoring.conflicting import check

pytestmark = pytest.mark.django_db


@pytest.fixture
def review():
    return in_review()


@pytest.fixture
def sheet(review):
    return review.sheet


def numbers(sheet):
    sheet.refresh_from_db()
    return sheet.total, sheet.given


def points_of(sheet):
    return dict(CriterionScore.objects.filter(sheet=sheet).values_list("code", "points"))


def test_save_stores_points_and_comments_and_keeps_total_and_given(sheet):
    saved = store(sheet, {"1.1": 4, "1.2": 0}, {"1.1": "Good", "1.2": ""})
    assert saved.points.versions == {"1.1": 1, "1.2": 1}
    assert saved.comments.versions == {"1.1": 1}
    assert not saved.has_conflicts
    assert numbers(sheet) == (4, 2)
    assert sheet.started_at is not None
    row = CriterionScore.objects.get(code="1.1")
    assert (row.points, row.max_points, row.updated_by) == (
        4,
        5,
        sheet.assignment.reviewer.user.full_name,
    )
    assert CriterionComment.objects.get().text == "Good"


def test_nothing_typed_stores_no_row_and_does_not_start_the_sheet(sheet):
    store(sheet, dict.fromkeys(codes_of(sheet)), dict.fromkeys(codes_of(sheet), ""))
    assert numbers(sheet) == (0, 0)
    assert sheet.started_at is None
    assert (CriterionScore.objects.count(), CriterionComment.objects.count()) == (0, 0)


def test_points_taken_back_leave_total_and_given(sheet):
    store(sheet, {"1.1": 4, "1.2": 3})
    store(sheet, {"1.1": None})
    assert numbers(sheet) == (3, 1)
    assert points_of(sheet) == {"1.1": None, "1.2": 3}


def test_second_tab_does_not_overwrite_what_the_first_stored(sheet):
    old = {"1.1": 0}
    store(sheet, {"1.1": 4}, {"1.1": "First tab"}, point_bases=old, comment_bases=old)
    saved = store(
        sheet,
        {"1.1": 2, "1.2": 3},
        {"1.1": "Second tab"},
        point_bases=old,
        comment_bases=old,
    )
    assert saved.has_conflicts
    points, words = saved.points.conflicts["1.1"], saved.comments.conflicts["1.1"]
    assert (points.mine, points.theirs, points.version) == (2, 4, 1)
    assert (words.mine, words.theirs) == ("Second tab", "First tab")
    assert points.by == sheet.assignment.reviewer.user.full_name
    assert points_of(sheet) == {"1.1": 4, "1.2": 3}
    assert CriterionComment.objects.get().text == "First tab"
    assert numbers(sheet) == (7, 2)


def test_second_tab_goes_on_with_the_version_it_was_shown(sheet):
    store(sheet, {"1.1": 4}, point_bases={})
    conflict = store(sheet, {"1.1": 2}, point_bases={}).points.conflicts["1.1"]
    saved = store(sheet, {"1.1": 2}, point_bases={"1.1": conflict.version})
    assert (saved.has_conflicts, points_of(sheet)) == (False, {"1.1": 2})
    assert numbers(sheet) == (2, 1)


def test_same_value_from_two_tabs_is_no_conflict(sheet):
    store(sheet, {"1.1": 4}, point_bases={})
    assert not store(sheet, {"1.1": 4}, point_bases={}).has_conflicts
    assert CriterionScore.objects.get().version == 1


@pytest.mark.parametrize("value", [-1, 6, 90])
def test_points_outside_the_scale_are_refused_and_nothing_is_stored(sheet, value):
    with pytest.raises(DomainError, match=r"^Criterion 1.2 takes whole points from 0 to 5.$"):
        store(sheet, {"1.1": 3, "1.2": value}, {"1.1": "Good"})
    assert points_of(sheet) == {}
    assert CriterionComment.objects.count() == 0
    assert numbers(sheet) == (0, 0)


def test_submit_locks_the_sheet_and_tells_every_lead(review, sheet):
    second = MembershipFactory(role=Role.MCP_LEAD, organisation=review.lead.organisation)
    MembershipFactory(role=Role.MCP_LEAD)
    OutboxEmail.objects.all().delete()
    fill(sheet, 61)
    submitted = sheets.submit(sheet, by=review.reviewer)
    assert (submitted.total, submitted.given, submitted.submitted_by) == (
        61,
        18,
        review.reviewer.label,
    )
    assert submitted.is_submitted
    emails = OutboxEmail.objects.values_list("kind", "to")
    assert set(emails) == {("scored", review.lead.user.email), ("scored", second.user.email)}
    assert len(emails) == 2
    assert "61" in OutboxEmail.objects.first().body


def test_submit_tells_no_lead_to_whom_the_application_is_closed(review, sheet):
    barred = MembershipFactory(role=Role.MCP_LEAD, organisation=review.lead.organisation)
    elsewhere = in_review(review.lead).application
    check(review.application, barred.user)
    check(review.application, review.lead.user, hard=False)
    check(elsewhere, review.lead.user)
    hand_in(sheet)
    told = OutboxEmail.objects.filter(kind="scored").values_list("to", flat=True)
    assert list(told) == [review.lead.user.email]


def test_submit_names_the_criteria_without_points(sheet):
    fill(sheet)
    store(sheet, {"1.1": None, "2.2": None})
    with pytest.raises(DomainError, match=r"^These criteria have no points yet: 1.1, 2.2.$"):
        sheets.submit(sheet, by=sheet.assignment.reviewer)
    sheet.refresh_from_db()
    assert not sheet.is_submitted
    assert not OutboxEmail.objects.filter(kind="scored").exists()


def test_submit_names_a_single_criterion_without_points(sheet):
    fill(sheet)
    store(sheet, {"1.1": None})
    with pytest.raises(DomainError, match=r"^Criterion 1.1 has no points yet.$"):
        sheets.submit(sheet, by=sheet.assignment.reviewer)


@pytest.mark.parametrize("value", [0, 5])
@pytest.mark.parametrize("comment", ["", "  \n"])
def test_submit_wants_a_comment_at_both_ends_of_the_scale(sheet, value, comment):
    fill(sheet)
    store(sheet, {"1.2": value}, {"1.2": comment})
    sentence = r"^Points of 0 or 5 need a comment. Add one for: 1.2.$"
    with pytest.raises(DomainError, match=sentence):
        sheets.submit(sheet, by=sheet.assignment.reviewer)
    sheet.refresh_from_db()
    assert not sheet.is_submitted


def test_submit_takes_points_between_the_ends_without_a_comment(sheet):
    fill(sheet, 54, comment="")
    assert sheets.submit(sheet, by=sheet.assignment.reviewer).total == 54


def test_submit_again_changes_nothing(review, sheet):
    first = hand_in(sheet)
    second = sheets.submit(sheet, by=review.lead)
    assert (second.submitted_at, second.submitted_by) == (first.submitted_at, first.submitted_by)
    assert OutboxEmail.objects.filter(kind="scored").count() == 1


def test_submitted_sheet_is_locked(sheet):
    hand_in(sheet, 54)
    with pytest.raises(WrongState, match="submitted and can't be changed. Nothing was stored."):
        store(sheet, {"1.1": 5}, {"1.1": "Better"})
    assert points_of(sheet)["1.1"] == 3
    assert numbers(sheet) == (54, 18)


@pytest.mark.parametrize("act", ["save", "submit"])
def test_review_that_was_taken_back_is_refused(review, sheet, act):
    fill(sheet, 54)
    assignments.end(sheet.assignment, reason="On leave", by=review.lead)
    with pytest.raises(WrongState, match="This review was taken back. Nothing was stored."):
        if act == "save":
            store(sheet, {"1.1": 5})
        else:
            sheets.submit(sheet, by=review.reviewer)
    sheet.refresh_from_db()
    assert (sheet.total, sheet.is_submitted) == (54, False)


@pytest.mark.parametrize("act", ["save", "submit"])
def test_sheet_of_a_returned_application_waits(review, sheet, act):
    fill(sheet, 54)
    scores.return_to_practice(review.application, reason="Add members.", by=review.lead)
    with pytest.raises(WrongState, match="“returned for correction”, so its scores can't change"):
        if act == "save":
            store(sheet, {"1.1": 5})
        else:
            sheets.submit(sheet, by=review.reviewer)
    review.application.refresh_from_db()
    assert review.application.status == Status.RETURNED
    assert numbers(sheet) == (54, 18)


@pytest.mark.django_db(transaction=True)
def test_submit_while_another_submit_is_running_changes_nothing_and_is_no_error(bell):
    review = in_review()
    fill(review.sheet, 54)
    first_done, outcomes = threading.Event(), {}

    def first():
        try:
            with transaction.atomic():
                outcomes["first"] = sheets.submit(review.sheet, by=review.reviewer).submitted_at
                first_done.set()
                threading.Event().wait(0.3)
        finally:
            connection.close()

    def second():
        first_done.wait(5)
        try:
            outcomes["second"] = sheets.submit(review.sheet, by=review.reviewer).submitted_at
        except DomainError as error:
            outcomes["second"] = str(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for run in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert OutboxEmail.objects.filter(kind="scored").count() == 1
    assert outcomes["second"] == outcomes["first"]


def take_back(review):
    assignments.end(review.sheet.assignment, reason="On leave", by=review.lead)


def send_back(review):
    scores.return_to_practice(review.application, reason="Add members.", by=review.lead)


def hand_it_in(review):
    sheets.submit(review.sheet, by=review.reviewer)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (take_back, "This review was taken back. Nothing was stored."),
        (send_back, "so its scores can't change now"),
        (hand_it_in, "This sheet is submitted and can't be changed. Nothing was stored."),
    ],
)
def test_a_save_that_waits_for_another_act_sees_what_the_act_did(bell, act, refusal):
    review = in_review()
    fill(review.sheet, 54)
    acted, outcome = threading.Event(), []

    def first():
        try:
            with transaction.atomic():
                act(review)
                acted.set()
                threading.Event().wait(0.3)
        finally:
            connection.close()

    def second():
        mine = ScoreSheet.objects.select_related("assignment__application__cycle").get()
        newest = {code: row.version for code, row in scores_of(mine).items()}
        acted.wait(5)
        try:
            reviewer = review.reviewer
            sheets.save(
                mine,
                points={"1.1": 5},
                comments={},
                point_bases=newest,
                comment_bases={},
                by=reviewer,
            )
        except WrongState as error:
            outcome.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for run in (second, first)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [refusal in sentence for sentence in outcome] == [True]
    assert points_of(review.sheet)["1.1"] == 3
