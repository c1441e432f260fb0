"""The table of steps: complete, consistent, and the same in code and database."""

import pytest
import rules

from applications.enums import PUBLIC_LABELS, TONES, Status
from applications.models import Application
from applications.workflow import PAIRS, TRANSITIONS

EXPECTED = {
    "submit": ("draft returned", "submitted", "submitted_at"),
    "import": ("draft", "submitted", "submitted_at"),
    "withdraw": (
        "submitted returned in_review scored recommended not_recommended",
        "withdrawn",
        "withdrawn_at",
    ),
    "start_review": ("submitted", "in_review", ""),
    "return": ("submitted in_review", "returned", ""),
    "confirm_score": ("in_review", "scored", "scored_at"),
    "reopen_scoring": ("scored", "in_review", ""),
    "recommend": ("scored", "recommended", ""),
    "do_not_recommend": ("scored", "not_recommended", ""),
    "send_back": ("recommended not_recommended", "scored", ""),
    "select": ("recommended not_recommended", "selected", "decided_at"),
    "waitlist": ("recommended not_recommended", "waitlisted", "decided_at"),
    "do_not_select": ("recommended not_recommended", "not_selected", "decided_at"),
    "promote": ("waitlisted", "selected", ""),
    "overturn_select": ("waitlisted not_selected", "selected", ""),
    "overturn_waitlist": ("not_selected", "waitlisted", ""),
    "select_again": ("waitlisted not_selected", "selected", "decided_at"),
    "waitlist_again": ("selected not_selected participating", "waitlisted", "decided_at"),
    "do_not_select_again": ("selected waitlisted participating", "not_selected", "decided_at"),
    "expire": ("selected", "declined", ""),
    "accept": ("selected", "participating", ""),
    "decline": ("selected", "declined", ""),
    "leave": ("participating", "left", ""),
}


def test_the_table_is_the_way_of_an_application():
    found = {
        name: (" ".join(step.sources), str(step.target), step.stamp)
        for name, step in TRANSITIONS.items()
    }
    assert found == EXPECTED
    assert [step.name for step in TRANSITIONS.values()] == list(TRANSITIONS)


@pytest.mark.parametrize("name", sorted(TRANSITIONS))
def test_every_permission_is_registered(name):
    assert rules.perm_exists(TRANSITIONS[name].permission)


def test_the_pairs_of_the_database_guard_are_those_of_the_table():
    pairs = {
        (source, target) for sources, target, _ in EXPECTED.values() for source in sources.split()
    }
    assert sorted(pairs) == PAIRS
    [guard] = [t for t in Application._meta.triggers if t.name == "status_fsm"]
    assert list(guard.transitions) == PAIRS


def test_every_state_but_the_first_can_be_reached_and_has_its_words():
    reached, frontier = set(), {"draft"}
    while frontier:
        reached |= frontier
        frontier = {target for source, target in PAIRS if source in reached} - reached
    assert reached == set(Status.values) == set(PUBLIC_LABELS) == set(TONES)


def test_the_stamps_are_columns():
    columns = {field.name for field in Application._meta.fields}
    assert {step.stamp for step in TRANSITIONS.values()} - {""} <= columns
