import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from selection.domain import reconsidering
from selection.engine import Pin
from selection.models import Proposal, Scenario
from tests.factories.programs import CycleFactory, ProgramVersionFactory, packaged_json
from tests.scoring.building import ApplicationFactory
from tests.scoring.conflicting import check
from tests.selection.asking import REASONS, a_decided_cohort
from tests.selection.building import WHY, cohort, handed_over, proposed, published, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


@pytest.fixture
def web(as_hat, analyst):
    return as_hat(analyst)


def address(cycle):
    return reverse("selection:propose", args=[cycle.slug])


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def hidden(text):
    """Return the names and values that the form carries, as a browser would post them."""
    form = text.split("novalidate>")[-1].split("</form>")[0]
    found = {}
    for tag in re.findall(r'<input [^>]*type="hidden"[^>]*>', form):
        name, value = re.search(r'name="([^"]*)"', tag)[1], re.search(r'value="([^"]*)"', tag)
        found.setdefault(name, []).append(value[1] if value else "")
    found.pop("csrfmiddlewaretoken", None)
    return found


def test_page_shows_what_would_be_proposed(web, cycle, applications):
    text = text_of(web.get(address(cycle)))
    assert "Propose 5 decisions" in text
    assert "$561,200" in text
    assert "Nothing: these are the published rules." in text
    assert Proposal.objects.count() == 0


def test_differences_from_the_published_rules_are_named(web, cycle, applications):
    text = text_of(web.get(address(cycle), {"threshold": "61", "budget": "300000"}))
    part = text.split('id="changes-title"')[1].split("</section>")[0]
    words = " ".join(re.sub(r"<[^>]*>", " ", part).split())
    assert "Threshold 77 points, and more 61 points, and more" in words
    assert "Budget $97,000,000 $300,000" in words
    assert "Under the published rules: 2 selected for $561,200." in words


def test_posting_proposes_what_was_shown(web, cycle, applications, analyst):
    data = hidden(text_of(web.get(address(cycle), {"threshold": "61"})))
    later = (timezone.now() + timedelta(days=9)).date()
    data |= {"rationale": WHY, "name": "Lower line", "publish_day": str(later),
             "publish_time": "09:00"}  # fmt: skip
    response = web.post(address(cycle), data)
    found = Proposal.objects.get()
    assert response.url == reverse("selection:proposal", args=[found.pk])
    assert (found.rules["threshold"], found.selected, found.name) == (61, 3, "Lower line")
    assert (found.proposed_by, found.rationale) == (analyst.user, WHY)
    assert found.publish_at.strftime("%H:%M") in ("16:00", "17:00")
    page = text_of(web.get(response.url))
    assert "5 decisions are proposed. A second person approves them." in page


def test_scenario_is_named_when_its_rules_are_proposed(web, cycle, applications, analyst):
    scenario = Scenario.objects.create(
        cycle=cycle, owner=analyst.user, updated_by=analyst.user, name="Cut budget",
        rules=published(cycle, threshold=80).as_json(),
    )  # fmt: skip
    text = text_of(web.get(address(cycle), {"scenario": scenario.pk}))
    data = hidden(text) | {"rationale": WHY, "name": "Cut budget"}
    assert web.post(address(cycle), data).status_code == 302
    found = Proposal.objects.get()
    assert (found.scenario, found.rules["threshold"]) == (scenario, 80)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"rationale": ""}, "Say why you propose this."),
        ({"rationale": "Too short."}, "Write 20 characters or more."),
        ({"rationale": "x" * 5001}, "Shorten this to 5000 characters."),
        ({"publish_day": "2020-01-01", "publish_time": "09:00"}, "This is in the past."),
        ({"publish_day": "9999-12-31", "publish_time": "23:59"}, "This is too far ahead."),
        ({"publish_day": "0001-01-01", "publish_time": "00:00"}, "This is in the past."),
        ({"publish_day": "2090-01-01"}, "Enter both the day and the time, or neither."),
        ({"publish_day": "tomorrow", "publish_time": "09:00"}, "Enter a date such as 12/8/2026."),
        ({"rationale": "nul \0 " * 9}, "a character that can't be stored"),
    ],
)
def test_bad_value_is_named_and_what_was_typed_stays(web, cycle, applications, typed, sentence):
    data = hidden(text_of(web.get(address(cycle), {"threshold": "61"})))
    data |= {"rationale": WHY, **typed}
    text = text_of(web.post(address(cycle), data), 422)
    assert sentence in text
    assert hidden(text)["threshold"] == ["61"]
    if "rationale" not in typed:
        assert WHY in text
    assert Proposal.objects.count() == 0


@pytest.mark.parametrize("field", ["threshold", "budget", "points_population_pregnant"])
def test_rules_with_faults_can_not_be_proposed(web, cycle, applications, field):
    data = hidden(text_of(web.get(address(cycle)))) | {"rationale": WHY, field: "abc"}
    text = text_of(web.post(address(cycle), data), 422)
    assert "error-summary" in text
    assert Proposal.objects.count() == 0


def test_numbers_that_changed_since_are_shown_again(web, cycle, applications):
    data = hidden(text_of(web.get(address(cycle)))) | {"rationale": WHY}
    handed_over(cycle, 90)
    text = text_of(web.post(address(cycle), data), 409)
    assert "The numbers have changed since you opened this page." in text
    assert "Propose 6 decisions" in text
    assert Proposal.objects.count() == 0
    again = hidden(text) | {"rationale": WHY}
    assert web.post(address(cycle), again).status_code == 302


def test_unfinished_cycle_says_so_and_has_no_button(web, cycle, applications):
    ApplicationFactory(cycle=cycle, status="in_review")
    text = text_of(web.get(address(cycle)))
    assert "1 application is still with its plan" in text
    assert 'type="submit">Propose' not in text
    refused = text_of(web.post(address(cycle), hidden(text) | {"rationale": WHY}), 409)
    assert WHY in refused
    assert Proposal.objects.count() == 0


def in_the_way(text):
    return text.split("Nothing can be proposed yet")[1].split("key-figures")[0]


def test_what_stands_in_the_way_is_named_and_linked(web, cycle, applications, analyst):
    waiting = ApplicationFactory(cycle=cycle, status="in_review")
    text = text_of(web.get(address(cycle)))
    part = in_the_way(text)
    assert reverse("selection:application", args=[waiting.pk]) in part
    assert waiting.practice.name in part
    query = "status=in_review&status=returned&status=scored&status=submitted"
    assert f"{reverse('selection:queue')}?cycle={cycle.slug}&{query}" in part
    assert 'name="rationale"' not in text
    check(waiting, analyst.user)
    hidden_one = in_the_way(text_of(web.get(address(cycle))))
    assert waiting.reference not in hidden_one
    assert "1 application is hidden from you by a conflict of interest." in hidden_one


def test_many_in_the_way_are_linked_without_names(web, cycle, applications):
    rows = [ApplicationFactory(cycle=cycle, status="submitted") for _ in range(6)]
    part = in_the_way(text_of(web.get(address(cycle))))
    assert "6 applications are still with their plans" in part
    assert "See them in the queue" in part
    assert [row.reference in part for row in rows] == [False] * 6


def test_rules_with_faults_have_no_form(web, cycle, applications):
    text = text_of(web.get(address(cycle), {"threshold": "abc"}), 422)
    assert 'name="rationale"' not in text
    assert f'href="{reverse("selection:workbench", args=[cycle.slug])}"' in text


def test_open_proposal_is_linked(web, cycle, applications, approver):
    found = proposed(cycle, approver)
    text = text_of(web.get(address(cycle)))
    assert reverse("selection:proposal", args=[found.pk]) in text
    assert 'type="submit">Propose' not in text


def test_deciding_anew_is_said(web, cycle, applications, analyst, approver):
    released(cycle, analyst, approver)
    text = text_of(web.get(address(cycle)))
    assert "Decisions were released before" in text
    data = hidden(text) | {"rationale": WHY}
    assert web.post(address(cycle), data).status_code == 302


@pytest.fixture
def undoing(cycle):
    decided = a_decided_cohort(cycle)
    reconsidering.decide(
        decided.given("below"), outcome="selected", reasons=REASONS, by=decided.reader
    )
    return decided


def undone_in(text):
    return text.split("These later acts would be undone")[1].split("</ul>")[0]


def test_later_acts_that_would_be_undone_are_listed(as_hat, cycle, undoing):
    text = text_of(as_hat(undoing.proposer).get(address(cycle)))
    part, below = undone_in(text), undoing.applications["below"]
    assert reverse("selection:application", args=[below.pk]) in part
    assert "Decided anew after a reconsideration" in part
    assert "Now: Selected. Then: Not selected." in part
    assert part.count("<li>") == 1


def test_later_act_that_the_rules_keep_is_not_listed(as_hat, cycle, undoing):
    text = text_of(as_hat(undoing.proposer).get(address(cycle), {"threshold": "60"}))
    assert "would be undone" not in text


def test_later_act_behind_a_conflict_has_no_name(as_hat, hat_of, cycle, undoing):
    below, other = undoing.applications["below"], hat_of(Role.DHCS_ANALYST)
    check(below, other.user)
    text = text_of(as_hat(other).get(address(cycle)))
    assert "1 application is hidden from you by a conflict of interest." in undone_in(text)
    assert below.reference not in text
    assert below.practice.name not in text


def test_release_alone_has_nothing_to_undo(web, cycle, applications, analyst, approver):
    released(cycle, analyst, approver)
    assert "would be undone" not in text_of(web.get(address(cycle), {"threshold": "89"}))


def test_pin_in_a_shared_scenario_is_not_proposed_by_whom_it_is_closed_to(
    as_hat, hat_of, cycle, applications, analyst
):
    closed, other = applications["below"], hat_of(Role.DHCS_ANALYST)
    check(closed, other.user)
    rules = published(cycle, pins=(Pin(closed.reference, True, "The only one in its county."),))
    scenario = Scenario.objects.create(
        cycle=cycle, owner=analyst.user, updated_by=analyst.user, name="Shared",
        rules=rules.as_json(), is_shared=True,
    )  # fmt: skip
    data = {"scenario": scenario.pk, "rationale": WHY, "seen": "3:1:1:841800.00"}
    text = text_of(as_hat(other).post(address(cycle), data), 409)
    assert "where you have a conflict of interest. Somebody else has to propose them." in text
    assert Proposal.objects.count() == 0


@pytest.mark.parametrize("language", ["en-us", "es"])
def test_cents_of_a_budget_are_kept_in_every_language(web, language):
    cycle = CycleFactory(closed=True, budget=Decimal("97000000.50"))
    handed_over(cycle, 80)
    headers = {"accept-language": language}
    text = text_of(web.get(address(cycle), headers=headers))
    response = web.post(address(cycle), hidden(text) | {"rationale": WHY}, headers=headers)
    assert response.status_code == 302
    assert Decimal(Proposal.objects.get().rules["budget"]) == Decimal("97000000.50")


def test_criterion_worth_no_points_is_proposed_too(web):
    definition = {**packaged_json()}
    points = [{**rule, "points": 0} for rule in definition["selection"]["priority_points"]]
    definition["selection"] = {**definition["selection"], "priority_points": points}
    version = ProgramVersionFactory(sha256="0" * 64, definition=definition)
    cycle = CycleFactory(closed=True, version=version)
    handed_over(cycle, 80)
    text = text_of(web.get(address(cycle)))
    assert web.post(address(cycle), hidden(text) | {"rationale": WHY}).status_code == 302


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.DHCS_APPROVER, 200),
        (Role.DHCS_ADMINISTRATOR, 403),
        (Role.AUDITOR, 403),
        (Role.MCP_LEAD, 403),
        (Role.PRACTICE_OWNER, 403),
    ],
)
def test_proposing_is_for_analysts_and_approvers(as_hat, hat_of, cycle, applications, role, status):
    web = as_hat(hat_of(role))
    assert web.get(address(cycle)).status_code == status
    assert web.post(address(cycle), {"rationale": WHY}).status_code in (status, 409)
    assert Proposal.objects.count() == 0


def test_page_costs_the_same_for_one_row_and_three(web, cycle, django_assert_max_num_queries):
    for count in (1, 3):
        for _ in range(count):
            handed_over(cycle, 70)
        web.get(address(cycle))
        with django_assert_max_num_queries(12):
            web.get(address(cycle))
