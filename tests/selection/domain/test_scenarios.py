import pytest

from accounts.enums import Role
from core.exceptions import DomainError, WrongState
from selection.domain import scenarios
from selection.models import Scenario, ScenarioVisit
from selection.queries.scenarios import comments_on, scenarios_in, scenarios_visible_to
from tests.factories.programs import CycleFactory
from tests.selection.building import published

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def make(cycle, analyst):
    """Return a function that stores a scenario of the analyst."""

    def create(name="Lower budget", by=analyst, is_shared=False, **changes):
        return scenarios.create(
            cycle=cycle,
            name=name,
            note="What if",
            rules=published(cycle, **changes),
            is_shared=is_shared,
            by=by,
        )

    return create


def test_a_private_scenario_is_for_its_owner_only(make, cycle, hat_of, analyst):
    mine, shared = make(), make("For all", is_shared=True)
    assert set(scenarios_visible_to(analyst)) == {mine, shared}
    for role in (Role.DHCS_ANALYST, Role.DHCS_APPROVER, Role.DHCS_ADMINISTRATOR, Role.AUDITOR):
        assert list(scenarios_visible_to(hat_of(role))) == [shared]
    for role in (Role.PRACTICE_OWNER, Role.MCP_LEAD, Role.MCP_REVIEWER, Role.MILESTONE_REVIEWER):
        assert list(scenarios_visible_to(hat_of(role))) == []
    assert list(scenarios_visible_to(None)) == []


def test_an_owner_sees_it_under_a_hat_of_dhcs_only(make, hat_of, analyst):
    make()
    assert list(scenarios_visible_to(hat_of(Role.MCP_LEAD, user=analyst.user))) == []


def test_a_save_counts_up_and_names_who_saved(make, cycle, approver):
    row = make(is_shared=True)
    saved = scenarios.save_rules(row, rules=published(cycle, threshold=70), version=1, by=approver)
    assert (saved.version, saved.rules["threshold"], saved.updated_by) == (2, 70, approver.user)
    assert [event.rules["threshold"] for event in row.events.order_by("pgh_id")] == [77, 70]


def test_the_same_rules_again_are_no_save(make, cycle, analyst):
    row = make()
    assert scenarios.save_rules(row, rules=published(cycle), version=1, by=analyst).version == 1


def test_nobody_overwrites_a_save_that_they_have_not_seen(make, cycle, analyst, approver):
    row = make(is_shared=True)
    scenarios.save_rules(row, rules=published(cycle, threshold=70), version=1, by=approver)
    with pytest.raises(scenarios.SavedMeanwhile) as caught:
        scenarios.save_rules(row, rules=published(cycle, threshold=60), version=1, by=analyst)
    assert (caught.value.theirs.version, caught.value.theirs.rules["threshold"]) == (2, 70)
    with pytest.raises(scenarios.SavedMeanwhile):
        scenarios.describe(row, name="Mine", note="", version=1, by=analyst)
    row.refresh_from_db()
    assert (row.name, row.rules["threshold"], row.version) == ("Lower budget", 70, 2)


def test_a_name_is_there_once_for_each_owner(make, approver, analyst):
    make()
    with pytest.raises(DomainError, match="Choose another name"):
        make()
    make(by=approver)
    other = make("Other")
    with pytest.raises(DomainError, match="Choose another name"):
        scenarios.describe(other, name="Lower budget", note="", version=1, by=analyst)
    assert Scenario.objects.count() == 3


def test_copies_are_private_and_find_a_name(make, cycle, approver):
    row = make(is_shared=True)
    first, second = (scenarios.duplicate(row, by=approver) for _ in range(2))
    assert (first.name, second.name) == ("Copy of Lower budget", "Copy 2 of Lower budget")
    assert (first.owner, first.is_shared, first.copied_from) == (approver.user, False, row)
    assert first.rules == row.rules


def test_sharing_and_archiving_are_in_the_history(make, cycle, analyst, approver):
    row = make()
    scenarios.share(row, is_shared=True, by=analyst)
    scenarios.share(row, is_shared=True, by=analyst)
    assert list(scenarios_in(cycle, approver)) == [row]
    scenarios.archive(row, by=analyst)
    assert list(scenarios_in(cycle, approver)) == []
    with pytest.raises(WrongState):
        scenarios.save_rules(row, rules=published(cycle, threshold=1), version=3, by=analyst)
    make()
    with pytest.raises(DomainError):
        scenarios.restore(row, by=analyst)
    events = row.events.order_by("pgh_id").values_list("is_shared", "archived_at")
    assert [(shared, bool(archived)) for shared, archived in events] == [
        (False, False),
        (True, False),
        (True, True),
    ]


def test_a_comment_is_taken_back_by_its_author_only(make, analyst, approver):
    row = make(is_shared=True)
    said = scenarios.comment(row, text="Too low.", by=approver)
    with pytest.raises(DomainError):
        scenarios.take_back(said, by=analyst)
    assert list(comments_on(row)) == [said]
    scenarios.take_back(said, by=approver)
    assert list(comments_on(row)) == []
    said.refresh_from_db()
    assert said.text == "Too low."


def test_a_visit_is_noted_once(make, analyst, approver):
    row = make(is_shared=True)
    for _ in range(2):
        scenarios.visited(row, by=approver)
    assert [visit.person for visit in ScenarioVisit.objects.all()] == [approver.user]
