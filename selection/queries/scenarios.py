"""Reads of scenarios: a private one is for its owner only, a shared one for all of DHCS and auditors."""

from django.db.models import Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership
from programs.models import Cycle
from selection.models import Scenario, ScenarioComment, ScenarioVisit


def scenarios_visible_to(hat: Membership | None) -> QuerySet[Scenario]:
    """Return the scenarios that `hat` may see, archived ones too, with cycle and owner."""
    everything = Scenario.objects.select_related("cycle", "owner", "updated_by")
    if hat is None or not hat.is_active or hat.role not in Role.see_all:
        return everything.none()
    return everything.filter(Q(owner=hat.user_id) | Q(is_shared=True))


def scenarios_in(cycle: Cycle, hat: Membership) -> QuerySet[Scenario]:
    """Return the scenarios of a cycle that are in use and that `hat` may see, the last saved first."""
    visible = scenarios_visible_to(hat).filter(cycle=cycle, archived_at=None)
    return visible.order_by("-updated_at", "-pk")


def comments_visible_to(hat: Membership | None) -> QuerySet[ScenarioComment]:
    """Return what was said of the scenarios that `hat` may see, but what was taken back."""
    return ScenarioComment.objects.filter(
        scenario__in=scenarios_visible_to(hat), removed_at=None
    ).select_related("scenario__cycle", "author")


def comments_on(scenario: Scenario) -> QuerySet[ScenarioComment]:
    """Return what was said of a scenario, oldest first, but what was taken back."""
    return scenario.comments.filter(removed_at=None).select_related("author")


def visits_to(scenario: Scenario) -> QuerySet[ScenarioVisit]:
    """Return who looked at a scenario, the last one first."""
    return scenario.visits.select_related("person").order_by("-last_at")


def versions_of(scenario: Scenario) -> QuerySet:
    """Return what a scenario was after each change, newest first, from its history."""
    events = scenario.events  # type: ignore[attr-defined]
    return events.select_related("updated_by").order_by("-pgh_id")
