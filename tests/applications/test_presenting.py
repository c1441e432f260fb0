"""The countdown in words, and the next step after closing and late."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from applications.enums import Status
from applications.presenting import Situation, closing_note, next_step
from applications.times import Window, window_of
from core.times import long
from tests.factories.applications import ApplicationFactory
from tests.factories.programs import CycleFactory

LEFT = [
    (timedelta(days=7, seconds=1), ""),
    (timedelta(days=7), "7 days"),
    (timedelta(days=6, hours=23), "6 days"),
    (timedelta(days=1), "1 day"),
    (timedelta(hours=23, minutes=59), "23 hours"),
    (timedelta(hours=1), "1 hour"),
    (timedelta(minutes=59, seconds=59), "59 minutes"),
    (timedelta(minutes=1), "1 minute"),
    (timedelta(seconds=59), "less than a minute"),
    (timedelta(0), "less than a minute"),
    (timedelta(seconds=-1), ""),
]


@pytest.mark.parametrize(("left", "words"), LEFT)
@pytest.mark.parametrize(
    ("late", "sentence"), [(False, "Applications close"), (True, "Your late access ends")]
)
def test_the_last_week_is_counted_down_in_words(left, words, late, sentence):
    cycle = CycleFactory.build(version=None)
    window = Window(cycle.opens_at, cycle.closes_at, late)
    with time_machine.travel(window.closes_at - left, tick=False):
        note = closing_note(window)
    expected = f"{sentence} in {words}, on {long(window.closes_at)}."
    assert note == (expected if words else "")


def test_nothing_is_counted_down_without_a_cycle_or_before_it_opens():
    cycle = CycleFactory.build(version=None, upcoming=True)
    assert closing_note(None) == ""
    with time_machine.travel(cycle.opens_at - timedelta(seconds=1), tick=False):
        assert closing_note(Window(cycle.opens_at, cycle.opens_at + timedelta(days=2))) == ""


def test_who_has_submitted_is_told_no_countdown():
    cycle = CycleFactory.build(version=None)
    window = Window(cycle.opens_at, cycle.closes_at, done=True)
    with time_machine.travel(window.closes_at - timedelta(days=1), tick=False):
        assert closing_note(window) == ""


@pytest.mark.django_db
def test_after_closing_a_draft_waits_for_nothing_and_late_access_goes_on():
    draft = ApplicationFactory(cycle=CycleFactory(closed=True))
    cycle = draft.cycle
    over = next_step(Situation(cycle, window_of(cycle), draft))
    assert (over.title, over.href) == ("This draft was not submitted", "")
    assert long(cycle.closes_at) in over.body
    until = cycle.closes_at + timedelta(days=20)
    late = next_step(Situation(cycle, window_of(cycle, until), draft))
    assert late.href == reverse("applications:review", args=[draft.pk])
    assert late.due == f"Late access ends {long(until)}"


@pytest.mark.django_db
def test_late_access_lets_a_practice_begin():
    cycle = CycleFactory(closed=True)
    assert next_step(Situation(cycle, window_of(cycle))).href == ""
    until = cycle.closes_at + timedelta(days=20)
    step = next_step(Situation(cycle, window_of(cycle, until)))
    assert (step.post, step.href) == (True, reverse("applications:start"))


@pytest.mark.django_db
def test_the_step_of_a_return_leads_to_the_first_note_until_scoring_is_due():
    returned = ApplicationFactory(status=Status.RETURNED, return_note="Add the members.")
    cycle = returned.cycle
    notes = [{"href": "/practice/members/"}, {"href": "/practice/sites/"}]
    situation = Situation(cycle, window_of(cycle), returned, notes=notes)
    step = next_step(situation)
    assert (step.href, step.body) == ("/practice/members/", "Add the members.")
    assert step.due == f"Submit again by {long(cycle.scoring_due_at)}"
    with time_machine.travel(cycle.scoring_due_at + timedelta(seconds=1)):
        over = next_step(situation)
    assert (over.title, over.href) == ("The time for corrections is over", "")
