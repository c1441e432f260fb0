import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.models import Application
from selection.models import Proposal
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory
from tests.scoring.conflicting import check
from tests.selection.building import cohort, handed_over

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


def workbench(cycle, **query):
    path = reverse("selection:workbench", args=[cycle.slug])
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def words(text):
    """Return text without markup."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def figures(text):
    """Return the key figures as text without markup."""
    return words(text.split('class="wb-figures"')[1].split("</section>")[0])


def part(web, address):
    return web.get(address, headers={"HX-Request": "true", "HX-Request-Type": "partial"})


def test_published_rules_are_there_without_any_parameter(web, cycle, applications):
    text = text_of(web.get(workbench(cycle)))
    assert "Published rules" in text
    assert 'name="threshold" value="77"' in text
    assert 'value="97,000,000"' in text
    assert "2 selected of 5" in figures(text)
    assert "1 on the waitlist" in figures(text)
    assert "$561,200 of $97.0M" in figures(text)
    assert "Not saved" not in text


def test_address_is_the_scenario(web, cycle, applications):
    query = {
        "points_population_pregnant": "0",
        "threshold": "61",
        "budget": "300000",
        "tie_break": ["members", "mcp_score"],
    }
    text = text_of(web.get(workbench(cycle, **query)))
    assert "Not saved" in text
    assert 'name="threshold" value="61"' in text
    assert 'name="points_population_pregnant" value="0"' in text
    assert "1 selected of 5" in figures(text)
    assert "3 on the waitlist" in figures(text)
    assert "One point less" not in figures(text)
    assert "The budget ends before the line: 1 application with 61 points or more waits" in text
    assert "The lowest threshold that the budget pays for is 76." in words(text)
    chosen = re.findall(r'<option value="(\w+)" selected>', text.split('name="tie_break"', 1)[1])
    assert chosen[:2] == ["members", "mcp_score"]
    assert Proposal.objects.count() == 0


def test_a_change_redraws_the_result_only_and_says_its_address(web, cycle, applications):
    everything = {"threshold": "61", "budget": "97000000", "points_population_pregnant": "20"}
    response = part(web, workbench(cycle, **everything))
    text = text_of(response)
    assert response["HX-Push-Url"] == workbench(cycle, threshold="61")
    assert "HX-Request-Type" in response["Vary"]
    assert "<html" not in text
    assert 'name="threshold"' not in text.split("wb-acts")[0]
    assert (
        '<p id="wb-said" hx-swap-oob="innerHTML">3 selected of 5. $841,800 of $97.0M.</p>' in text
    )
    assert text_of(web.get(response["HX-Push-Url"])).count("3 selected of 5. $841,800") >= 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("threshold", "abc"), ("budget", "a lot"), ("points_tribal_yes", "2.5"), ("budget", "NaN")],
)
def test_bad_value_stays_typed_and_is_named(web, cycle, applications, field, value):
    text = text_of(web.get(workbench(cycle, **{field: value})), 422)
    assert f'href="#id_{field}"' in text
    assert f'name="{field}" value="{value}"' in text
    assert "2 selected of 5" in figures(text)
    again = text_of(part(web, workbench(cycle, **{field: value})), 422)
    assert "The figures did not change." in again


def test_a_criterion_is_added_with_its_field(web, cycle, applications):
    response = web.get(workbench(cycle, threshold="61", add="practice_type_fqhc"))
    there = workbench(cycle, threshold="61", points_practice_type_fqhc="5")
    assert (response.status_code, response.url) == (302, f"{there}#rules")
    assert 'name="points_practice_type_fqhc" value="5"' in text_of(web.get(there))
    target = web.get(workbench(cycle, add="hpi_quartile_1", add_kind="least"))
    assert target.url == f"{workbench(cycle, least_hpi_quartile_1='10')}#rules"
    by_script = part(web, workbench(cycle, add="hpi_quartile_1"))
    assert by_script["HX-Redirect"] == f"{workbench(cycle, points_hpi_quartile_1='5')}#rules"


def test_each_one_at_the_line_says_what_would_tip_it(web, cycle, applications):
    handed_over(cycle, 78)
    handed_over(cycle, 78, recommended=False, status="not_recommended")
    text = text_of(web.get(workbench(cycle)))
    near = words(text.split('id="near-title"')[1].split("</table>")[0])
    assert "Out if the threshold rises by 2 points" in near
    assert "In with 2 points more" in near
    assert "In when everybody can be selected" in near


def test_who_waits_for_the_budget_is_told_how_much_lacks(web, cycle, applications):
    text = text_of(web.get(workbench(cycle, threshold="75", budget="600000")))
    assert "In with $241,800 more budget" in text


def test_ties_at_the_cut_are_counted(web, cycle):
    for _ in range(3):
        handed_over(cycle, 80)
    text = words(text_of(web.get(workbench(cycle, threshold="80", budget="300000"))))
    assert "3 applications have exactly 80 points, the line." in text
    assert "the tie-break lets 1 in, and 2 wait." in text


def test_targets_say_whether_they_are_met(web, cycle, applications):
    query = {"least_population_pregnant": "50", "least_population_children_youth": "1"}
    text = text_of(web.get(workbench(cycle, **query)))
    mix = words(text.split("Population of focus")[-1].split("</table>")[0])
    assert "Pregnant people at least 50%" in mix
    assert "Children and youth at least 1% · missed" in mix


def test_every_picture_has_words_and_a_table(web, cycle, applications):
    Application.objects.update(county="Kern")
    text = text_of(web.get(workbench(cycle)))
    for figure in re.findall(r'<figure class="picture.*?</figure>', text, re.DOTALL):
        assert "<title" in figure
        assert "<desc" in figure
    assert "Kern: 2 of 5" in text
    assert text.count('<path class="wb-county') == 58
    assert text.count("Show these numbers as a table") == 2


def test_conflict_hides_the_row_and_not_the_count(as_hat, analyst, cycle, applications):
    closed = applications["above"]
    check(closed, analyst.user)
    web = as_hat(analyst)
    for address in (workbench(cycle), reverse("selection:workbench_list", args=[cycle.slug])):
        text = text_of(web.get(address))
        assert closed.reference not in text
        assert closed.practice.name not in text
        assert text.count("Hidden from you by a conflict of interest") == 1
    assert "2 selected of 5" in figures(text_of(web.get(workbench(cycle))))


def test_list_goes_on_by_rank(web, cycle, applications, monkeypatch):
    monkeypatch.setattr("selection.views.workbench.PAGE", 2)
    path = reverse("selection:workbench_list", args=[cycle.slug])
    seen, address = [], f"{path}?threshold=61"
    while address:
        text = text_of(web.get(address))
        seen += re.findall(r">(EPT1-[^<]+)</a>", text)
        more = re.search(r'href="([^"]+)">Next 100', text)
        address = more[1] if more else ""
    order = ["refused", "above", "lifted", "near", "below"]
    assert seen == [applications[name].reference for name in order]
    selected = text_of(web.get(f"{path}?threshold=61&outcome=selected&after=2"))
    assert re.findall(r">(EPT1-[^<]+)</a>", selected) == [
        applications[name].reference for name in ("lifted", "near")
    ]


def test_nobody_handed_over_says_so(web, cycle):
    text = text_of(web.get(workbench(cycle)))
    assert "No application is handed over yet" in text
    assert "wb-figures" not in text
    text_of(web.get(reverse("selection:workbench_list", args=[cycle.slug])))


def test_nobody_selected_says_so(web, cycle):
    handed_over(cycle, 20)
    text = text_of(web.get(workbench(cycle, threshold="500")))
    assert "0 selected of 1" in figures(text)
    assert "Nobody. Lower the threshold, or raise the budget." in words(text)


def test_those_put_in_can_cost_more_than_the_budget(web, cycle, applications):
    pin = {
        "pin_reference": applications["below"].reference,
        "pin_side": "in",
        "pin_reason": "The only clinic of its county.",
        "budget": "1000",
    }
    text = text_of(web.get(workbench(cycle, **pin)))
    assert "Those put in by hand alone cost more than the budget" in text
    assert "$279,600 over the budget" in figures(text)


def test_old_addresses_lead_to_the_workbench(web, cycle, applications):
    response = web.get("/threshold/?threshold=61&points_tribal_yes=3", follow=True)
    assert response.redirect_chain[-1][0] == workbench(cycle, threshold="61", points_tribal_yes="3")
    assert "3 selected of 5" in figures(text_of(response))


def test_without_a_cycle_the_workbench_says_so(web):
    assert "No cycle yet" in text_of(web.get(reverse("selection:workbench_home")))


def test_unknown_cycles_and_scenarios_are_not_found(web, cycle):
    assert web.get("/selection/no-such/").status_code == 404
    for pk in ("999999", "x", "9" * 30, "²", "\0"):
        assert web.get(workbench(cycle, scenario=pk)).status_code == 404


def test_switcher_leads_to_the_other_cycle(web, cycle):
    other = CycleFactory(closed=True)
    assert web.get(f"{workbench(cycle)}?cycle={other.slug}").url == workbench(other)
    assert web.get(f"{workbench(cycle)}?cycle=no-such").status_code == 200


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.DHCS_APPROVER, 200),
        (Role.DHCS_ADMINISTRATOR, 200),
        (Role.AUDITOR, 200),
        (Role.MCP_LEAD, 403),
        (Role.MCP_REVIEWER, 403),
        (Role.PRACTICE_OWNER, 403),
        (Role.MILESTONE_REVIEWER, 403),
    ],
)
def test_workbench_is_for_dhcs_and_auditors(as_hat, hat_of, cycle, applications, role, status):
    assert as_hat(hat_of(role)).get(workbench(cycle)).status_code == status


def test_auditor_reads_and_finds_nothing_to_do(as_hat, hat_of, cycle, applications):
    text = text_of(as_hat(hat_of(Role.AUDITOR)).get(workbench(cycle, threshold="61")))
    assert "3 selected of 5" in figures(text)
    assert "Save as" not in text
    assert "Propose" not in text


def test_a_page_costs_the_same_for_one_row_and_three(web, cycle, django_assert_num_queries):
    list_page = reverse("selection:workbench_list", args=[cycle.slug])
    for count in (1, 3):
        for _ in range(count):
            handed_over(cycle, 77)
        for address, page, piece in ((workbench(cycle), 8, 5), (list_page, 5, None)):
            web.get(address)
            with django_assert_num_queries(page):
                web.get(address)
            if piece:
                with django_assert_num_queries(piece):
                    part(web, address)


def test_fault_of_a_pin_is_by_its_field(web, cycle, applications):
    pins = {
        "pin_reference": ["", "EPT1-999999-9", applications["below"].reference],
        "pin_side": ["in"] * 3,
        "pin_reason": ["", "Why.", ""],
    }
    text = text_of(web.get(workbench(cycle, **pins)), 422)
    unknown = "No application handed over has the reference EPT1-999999-9. Check it in the queue."
    unsaid = f"Say why {applications['below'].reference} is put in or left out."
    assert (
        words(text.split('id="id_pin_reference_1_error"')[1].split("</div>")[0]) == f"> {unknown}"
    )
    assert words(text.split('id="id_pin_reason_2_error"')[1].split("</div>")[0]) == f"> {unsaid}"
    assert text.count('aria-describedby="id_pin_reference_1_error"') == 1
    answer = text_of(part(web, workbench(cycle, **pins)), 422).split('id="wb-faults"')[1]
    assert re.findall(r'data-fault="(\w+)"', answer) == ["id_pin_reference_2", "id_pin_reason_3"]


def said_of_plans(text):
    return words(text.split('class="wb-unfinished">')[1].split("</p>")[0])


def test_who_is_still_with_a_plan_is_linked_and_said_to_be_left_out(web, cycle, applications):
    assert 'class="wb-unfinished"' not in text_of(web.get(workbench(cycle)))
    waiting = ApplicationFactory(cycle=cycle, status="in_review")
    elsewhere = ApplicationFactory(cycle=CycleFactory(), status="in_review")
    text = text_of(web.get(workbench(cycle)))
    assert said_of_plans(text) == (
        "1 application is still with its plan . The figures leave it out."
    )
    assert "selected of 5" in figures(text)
    queue = text_of(web.get(re.search(r'class="wb-unfinished"><a href="([^"]*)"', text)[1]))
    rows = (waiting, elsewhere, *applications.values())
    assert [row.reference in queue for row in rows] == [True] + [False] * 6


def test_who_was_sent_back_is_said_to_count(web, cycle, applications):
    Application.objects.filter(pk=applications["near"].pk).update(status="scored")
    text = text_of(web.get(workbench(cycle)))
    sentence = "DHCS sent it back, and the figures count it with its last recommendation."
    assert said_of_plans(text).endswith(sentence)
    assert "selected of 5" in figures(text)
    ApplicationFactory(cycle=cycle, status="submitted")
    assert said_of_plans(text_of(web.get(workbench(cycle)))) == (
        "2 applications are still with their plans . The figures count 1 that DHCS sent back, with its "
        "last recommendation, and leave the others out."
    )
