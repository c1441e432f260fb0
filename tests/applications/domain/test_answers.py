"""Saving answers: what is stored, who wins, and when the time is over."""

from datetime import timedelta

import pytest
import time_machine

from applications.domain import answers
from applications.enums import Status
from applications.models import Answer, Application
from core.exceptions import WrongState
from core.times import to_the_second
from tests.factories.applications import ApplicationFactory

pytestmark = pytest.mark.django_db


def stored(application):
    found = Answer.objects.filter(application=application).order_by("key")
    return list(found.values_list("key", "value", "version", "updated_by"))


def test_answers_of_every_shape_are_stored_with_their_author(draft, owner):
    values = {"lead_name": "Bo", "optional_areas": ["a", "b"], "population_why": None}
    saved = answers.save(draft, values=values, bases={}, by=owner)
    assert saved.versions == {"lead_name": 1, "optional_areas": 1}
    assert stored(draft) == [
        ("lead_name", "Bo", 1, "Ana Ruiz"),
        ("optional_areas", ["a", "b"], 1, "Ana Ruiz"),
    ]


def test_an_answer_can_be_emptied_and_its_versions_go_on(draft, owner):
    answers.save(draft, values={"lead_name": "Bo"}, bases={}, by=owner)
    answers.save(draft, values={"lead_name": None}, bases={"lead_name": 1}, by=owner)
    assert stored(draft) == [("lead_name", None, 2, "Ana Ruiz")]


def test_an_older_page_overwrites_nothing_and_stores_the_rest(draft, owner, contributor):
    answers.save(draft, values={"lead_name": "Bo", "sponsor_name": "S"}, bases={}, by=owner)
    answers.save(draft, values={"lead_name": "Cy"}, bases={"lead_name": 1}, by=contributor)
    mine = {"lead_name": "Mine", "sponsor_name": "T"}
    saved = answers.save(draft, values=mine, bases={"lead_name": 1, "sponsor_name": 1}, by=owner)
    conflict = saved.conflicts["lead_name"]
    assert (conflict.mine, conflict.theirs, conflict.version) == ("Mine", "Cy", 2)
    assert conflict.by == "Bo Li"
    assert stored(draft) == [
        ("lead_name", "Cy", 2, "Bo Li"),
        ("sponsor_name", "T", 2, "Ana Ruiz"),
    ]


def test_two_colleagues_filling_different_questions_of_a_new_page_do_not_collide(
    draft, owner, contributor
):
    new = {"lead_name": 0, "sponsor_name": 0}
    answers.save(draft, values={"lead_name": "Bo", "sponsor_name": None}, bases=new, by=owner)
    saved = answers.save(
        draft, values={"lead_name": None, "sponsor_name": "Sue"}, bases=new, by=contributor
    )
    assert saved.conflicts == {}
    assert stored(draft) == [
        ("lead_name", "Bo", 1, "Ana Ruiz"),
        ("sponsor_name", "Sue", 1, "Bo Li"),
    ]


@pytest.mark.parametrize("status", sorted(set(Status.values) - set(Status.editable)))
def test_what_is_with_others_cannot_be_written(owner, draft, status):
    application = ApplicationFactory(status=status, submission=False)
    with pytest.raises(WrongState) as refusal:
        answers.save(application, values={"lead_name": "Bo"}, bases={}, by=owner)
    state = application.public_status.lower()
    assert str(refusal.value) == (
        f"This application is “{state}” and can't be changed. Nothing was stored."
    )
    assert stored(application) == []


def test_the_last_second_counts_and_the_next_is_refused_with_both_times(draft, owner):
    closes = draft.cycle.closes_at
    with time_machine.travel(closes, tick=False):
        answers.save(draft, values={"lead_name": "Bo"}, bases={}, by=owner)
    late = closes + timedelta(seconds=1)
    with time_machine.travel(late, tick=False), pytest.raises(WrongState) as refusal:
        answers.save(draft, values={"lead_name": "Cy"}, bases={"lead_name": 1}, by=owner)
    assert str(refusal.value) == (
        f"This cycle closed on {to_the_second(closes)}. Your change arrived on "
        f"{to_the_second(late)} and was not stored."
    )
    assert stored(draft) == [("lead_name", "Bo", 1, "Ana Ruiz")]


def test_before_the_opening_nothing_is_written(draft, owner):
    opens = draft.cycle.opens_at
    early = opens - timedelta(seconds=1)
    with time_machine.travel(early, tick=False), pytest.raises(WrongState) as refusal:
        answers.save(draft, values={"lead_name": "Bo"}, bases={}, by=owner)
    assert str(refusal.value) == (
        f"This cycle opens on {to_the_second(opens)}. It is now {to_the_second(early)}."
    )
    assert stored(draft) == []


def test_what_was_returned_may_be_corrected_after_the_closing_time(owner):
    application = ApplicationFactory(status=Status.RETURNED)
    with time_machine.travel(application.cycle.closes_at + timedelta(days=3)):
        answers.save(application, values={"lead_name": "Bo"}, bases={}, by=owner)
    assert [row[:2] for row in stored(application)] == [("lead_name", "Bo")]


def test_the_state_is_read_again_under_the_lock(draft, owner):
    moved = Application.objects.filter(pk=draft.pk)
    moved.update(status=Status.SUBMITTED, submitted_at=draft.created_at)
    with pytest.raises(WrongState):
        answers.save(draft, values={"lead_name": "Bo"}, bases={}, by=owner)


@pytest.mark.django_db(transaction=True)
def test_of_racing_saves_of_one_answer_one_is_stored(draft, owner, race):
    saves = race(
        lambda n: answers.save(draft, values={"lead_name": f"N{n}"}, bases={}, by=owner), 6
    )
    winners = [saved for saved in saves if saved.versions]
    losers = [saved for saved in saves if saved.conflicts]
    assert (len(winners), len(losers)) == (1, 5)
    [(key, value, version, _)] = stored(draft)
    assert (key, version) == ("lead_name", 1)
    assert {saved.conflicts["lead_name"].theirs for saved in losers} == {value}
