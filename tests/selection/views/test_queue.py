import re
from html import unescape
from itertools import pairwise

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application
from applications.queries import by_score
from selection.domain import searching
from tests.factories.accounts import MembershipFactory, OrganisationFactory
from tests.factories.applications import PracticeFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory, in_review, recommend, scored
from tests.scoring.conflicting import check
from tests.selection.building import cohort, handed_over

pytestmark = pytest.mark.django_db
QUEUE = "selection:queue"


@pytest.fixture
def cycle():
    return CycleFactory()


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def rows(text):
    """Return the references in the table, in order."""
    links = text.split('<a class="nowrap" href="/queue/')[1:]
    return [link.split(">")[1].split("<")[0] for link in links]


def shown(web, **query):
    return rows(text_of(web.get(reverse(QUEUE), query)))


def test_queue_is_ordered_by_adjusted_score_and_unscored_come_last(web, cycle):
    low, high = handed_over(cycle, 60, points=12), handed_over(cycle, 75)
    waiting = ApplicationFactory(cycle=cycle, status=Status.SUBMITTED)
    tie = handed_over(cycle, 72)
    ApplicationFactory(cycle=cycle)
    handed_over(CycleFactory(closed=True), 90)
    web.get(reverse(QUEUE), {"cycle": cycle.slug})
    expected = [high.reference, low.reference, tie.reference, waiting.reference]
    assert shown(web) == expected


def test_row_says_the_three_numbers_apart(web, cycle):
    handed_over(cycle, 61, points=20, population="pregnant", members=1920)
    row = text_of(web.get(reverse(QUEUE))).split("<tbody>")[1].split("</tr>")[0]
    cells = dict(re.findall(r'<td class="num[^"]*" data-label="([^"]*)">([^<]*)</td>', row))
    assert cells == {
        "Members": "1,920",
        "HPI": "–",
        "MCP score": "61",
        "+ points": "20",
        "Adjusted": "81",
    }


def known_to_search(applications):
    """Let search find what was made without being submitted."""
    searching.refresh(application.pk for application in applications.values())
    return applications


@pytest.fixture
def varied(cycle):
    """Return five applications that differ in everything the queue filters by."""
    plan = OrganisationFactory(kind="mcp", name="Health Net")
    practice = PracticeFactory(organisation__name="Zebra Clinic").organisation
    return plan, known_to_search(
        {
            "plan": handed_over(cycle, 61, designated_mcp=plan),
            "population": handed_over(cycle, 62, population="pregnant"),
            "type": handed_over(cycle, 63, practice_types=["fqhc", "small_independent"]),
            "hpi": handed_over(cycle, 64, hpi_quartile=1),
            "name": handed_over(cycle, 65, practice=practice, hpi_quartile=2),
            "status": ApplicationFactory(cycle=cycle, status=Status.IN_REVIEW, hpi_quartile=3),
        }
    )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"status": "in_review"}, ["status"]),
        ({"population": "pregnant"}, ["population", "status"]),
        ({"practice_type": "fqhc"}, ["type"]),
        ({"practice_type": "large_system"}, []),
        ({"hpi": "1"}, ["hpi"]),
        ({"hpi": "none"}, ["type", "population", "plan"]),
        ({"q": "zebra"}, ["name"]),
        ({"q": "  ZEBRA cl "}, ["name"]),
        ({"q": "%"}, []),
        ({"q": "no such practice"}, []),
        ({"q": "zebra", "hpi": "1"}, []),
        ({"q": "zebra", "hpi": "2"}, ["name"]),
    ],
)
def test_filter(web, varied, query, names):
    _plan, applications = varied
    assert shown(web, **query) == [applications[name].reference for name in names]


def test_filter_by_plan(web, varied):
    plan, applications = varied
    assert shown(web, plan=str(plan.pk)) == [applications["plan"].reference]


def test_search_finds_a_reference(web, varied):
    reference = varied[1]["hpi"].reference
    assert shown(web, q=reference.lower()) == [reference]


def test_filter_that_finds_nothing_says_how_to_go_on(web, varied):
    text = text_of(web.get(reverse(QUEUE), {"q": "no such practice"}))
    assert "No application matches" in text
    assert "0 applications" in text
    assert "no such practice" in text


@pytest.mark.parametrize(
    "query",
    [
        {"status": "draft"},
        {"status": "nonsense"},
        {"plan": "x"},
        {"hpi": "9"},
        {"q": "\x00"},
        {"after": "x"},
        {"after": "-"},
        {"after": "9" * 40 + "-" + "9" * 40},
        {"after": "80-" + "9" * 30},
        {"order": "-hpi", "before": "~5"},
        {"order": "-payment", "after": "1E-99999~1"},
        {"order": "-payment", "after": "1e11~1"},
        {"order": "-submitted", "after": "0001-01-01T00:00:00+23:59~1"},
        {"order": "-submitted", "after": "9999-12-31T23:59:59-23:59~1"},
        {"order": "-submitted", "after": "0001-01-01T00:00:00+00:00~1"},
        {"order": "submitted", "before": "9999-12-31T23:59:59+00:00~1"},
    ],
)
def test_queue_takes_any_address(web, varied, query):
    response = web.get(reverse(QUEUE), query)
    assert response.status_code in (200, 422)
    assert "Queue" in response.content.decode()


def test_empty_queue_and_no_cycle_say_so(web):
    assert "The queue is empty" in text_of(web.get(reverse(QUEUE)))
    CycleFactory()
    assert "The queue is empty" in text_of(web.get(reverse(QUEUE)))


def test_walking_the_pages_gives_every_row_once_in_order(web, cycle):
    for n in range(110):
        handed_over(cycle, 50 + n % 7, points=12 * (n % 2))
    for _ in range(20):
        ApplicationFactory(cycle=cycle, status=Status.SUBMITTED)
    ordered = by_score(Application.objects.filter(cycle=cycle))
    wanted = list(ordered.values_list("reference", flat=True))
    address, found, sizes = reverse(QUEUE), [], []
    while address:
        text = text_of(web.get(address))
        found.append(rows(text))
        sizes.append(len(found[-1]))
        link = text.split(">Next 50<")[0].rsplit('href="', 1)[1] if ">Next 50<" in text else ""
        address = link.split('"')[0]
        assert len(sizes) < 5
    assert sizes == [50, 50, 30]
    assert [reference for page in found for reference in page] == wanted
    scores_ = dict(Application.objects.values_list("reference", "adjusted_score"))
    line = [scores_[reference] for page in found for reference in page]
    assert line[110:] == [None] * 20
    assert all(a >= b for a, b in pairwise(line[:110]))


def test_next_page_keeps_the_filter(web, cycle):
    for _ in range(52):
        handed_over(cycle, 70, population="pregnant")
    other = handed_over(cycle, 69)
    text = text_of(web.get(reverse(QUEUE), {"population": "pregnant"}))
    link = text.split(">Next 50<")[0].rsplit('href="', 1)[1].split('"')[0]
    second = text_of(web.get(link))
    assert len(rows(second)) == 2
    assert other.reference not in second
    assert "First page" in second


@pytest.mark.parametrize("count", [1, 3])
def test_queue_costs_the_same_for_one_row_and_three(web, cycle, count, django_assert_num_queries):
    for _ in range(count):
        handed_over(cycle, 70)
    web.get(reverse(QUEUE))
    with django_assert_num_queries(6):
        text = text_of(web.get(reverse(QUEUE)))
    assert len(rows(text)) == count


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("name", [QUEUE, "selection:facets"])
def test_searching_costs_at_most_eight_queries(
    web, cycle, count, name, django_assert_max_num_queries
):
    made = [handed_over(cycle, 70, county="Kern", population="pregnant") for _ in range(count)]
    searching.refresh(row.pk for row in made)
    asked = {"q": "kern", "population": "pregnant", "plan": [row.designated_mcp_id for row in made]}
    web.get(reverse(name), asked)
    with django_assert_max_num_queries(8):
        response = web.get(reverse(name), asked)
    assert response.context["total" if name != QUEUE else "only_page"] == count


@pytest.mark.parametrize("role", [r for r in Role.values if r not in Role.see_all])
@pytest.mark.parametrize("name", ["queue", "facets", "columns", "views", "bulk", "my_claims"])
def test_pages_of_dhcs_are_closed_to_others(as_hat, hat_of, cycle, role, name):
    applications = cohort(cycle)
    response = as_hat(hat_of(role)).get(reverse(f"selection:{name}"))
    assert response.status_code == 403
    assert applications["above"].reference not in response.content.decode()


def test_application_page_says_where_the_numbers_come_from(web):
    review = scored(61, population="pregnant", tribal=True)
    application = review.application
    words = {"recommended": True, "reason": "Strong plan.", "note": "Ask about staff."}
    recommend(application, **words, by=review.lead)
    text = text_of(web.get(reverse("selection:application", args=[application.pk])))
    assert "The plan gave 61 of 90 points." in text
    assert "20 priority points." in text
    assert "15 priority points." in text
    assert "Strong plan." in text
    assert "Ask about staff." in text
    assert review.reviewer.user.full_name in text
    assert text.index('history__title">Recommended<') < text.index('history__title">In review<')


def test_application_page_shows_no_sheet_that_is_still_open(web):
    review = in_review()
    text = text_of(web.get(reverse("selection:application", args=[review.application.pk])))
    assert "No sheet is submitted yet." in text
    assert review.reviewer.user.full_name not in text


def test_draft_does_not_exist_for_dhcs(web, cycle):
    draft = ApplicationFactory(cycle=cycle)
    assert web.get(reverse("selection:application", args=[draft.pk])).status_code == 404


def test_owner_may_not_open_the_page_of_dhcs(as_hat, cycle):
    application = handed_over(cycle, 80)
    owner = MembershipFactory(organisation=application.practice)
    address = reverse("selection:application", args=[application.pk])
    assert as_hat(owner).get(address).status_code == 403
    assert as_hat(MembershipFactory()).get(address).status_code == 404


STAFF = sorted(Role.see_all)


@pytest.mark.parametrize("role", STAFF)
def test_queue_and_application_lead_to_exports_and_packets(as_hat, hat_of, role):
    application = scored().application
    web = as_hat(hat_of(role))
    pages = {QUEUE: [], "selection:application": [application.pk]}
    head = r'<div class="page-head__actions">(.*?)</div>'
    links = [
        link
        for name, args in pages.items()
        for found in re.findall(head, text_of(web.get(reverse(name, args=args))), re.DOTALL)
        for link in re.findall(r'href="([^"]+)"', found)
    ]
    packet = reverse("scoring:packet", args=[application.pk])
    assert links == [reverse("scoring:exports"), reverse("scoring:packets"), packet]
    choice = {"content": "scores", "reviewers": "codes"}
    several = {"application": application.pk} | choice
    assert "Export 18 rows" in text_of(web.get(links[0]))
    assert application.reference in text_of(web.get(links[1]))
    for link, data in ((links[1], several), (packet, choice)):
        assert web.get(link, data)["Content-Type"] == "application/pdf"
    rows = web.post(links[0], {"kind": "csv", "reviewers": "codes"})
    assert len(b"".join(rows.streaming_content).decode().splitlines()) == 1 + 18


@pytest.mark.parametrize("role", STAFF)
def test_staff_with_a_conflict_get_no_export_and_no_packet_of_it(as_hat, hat_of, role):
    application = scored().application
    hat = hat_of(role)
    check(application, hat.user)
    web = as_hat(hat)
    choice = {"content": "scores", "reviewers": "codes"}
    for name in ("selection:application", "scoring:packet"):
        assert web.get(reverse(name, args=[application.pk]), choice).status_code == 404
    pages = [web.get(reverse(name)) for name in ("scoring:exports", "scoring:packets")]
    assert [application.reference in text_of(page) for page in pages] == [False, False]
    assert "Nothing to export yet" in text_of(pages[0])
    several = {"application": application.pk} | choice
    assert web.get(reverse("scoring:packets"), several).status_code == 409
    assert (
        web.post(reverse("scoring:exports"), {"kind": "csv", "reviewers": "codes"}).status_code
        == 409
    )
