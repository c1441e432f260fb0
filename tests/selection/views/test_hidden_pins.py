"""No page of the decide side tells staff with a hard conflict that, or why, the application is pinned."""

from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from core.exceptions import DomainError
from selection.domain import cohort_search, scenarios, staff_conflicts, staleness
from selection.engine import Pin, Rules, Share
from selection.enums import SearchState
from selection.models import CohortSearch, Scenario
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import check
from tests.selection.building import cohort, proposed, published

pytestmark = pytest.mark.django_db
SECRET = "Their neighbour asked for it."
OPEN_REASON = "It left by letter."
HIDDEN = "hidden from you by a conflict of interest"


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def rows(cycle):
    return cohort(cycle)


@pytest.fixture
def pins(rows):
    """One pin that is closed to the colleague, and one that is open."""
    return (
        Pin(rows["below"].reference, selected=True, reason=SECRET),
        Pin(rows["above"].reference, selected=False, reason=OPEN_REASON),
    )


@pytest.fixture
def colleague(hat_of, analyst, rows):
    hat = hat_of(Role.DHCS_ANALYST, analyst.organisation)
    check(rows["below"], hat.user)
    return hat


@pytest.fixture
def scenario(cycle, analyst, pins):
    """A shared scenario whose second save pinned both."""
    made = scenarios.create(
        cycle=cycle, name="Shared", note="", rules=published(cycle), is_shared=True, by=analyst
    )
    with_pins = published(cycle, pins=tuple(sorted(pins, key=lambda pin: pin.reference)))
    return scenarios.save_rules(made, rules=with_pins, version=made.version, by=analyst)


def said(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


PAGES = ("workbench", "workbench_list", "scenario_new", "solve", "propose", "fairness")


@pytest.mark.parametrize("extra", [{}, {"threshold": "70"}])
@pytest.mark.parametrize("name", PAGES)
def test_pages_on_the_rules_of_a_scenario(as_hat, cycle, colleague, scenario, rows, name, extra):
    given = {"scenario": scenario.pk, **extra}
    text = said(as_hat(colleague).get(reverse(f"selection:{name}", args=[cycle.slug]), given))
    assert rows["below"].reference not in text
    assert SECRET not in text
    if name in ("workbench", "scenario_new", "propose"):
        assert OPEN_REASON in text
        assert HIDDEN in text.lower()


def test_who_has_no_conflict_sees_both(as_hat, cycle, hat_of, scenario, pins):
    web = as_hat(hat_of(Role.DHCS_ANALYST))
    for name in ("workbench", "scenario_new", "propose"):
        text = said(
            web.get(reverse(f"selection:{name}", args=[cycle.slug]), {"scenario": scenario.pk})
        )
        assert [pin.reason in text for pin in pins] == [True, True], name
        assert HIDDEN not in text.lower()


def test_a_proposal_its_pins_and_what_made_it_stale(as_hat, cycle, analyst, colleague, rows, pins):
    proposal = proposed(cycle, analyst, pins=pins)
    staleness.mark(proposal.pk, [rows["below"].reference, rows["near"].reference])
    text = said(as_hat(colleague).get(reverse("selection:proposal", args=[proposal.pk])))
    assert rows["below"].reference not in text
    assert SECRET not in text
    assert OPEN_REASON in text
    assert rows["near"].reference in text
    assert "1 application is hidden from you by a conflict of interest." in text
    assert "Hidden from you by a conflict of interest" in text


def test_the_refusal_of_an_approver_names_none(cycle, analyst, colleague, pins):
    proposal = proposed(cycle, analyst, pins=pins)
    with pytest.raises(DomainError) as refused:
        staff_conflicts.refuse_own_pins(proposal, by=colleague)
    assert pins[0].reference not in str(refused.value)


def test_saving_keeps_the_hidden_pin(as_hat, cycle, colleague, scenario, pins):
    web, data = as_hat(colleague), {"threshold": "70", "version:rules": scenario.version}
    web.post(reverse("selection:scenario_save", args=[cycle.slug, scenario.pk]), data)
    scenario.refresh_from_db()
    rules = Rules.from_json(scenario.rules)
    assert (rules.threshold, set(rules.pins)) == (70, set(pins))


def test_saving_as_a_new_one_keeps_the_hidden_pin(as_hat, cycle, colleague, scenario, pins):
    data = {"scenario": scenario.pk, "threshold": "70", "name": "Mine", "who": "me"}
    as_hat(colleague).post(reverse("selection:scenario_new", args=[cycle.slug]), data)
    rules = Rules.from_json(Scenario.objects.get(name="Mine").rules)
    assert (rules.threshold, set(rules.pins)) == (70, set(pins))


def test_both_saves_side_by_side(as_hat, cycle, analyst, colleague, scenario, rows):
    stale = {"threshold": "70", "version:rules": scenario.version - 1}
    address = reverse("selection:scenario_save", args=[cycle.slug, scenario.pk])
    text = said(as_hat(colleague).post(address, stale), 409)
    assert rows["below"].reference not in text
    assert SECRET not in text


def test_a_search_with_such_rules_has_no_address_of_them(
    as_hat, cycle, analyst, colleague, scenario, rows
):
    share = Share("population", "pregnant", Decimal("0.1"))
    rules = replace(Rules.from_json(scenario.rules), targets=(share,))
    search = cohort_search.start(
        cycle=cycle, rules=rules, by=analyst, scenario=scenario, kind=cohort_search.POINTS
    )
    result = {"points": [5], "threshold": 70, "shares": [0.2], "selected": 2, "cost": "561200.00"}
    CohortSearch.objects.filter(pk=search.pk).update(
        state=SearchState.DONE, finished_at=timezone.now(), result=result
    )
    address = reverse("selection:search", args=[cycle.slug, search.pk])
    text = said(as_hat(colleague).get(address))
    assert rows["below"].reference not in text
    assert SECRET.replace(" ", "+") not in text
    assert "Somebody else has to use them." in text
