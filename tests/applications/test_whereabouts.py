"""Where an application is in public words, and the timeline with "you are here"."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.enums import PUBLIC_LABELS, Status
from applications.models import ApplicationTransition
from applications.times import window_of
from applications.whereabouts import events, standing, timeline
from applications.workflow import TRANSITIONS
from core.times import long
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


def here(rows):
    return [row["title"] for row in rows if row["state"] == "current"]


def states(rows):
    return [row["state"] for row in rows]


@pytest.mark.parametrize("status", Status.values)
def test_every_state_says_where_it_is_and_what_is_next(status):
    application = ApplicationFactory(status=status)
    cycle = application.cycle
    told = standing(application, cycle, window_of(cycle))
    assert told.where == str(PUBLIC_LABELS[status])
    assert told.what_next
    assert "%(" not in told.what_next


def test_who_is_recommended_can_not_be_told_from_who_is_not():
    cycle = CycleFactory()
    pairs = [("recommended", "not_recommended"), ("in_review", "scored")]
    for pair in pairs:
        shown = []
        for status in pair:
            application = ApplicationFactory(
                status=status, cycle=cycle, practice=PracticeFactory().organisation
            )
            application.designated_mcp.name = "Plan"
            window = window_of(cycle)
            way = timeline(cycle, window, application)
            shown.append((standing(application, cycle, window), way))
        assert shown[0] == shown[1]


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("draft", "You apply"),
        ("submitted", "Your plan scores"),
        ("returned", "You correct it and submit again"),
        ("in_review", "Your plan scores"),
        ("scored", "Your plan scores"),
        ("recommended", "DHCS decides"),
        ("not_recommended", "DHCS decides"),
        ("selected", "Selected"),
        ("waitlisted", "On the waitlist"),
        ("not_selected", "Not selected"),
        ("withdrawn", "Withdrawn by you"),
    ],
)
def test_the_timeline_says_where_one_is(status, title):
    application = ApplicationFactory(status=status)
    rows = timeline(application.cycle, window_of(application.cycle), application)
    assert here(rows) == [title]
    assert states(rows) == sorted(states(rows), key=["done", "current", "upcoming"].index)


def test_nobody_is_anywhere_before_the_cycle_and_after_it_without_an_application():
    coming, past = CycleFactory(upcoming=True), CycleFactory(closed=True)
    assert states(timeline(coming, window_of(coming), None)) == ["upcoming"] * 4
    closed = ["done", "done", "upcoming", "upcoming"]
    assert states(timeline(past, window_of(past), None)) == closed
    draft = ApplicationFactory(cycle=past)
    assert states(timeline(past, window_of(past), draft)) == closed
    until = timezone.now() + timedelta(hours=1)
    rows = timeline(past, window_of(past, until), draft)
    assert here(rows) == ["You apply"]
    assert rows[1]["when"] == f"until {long(until)}"


def test_what_has_happened_leaves_out_the_plans_own_steps():
    steps = [
        ApplicationTransition(name=name, side="mcp", reason="Because.", created_at=timezone.now())
        for name in TRANSITIONS
    ]
    rows = events(steps)
    by_title = {row["title"]: row["reason"] for row in rows}
    assert "Your plan started its review" in by_title
    assert by_title["Your plan sent your application back to you for correction"] == "Because."
    assert by_title["You withdrew your application"] == "Because."
    assert by_title["Your plan passed your application on to DHCS"] == ""
    assert not [title for title in by_title if "ecommend" in title or "core" in title]
    [dhcs] = events([ApplicationTransition(name="return", side="dhcs", reason="x")])
    assert dhcs["title"] == "DHCS sent your application back to you for correction"


@pytest.mark.parametrize(
    ("between", "times"),
    [(["send_back"], 1), (["send_back", "reopen_scoring", "confirm_score"], 1),
     (["send_back", "return", "submit", "confirm_score"], 2)],
)  # fmt: skip
def test_what_dhcs_gives_back_and_gets_again_was_passed_on_once(between, times):
    names = ["submit", "recommend", *between, "do_not_recommend"]
    steps = [
        ApplicationTransition(name=name, side="mcp", created_at=timezone.now()) for name in names
    ]
    titles = [row["title"] for row in events(steps)]
    assert titles.count("Your plan passed your application on to DHCS") == times
