import re
from decimal import Decimal
from html import unescape
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from accounts.enums import Role
from selection.domain import decisions
from selection.models import Proposal
from tests.factories.programs import CycleFactory, ProgramVersionFactory, packaged_json
from tests.scoring.building import ApplicationFactory
from tests.selection.building import cohort, handed_over, prepared

pytestmark = pytest.mark.django_db
THRESHOLD = "selection:threshold"


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def applications(cycle):
    return cohort(cycle)


@pytest.fixture
def web(as_hat, analyst):
    return as_hat(analyst)


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def scenario(**changes):
    return {
        "points_population_children_youth": "12",
        "points_population_pregnant": "20",
        "points_tribal_yes": "15",
        "threshold": "77",
        "budget": "97000000.00",
        **changes,
    }


def figures(text):
    """Return the key figures as text without markup."""
    part = text.split('class="key-figures"')[1].split("</dl>")[0]
    return " ".join(re.sub(r"<[^>]*>", " ", part).split())


def hidden(text):
    """Return the hidden inputs of the form that prepares decisions."""
    form = text.split(f'action="{reverse("selection:prepare")}?cycle=')[1].split("</form>")[0]
    found = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form))
    found.pop("csrfmiddlewaretoken", None)
    return found


def test_published_rules_are_shown_without_any_parameter(web, applications):
    text = text_of(web.get(reverse(THRESHOLD)))
    assert "published rules" in text
    assert 'name="threshold" value="77"' in text
    assert "Prepare 5 decisions" in text
    assert "$561,200" in figures(text)
    assert "Selected 2 of 5 handed over Waitlisted 1 2 not selected" in figures(text)


def test_address_is_the_scenario(web, applications):
    address = f"{reverse(THRESHOLD)}?{urlencode(scenario(threshold='61', budget='300000'))}"
    text = text_of(web.get(address))
    assert "a what-if: nothing is stored" in text
    assert 'name="threshold" value="61"' in text
    assert "Over the budget by" in text
    assert "Selected 3 of 5 handed over Waitlisted 1 1 not selected" in figures(text)
    assert hidden(text) == scenario(threshold="61", budget="300000")
    assert Proposal.objects.count() == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("threshold", "abc"),
        ("threshold", ""),
        ("threshold", "-1"),
        ("threshold", "501"),
        ("budget", "a lot"),
        ("budget", "-5"),
        ("budget", "NaN"),
        ("points_population_pregnant", "101"),
        ("points_tribal_yes", "2.5"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_bad_value_stays_typed_and_is_named(web, applications, field, value, method):
    data = scenario(**{field: value})
    address = reverse(THRESHOLD if method == "get" else "selection:prepare")
    text = text_of(getattr(web, method)(address, data), 422)
    assert "error-summary" in text
    assert f'href="#id_{field}"' in text
    assert f'name="{field}" value="{value}"' in text or not value
    assert "This field is required" not in text
    assert "invalid" not in text.lower().replace('aria-invalid="true"', "")
    assert "$561,200" in text
    assert Proposal.objects.count() == 0


def test_prepare_stores_what_is_shown(web, applications, analyst):
    text = text_of(web.get(reverse(THRESHOLD), scenario(threshold="61")))
    response = web.post(reverse("selection:prepare"), hidden(text))
    assert (response.status_code, response.url) == (302, reverse("selection:decisions"))
    run = Proposal.objects.get()
    assert (run.rules["threshold"], run.selected, run.proposed_by) == (61, 3, analyst.user)


@pytest.mark.parametrize("language", ["en-us", "es"])
def test_button_prepares_the_published_rules_in_every_language(web, language):
    handed_over(CycleFactory(closed=True, budget=Decimal("97000000.50")), 80)
    headers = {"accept-language": language}
    text = text_of(web.get(reverse(THRESHOLD), headers=headers))
    response = web.post(reverse("selection:prepare"), hidden(text), headers=headers)
    assert response.status_code == 302
    assert str(Proposal.objects.get().rules["budget"]) == "97000000.50"


def test_button_prepares_a_criterion_worth_no_points(web):
    definition = {**packaged_json()}
    points = [{**rule, "points": 0} for rule in definition["selection"]["priority_points"]]
    definition["selection"] = {**definition["selection"], "priority_points": points}
    version = ProgramVersionFactory(sha256="0" * 64, definition=definition)
    handed_over(CycleFactory(closed=True, version=version), 80)
    text = text_of(web.get(reverse(THRESHOLD)))
    assert hidden(text)["points_tribal_yes"] == "0"
    assert web.post(reverse("selection:prepare"), hidden(text)).status_code == 302


def test_prepare_names_what_is_unfinished(web, applications, cycle):
    ApplicationFactory(cycle=cycle, status="in_review")
    page = text_of(web.get(reverse(THRESHOLD)))
    assert "1 application is still with its plan" in page
    assert "Prepare 5 decisions" not in page
    refused = text_of(web.post(reverse("selection:prepare"), scenario(threshold="70")), 409)
    assert 'name="threshold" value="70"' in refused
    assert "error-summary" in refused
    assert Proposal.objects.count() == 0


def test_get_of_the_act_goes_to_the_threshold(web, applications):
    assert web.get(reverse("selection:prepare")).url == reverse(THRESHOLD)


def test_pages_without_a_cycle_say_so(web):
    assert "No cycle yet" in text_of(web.get(reverse(THRESHOLD)))
    assert "No decisions are prepared" in text_of(web.get(reverse("selection:decisions")))
    assert web.post(reverse("selection:prepare"), scenario()).url == reverse(THRESHOLD)


def test_threshold_without_anything_handed_over_says_so(web, cycle):
    text = text_of(web.get(reverse(THRESHOLD)))
    assert "No application is handed over yet" in text
    assert reverse("selection:prepare") not in text


def test_who_prepared_sees_no_button_to_release(as_hat, cycle, applications, approver):
    run = prepared(cycle, approver)
    web = as_hat(approver)
    text = text_of(web.get(reverse("selection:decisions")))
    assert reverse("selection:release", args=[run.pk]) not in text
    assert "A second person releases these decisions" in text
    response = web.post(reverse("selection:release", args=[run.pk]), follow=True)
    assert "A second person releases what you prepared." in text_of(response)
    run.refresh_from_db()
    assert run.released_at is None


def test_release_page_says_what_it_does_and_does_it(as_hat, cycle, applications, analyst, approver):
    run = prepared(cycle, analyst)
    web = as_hat(approver)
    text = text_of(web.get(reverse("selection:decisions")))
    assert "Release 5 decisions" in text
    assert "2 practices are selected." in text
    assert "$561,200" in text
    assert analyst.user.full_name in text
    done = text_of(web.post(reverse("selection:release", args=[run.pk]), follow=True))
    assert "The decisions are released and the emails are on their way." in done
    assert f"<dd>{approver.user.full_name}</dd>" in done
    assert f"<dd>{analyst.user.full_name}</dd>" in done
    page = text_of(web.get(reverse("selection:application", args=[applications["near"].pk])))
    assert "Recommended, and just below the threshold" in page
    assert "75 points against a threshold of 77." in page
    assert "The decisions of this cycle are released" in text_of(web.get(reverse(THRESHOLD)))


def test_discard_leaves_no_open_proposal(web, cycle, applications, analyst):
    run = prepared(cycle, analyst)
    text = text_of(web.post(reverse("selection:discard", args=[run.pk]), follow=True))
    assert "The prepared decisions are discarded." in text
    assert "No decisions are prepared" in text
    assert "Prepare 5 decisions" in text_of(web.get(reverse(THRESHOLD)))


def test_release_of_something_stale_says_so(as_hat, cycle, applications, analyst, approver):
    run = prepared(cycle, analyst)
    handed_over(cycle, 90)
    response = as_hat(approver).post(reverse("selection:release", args=[run.pk]), follow=True)
    assert "1 application changed after these decisions were prepared." in text_of(response)


@pytest.mark.parametrize(
    ("role", "act", "status"),
    [
        (Role.DHCS_ANALYST, "release", 403),
        (Role.DHCS_ADMINISTRATOR, "release", 403),
        (Role.DHCS_ADMINISTRATOR, "discard", 403),
        (Role.AUDITOR, "release", 403),
        (Role.AUDITOR, "discard", 403),
        (Role.MCP_LEAD, "release", 404),
        (Role.PRACTICE_OWNER, "discard", 404),
    ],
)
def test_acts_on_a_run_are_for_those_who_may(
    as_hat, hat_of, cycle, applications, approver, role, act, status
):
    run = prepared(cycle, approver)
    response = as_hat(hat_of(role)).post(reverse(f"selection:{act}", args=[run.pk]))
    assert response.status_code == status
    run.refresh_from_db()
    assert (run.released_at, run.withdrawn_at) == (None, None)


@pytest.mark.parametrize("role", [Role.DHCS_ADMINISTRATOR, Role.AUDITOR, Role.MCP_LEAD])
def test_prepare_is_for_analysts_and_approvers(as_hat, hat_of, applications, role):
    assert as_hat(hat_of(role)).post(reverse("selection:prepare"), scenario()).status_code == 403
    assert Proposal.objects.count() == 0


def test_auditor_reads_everything_and_finds_no_button(as_hat, hat_of, cycle, applications, analyst):
    web = as_hat(hat_of(Role.AUDITOR))
    assert "Prepare 5 decisions" not in text_of(web.get(reverse(THRESHOLD)))
    prepared(cycle, analyst)
    text = text_of(web.get(reverse("selection:decisions")))
    assert applications["above"].reference in text
    assert "/release/" not in text
    assert "/discard/" not in text


def test_no_page_of_the_threshold_costs_more_with_more_rows(web, cycle, django_assert_num_queries):
    for count in (1, 3):
        for _ in range(count):
            handed_over(cycle, 70)
        web.get(reverse(THRESHOLD))
        with django_assert_num_queries(7):
            web.get(reverse(THRESHOLD))


def test_decisions_page_costs_the_same_for_one_row_and_three(
    web, cycle, analyst, django_assert_num_queries
):
    for _ in range(2):
        handed_over(cycle, 70)
        run = prepared(cycle, analyst)
        web.get(reverse("selection:decisions"))
        with django_assert_num_queries(6):
            web.get(reverse("selection:decisions"))
        decisions.discard(run, by=analyst)
        handed_over(cycle, 70)
