"""The page of one application: everything in one place, in few queries, with ways beside it."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application
from applications.queries import by_score
from notifications.models import OutboxEmail
from scoring.domain import reopening, scores
from selection.domain import flags, notes, searching
from selection.models import Claim
from tests.applications import filing
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import ApplicationFactory, sign
from tests.factories.programs import CycleFactory
from tests.scoring.building import (
    give,
    hand_in,
    in_review,
    recommend,
    scored,
    send_back_and_again,
)
from tests.scoring.conflicting import declare
from tests.selection.building import handed_over

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12


def page(web, application, status=200, **query):
    response = web.get(reverse("selection:application", args=[application.pk]), query)
    assert response.status_code == status
    return unescape(response.content.decode())


def ways(text):
    found = re.search(r'<nav class="walk__ways".*?</nav>', text, re.DOTALL)
    return dict(re.findall(r'rel="(prev|next)" href="([^"]+)"', found[0])) if found else {}


@pytest.fixture
def web(as_hat, analyst):
    return as_hat(analyst)


@pytest.fixture
def cycle():
    return CycleFactory()


def test_three_numbers_say_which_rule_gave_which_points(web):
    review = scored(61, population="pregnant", tribal=True)
    text = page(web, review.application)
    assert "The plan gave 61 of 90 points. The total of the one score sheet." in text
    assert "20 priority points." in text
    assert "Tribal health program: 15 priority points." in text
    assert "61 + 35 = 96 points, the adjusted score." in text


def test_score_is_shown_criterion_by_criterion(web):
    review = scored(60)
    second = review.application
    text = page(web, second)
    table = re.search(r'<table class="[^"]*criteria-table".*?</table>', text, re.DOTALL)[0]
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', table)
    assert heads == ["Criterion", "Most", review.reviewer.user.full_name]
    cells = [int(n) for n in re.findall(r'<td class="num">(\d+)</td>', table.split("<tfoot>")[0])]
    assert len(cells) == 2 * 18
    assert sum(cells[1::2]) == 60
    assert re.findall(r"<strong>(\d+)</strong>", table) == ["60"]


def test_sheets_that_do_not_count_say_why(web):
    review = in_review()
    first = hand_in(review.sheet, 61)
    send_back_and_again(review, review.lead)
    again = give(review.application, review.lead)
    hand_in(again, 66)
    other = give(review.application, review.lead)
    hand_in(other, 70)
    declare(review.application, other.assignment.reviewer, "family")
    text = page(web, review.application)
    sheets = text.split('id="sheets"')[1].split('id="content"')[0]
    rows = [
        re.sub(r"<[^>]+>", " ", row.split("</tr>")[0]).split() for row in sheets.split("<tr>")[2:]
    ]
    assert [row[-1] for row in rows] == ["61", "66", "70"]
    assert "Replaced" in rows[0]
    assert "Counts" in rows[1]
    assert "Void" in rows[2]
    assert "The practice corrected its application after it." in sheets
    assert first.assignment.reviewer.user.full_name in sheets


def test_history_tells_the_facts_that_a_step_changed(web):
    review = scored(61)
    words = {"recommended": True, "reason": "Strong plan.", "note": "Ask about staff."}
    recommend(review.application, **words, by=review.lead)
    history = page(web, review.application).split('id="history"')[1].split('id="emails"')[0]
    titles = re.findall(r'history__title">([^<]*)<', history)
    assert titles[:2] == ["Recommended", "Scored"]
    changed = re.sub(r"<[^>]+>", " ", history)
    assert "MCP score" in changed
    assert "61" in changed
    assert "Strong plan." in changed


def test_history_never_tells_how_a_draft_came_about(web):
    application = ApplicationFactory(population="pregnant")
    Application.objects.filter(pk=application.pk).update(county="Draftland")
    Application.objects.filter(pk=application.pk).update(
        county="Fresno", status=Status.SUBMITTED, submitted_at=timezone.now()
    )
    application.refresh_from_db()
    sign(application)
    Application.objects.filter(pk=application.pk).update(county="Kern")
    text = page(web, application)
    assert "Draftland" not in text
    assert "Facts changed" in text


def test_emails_are_listed_without_their_texts(web):
    review = scored(61)
    OutboxEmail.objects.update(body="A private body")
    found = page(web, review.application).split('id="emails"')[1].split('id="files"')[0]
    expected = set(OutboxEmail.objects.values_list("to", flat=True))
    assert set(re.findall(r'class="email-to"[^>]*>([^<]*)<', found)) == expected
    assert "A review was assigned" in found
    assert "A score sheet was submitted" in found
    assert "A private body" not in found


def test_emails_of_another_application_are_not_listed(web):
    review, other = scored(61), scored(70)
    found = page(web, review.application).split('id="emails"')[1].split('id="files"')[0]
    assert other.reviewer.user.email not in found
    assert review.reviewer.user.email in found


def test_reopened_sheet_keeps_both_of_its_emails(web):
    review = in_review()
    hand_in(review.sheet, 61)
    reopening.reopen(review.sheet, reason="Look again at 3.1.", by=review.lead)
    hand_in(review.sheet, 66)
    found = page(web, review.application).split('id="emails"')[1].split('id="files"')[0]
    assert found.count("A score sheet was submitted") == 2
    assert found.count("A score sheet was reopened") == 1


def test_long_lists_go_on_on_a_second_page(web, cycle):
    application = handed_over(cycle, 70)
    flags_put = [flags.put(application, label=f"Flag {n}", by=_staff()) for n in range(30)]
    text = page(web, application)
    history = text.split('id="history"')[1].split('id="emails"')[0]
    assert history.count("history__title") == 25
    link = re.search(r'href="([^"]*)">Show earlier entries', history)[1]
    response = web.get(unescape(link).split("#")[0])
    second = unescape(response.content.decode()).split('id="history"')[1].split('id="emails"')[0]
    assert "Back to the newest entries" in second
    titles = re.findall(r"Flag “(Flag \d+)” put on", history + second)
    assert sorted(titles) == sorted(flag.label for flag in flags_put)


def _staff():
    return MembershipFactory(role=Role.DHCS_ANALYST)


def crowd(application, analyst, hat_of, count):
    """Put `count` of everything on the application."""
    other = hat_of(Role.DHCS_APPROVER, analyst.organisation)
    for n in range(count):
        colleagues = [other]
        notes.add(
            application, text=f"Note {n}", mentioned=[other], colleagues=colleagues, by=analyst
        )
        flags.put(application, label=f"Flag {n}", by=analyst)
    Claim.objects.create(application=application, person=analyst.user, claimed_at=timezone.now())


@pytest.mark.parametrize("count", [1, 3])
def test_page_costs_the_same_whatever_is_on_it(as_hat, analyst, hat_of, count):
    review = scored(61)
    for _ in range(count - 1):
        handed_over(review.application.cycle, 61 + count)
    crowd(review.application, analyst, hat_of, count)
    web = as_hat(analyst)
    view = "status=scored&status=recommended&order=-members"
    page(web, review.application, view=view)
    with CaptureQueriesContext(connection) as found:
        text = page(web, review.application, view=view)
    assert len(found) <= MOST_QUERIES, "\n".join(q["sql"][:120] for q in found)
    assert text.count('class="note-list__text"') == count


def test_previous_and_next_walk_the_view_in_its_order(web, cycle):
    rows = [handed_over(cycle, 50 + n % 3, members=1000 - n) for n in range(7)]
    handed_over(cycle, 51, population="pregnant")
    view = urlencode({"population": "adults_chronic"})
    ordered = list(by_score(Application.objects.filter(cycle=cycle, population="adults_chronic")))
    assert len(ordered) == len(rows)
    address, walked = reverse("selection:application", args=[ordered[0].pk]), []
    address += f"?{urlencode({'view': view})}"
    while address:
        text = unescape(web.get(address).content.decode())
        walked.append(int(re.search(r"/queue/(\d+)/", address)[1]))
        assert f"/queue/?{view}" in text
        back = ways(text).get("prev", "")
        expected = f"/queue/{walked[-2]}/" if len(walked) > 1 else ""
        assert back.partition("?")[0] == expected
        address = ways(text).get("next", "")
    assert walked == [row.pk for row in ordered]


def test_previous_and_next_follow_the_order_of_the_view(web, cycle):
    few, many, middle = (handed_over(cycle, 70, members=n) for n in (10, 900, 300))
    text = page(web, middle, view="order=members")
    found = {name: int(re.search(r"/queue/(\d+)/", link)[1]) for name, link in ways(text).items()}
    assert found == {"prev": few.pk, "next": many.pk}


VIEWS = [
    "", "order=members", "order=-members", "order=hpi", "order=-payment", "order=submitted",
    "population=pregnant&population=adults_chronic", "practice_type=fqhc", "tribal=no",
    "hpi=1&hpi=none", "county=Fresno", "mcp_min=52&adjusted_max=90", "flag=Look", "claimed=nobody",
    "claimed=me", "q=organisation", "q=organisation&order=mcp", "status=recommended",
]  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_previous_and_next_go_through_every_view(web, analyst, cycle, view):
    for n in range(8):
        row = handed_over(
            cycle,
            50 + n % 3,
            points=20 * (n % 2),
            population=("pregnant", "adults_chronic", "older_adults")[n % 3],
            practice_types=["fqhc"] if n % 2 else ["small_independent"],
            hpi_quartile=(1, None, 3)[n % 3],
            county=("Fresno", "Kern")[n % 2],
            members=(900, None)[n % 4 == 0],
        )
        if n % 2:
            flags.put(row, label="Look", by=analyst)
        if n % 3 == 0:
            Claim.objects.create(application=row, person=analyst.user, claimed_at=timezone.now())
    ApplicationFactory(cycle=cycle, status=Status.SUBMITTED)
    searching.refresh(Application.objects.values_list("pk", flat=True))
    listed = text_of_queue(web, view)
    assert len(listed) > 1
    walked, address = [], reverse("selection:application", args=[listed[0]])
    address += f"?{urlencode({'view': view})}" if view else ""
    while address and len(walked) <= len(listed):
        walked.append(int(re.search(r"/queue/(\d+)/", address)[1]))
        text = unescape(web.get(address).content.decode())
        before = re.search(r"/queue/(\d+)/", ways(text).get("prev", ""))
        assert (before and int(before[1])) == (walked[-2] if len(walked) > 1 else None)
        address = ways(text).get("next", "")
    assert walked == listed


def text_of_queue(web, view):
    """Return the ids of the applications in the order of the queue."""
    text = web.get(f"{reverse('selection:queue')}?{view}").content.decode()
    return list(dict.fromkeys(int(pk) for pk in re.findall(r'href="/queue/(\d+)/[?"]', text)))


@pytest.mark.parametrize(
    "view", ["x" * 5000, "\x00", "%00", "order=nonsense", "status=draft&plan=x", "view=view%3D"]
)
def test_any_view_in_the_address_is_taken(web, cycle, view):
    application = handed_over(cycle, 70)
    assert application.reference in page(web, application, view=view)


@pytest.mark.parametrize("name", ["notes", "messages", "history", "emails"])
@pytest.mark.parametrize("value", ["x", "9" * 40, "\x00", "2026~step~1", "-1"])
def test_any_place_to_go_on_is_taken(web, cycle, name, value):
    application = handed_over(cycle, 70)
    assert application.reference in page(web, application, **{name: value})


def test_files_that_were_signed_are_listed_also_when_replaced(web, settings, tmp_path, hat_of):
    settings.MEDIA_ROOT = str(tmp_path / "files")
    application = ApplicationFactory()
    owner = hat_of(Role.PRACTICE_OWNER, application.practice)
    kept = filing.add(application, owner, name="Work plan.pdf")
    gone = filing.add(application, owner, name="Never signed.pdf")
    type(gone).objects.filter(pk=gone.pk).update(ended_at=timezone.now(), ended_by=owner.label)
    moment = timezone.now() + timedelta(seconds=1)
    Application.objects.filter(pk=application.pk).update(
        status=Status.SUBMITTED, submitted_at=moment
    )
    application.refresh_from_db()
    sign(application)
    found = page(web, application).split('<details class="fold" id="files"')[1]
    assert "Work plan.pdf" in found
    assert reverse("applications:file", args=[kept.pk]) in found or "virus" in found
    assert "Never signed.pdf" not in found


def test_administrator_and_auditor_read_the_page(as_hat, hat_of, cycle):
    application = handed_over(cycle, 70)
    for role in Role.see_all:
        assert application.reference in page(as_hat(hat_of(role)), application)


def test_sending_back_to_the_plan_is_offered_to_who_decides(as_hat, hat_of):
    review = scored(61)
    words = {"recommended": True, "reason": "Strong plan.", "note": ""}
    recommend(review.application, **words, by=review.lead)
    link = reverse("scoring:send_back", args=[review.application.pk])
    offered = {
        role: link in page(as_hat(hat_of(role)), review.application) for role in Role.see_all
    }
    assert offered == {
        Role.DHCS_ANALYST: True,
        Role.DHCS_APPROVER: True,
        Role.DHCS_ADMINISTRATOR: False,
        Role.AUDITOR: False,
    }


def test_confirmed_mean_shows_both_sheets_and_where_they_differ(web):
    review = in_review()
    hand_in(review.sheet, 54)
    hand_in(give(review.application, review.lead), 57)
    scores.confirm(review.application, by=review.lead)
    text = page(web, review.application)
    assert "The mean of 2 score sheets, rounded half up." in text
    table = re.search(r'<table class="[^"]*criteria-table".*?</table>', text, re.DOTALL)[0]
    assert table.count('class="criteria-table__apart"') == 3
    assert re.findall(r"<strong>(\d+)</strong>", table) == ["54", "57"]
