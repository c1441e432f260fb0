from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from applications.enums import Status
from applications.queries import applications_visible_to
from scoring.domain import assignments, people, team
from scoring.models import Assignment, CriterionScore, ScoreSheet
from scoring.needs import Need
from scoring.queries.progress import NOTHING, last_changes, progress_of
from scoring.views.overview import URGENT, due_in_words
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, a_reviewer, hand_in, in_review, scored, store, submitted
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db

OVERVIEW = "/plan/overview/"


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def web(as_hat, lead):
    return as_hat(lead)


@pytest.fixture
def cycle():
    return CycleFactory()


def waiting(response):
    return {one.label: (one.count, one.href) for one in response.context["waiting"]}


def test_states_are_counted_and_linked_to_the_list(web, lead, cycle):
    submitted(lead, cycle=cycle)
    submitted(lead, cycle=cycle)
    scored(lead=lead, cycle=cycle)
    submitted(a_lead(), cycle=cycle)
    response = web.get(OVERVIEW)
    bars = [(one.label, one.count, one.width) for one in response.context["states"]]
    assert bars == [("Submitted", 2, "100.00%"), ("Scored", 1, "50.00%")]
    text = text_of(response)
    for bar in response.context["states"]:
        assert f'href="{bar.href}"' in text
        assert len(web.get(bar.href).context["rows"]) == bar.count


def test_only_the_first_of_what_presses_is_marked(web, lead):
    cycle = CycleFactory(closed=True, scoring_due_at=timezone.now() - timedelta(1))
    submitted(lead, cycle=cycle)
    review = in_review(lead, cycle=cycle)
    declare(review.application, review.reviewer, "family")
    in_review(lead, cycle=cycle)
    response = web.get(OVERVIEW)
    rows = response.context["waiting"]
    pressing = [one.label for one in rows if one.label in {str(need.label) for need in URGENT}]
    assert len(pressing) > 1
    assert [one.label for one in rows if one.is_urgent] == pressing[:1]
    assert text_of(response).count("waiting__mark") == 1


def test_what_waits_is_counted_and_linked_to_where_it_is_mended(web, lead, cycle):
    submitted(lead, cycle=cycle)
    review = in_review(lead, cycle=cycle)
    declare(review.application, review.reviewer, "family")
    scored(lead=lead, cycle=cycle)
    response = web.get(OVERVIEW)
    found = waiting(response)
    assert {label: count for label, (count, _href) in found.items()} == {
        Need.UNASSIGNED.label: 1,
        Need.CONFLICT.label: 1,
        Need.TO_RECOMMEND.label: 1,
    }
    for _count, href in found.values():
        assert web.get(href).status_code == 200
    assert "Nothing waits for you now." not in text_of(response)


def test_scores_to_confirm_lead_to_the_page_that_confirms_many(web, lead, cycle):
    review = in_review(lead, cycle=cycle)
    declare(review.application, review.reviewer)
    hand_in(review.sheet)
    response = web.get(OVERVIEW)
    assert waiting(response)[Need.TO_CONFIRM.label] == (1, reverse("scoring:confirm_many"))
    rows = web.get(reverse("scoring:confirm_many")).context["rows"]
    assert [row["application"] for row in rows] == [review.application]


def test_people_wait_too(web, lead, cycle):
    review = in_review(lead, cycle=cycle)
    declare(review.application, review.reviewer)
    own = in_review(lead, cycle=cycle)
    assignments.assign(own.application, reviewer=lead, by=lead)
    today = team.today()
    team.add_absence(review.reviewer, first_day=today, last_day=today, by=lead)
    later = today + timedelta(2)
    team.add_absence(own.reviewer, first_day=later, last_day=later, by=lead)
    found = waiting(web.get(OVERVIEW))
    assert found["Reviewer away with open reviews"] == (1, reverse("scoring:team"))
    assert found["Your own reviews to score"] == (1, reverse("scoring:mine"))


def test_nothing_waits(web, lead, cycle):
    review = in_review(lead, cycle=cycle)
    declare(review.application, review.reviewer)
    assert "Nothing waits for you now." in text_of(web.get(OVERVIEW))


def test_progress_of_each_reviewer(web, lead, cycle):
    review = in_review(lead, cycle=cycle)
    hand_in(review.sheet)
    Assignment.objects.update(assigned_at=timezone.now() - timedelta(days=4))
    begun = in_review(lead, cycle=cycle)
    assignments.assign(begun.application, reviewer=review.reviewer, by=lead)
    store(begun.sheet, {"1.1": 3})
    store(begun.sheet, {"1.1": 4})
    idle = a_reviewer(lead)
    rows = {one.hat.pk: one for one in web.get(OVERVIEW).context["reviewers"]}
    assert set(rows) == {lead.pk, review.reviewer.pk, begun.reviewer.pk, idle.pk}
    found = {
        pk: (one.progress.assigned, one.progress.started, one.progress.done)
        for pk, one in rows.items()
    }
    assert found == {
        lead.pk: (0, 0, 0),
        review.reviewer.pk: (2, 1, 1),
        begun.reviewer.pk: (1, 1, 0),
        idle.pk: (0, 0, 0),
    }
    first = rows[review.reviewer.pk]
    assert (first.all, first.begun, first.done) == ("100.00%", "50.00%", "50.00%")
    assert round(first.progress.days, 2) == 4
    assert first.active == ScoreSheet.objects.get(pk=review.sheet.pk).submitted_at
    assert rows[begun.reviewer.pk].active == CriterionScore.objects.latest("updated_at").updated_at
    assert (rows[idle.pk].active, rows[idle.pk].progress) == (None, NOTHING)


def test_median_counts_submitted_reviews_only(lead, cycle):
    review = in_review(lead, cycle=cycle)
    days = [1, 3, 8]
    now = timezone.now()
    for number, taken in enumerate(days):
        other = review if number == 0 else in_review(lead, cycle=cycle)
        hand_in(other.sheet)
        Assignment.objects.filter(pk=other.sheet.assignment_id).update(
            reviewer=review.reviewer, assigned_at=now - timedelta(days=taken)
        )
        ScoreSheet.objects.filter(pk=other.sheet.pk).update(submitted_at=now)
    more = in_review(lead, cycle=cycle)
    Assignment.objects.filter(pk=more.sheet.assignment_id).update(reviewer=review.reviewer)
    mine = applications_visible_to(lead)
    found = progress_of(lead.organisation, mine)[review.reviewer.pk]
    assert (found.days, found.assigned, found.left) == (3.0, 4, 1)
    assert last_changes(lead.organisation, mine) == {}


def test_an_open_sheet_of_what_moved_on_is_no_work(lead, cycle):
    review = in_review(lead, cycle=cycle)
    type(review.application).objects.update(status=Status.WITHDRAWN, withdrawn_at=timezone.now())
    assert progress_of(lead.organisation, applications_visible_to(lead)) == {}


def test_who_was_switched_off_is_shown_with_what_they_submitted(web, lead, cycle):
    review = in_review(lead, cycle=cycle)
    hand_in(review.sheet)
    people.deactivate(review.reviewer, by=lead)
    gone = a_reviewer(lead)
    Membership.objects.filter(pk=gone.pk).update(is_active=False)
    response = web.get(OVERVIEW)
    shown = [one.hat.pk for one in response.context["reviewers"]]
    assert sorted(shown) == sorted([lead.pk, review.reviewer.pk])
    assert "switched off" in text_of(response)


def test_before_the_first_application_the_team_comes_first(web, lead, cycle):
    text = text_of(web.get(OVERVIEW))
    assert "No application names your plan yet" in text
    assert f'href="{reverse("scoring:team")}"' in text
    assert f'href="{reverse("applications:import")}"' in text


def test_without_a_cycle_the_page_says_so(web):
    assert "There is no cycle yet" in text_of(web.get(OVERVIEW))


def test_another_cycle_is_another_overview(web, lead, cycle):
    submitted(lead, cycle=cycle)
    later = CycleFactory(opens_at=cycle.opens_at + timedelta(days=1))
    assert web.get(OVERVIEW, {"cycle": later.slug}).context["total"] == 0
    assert web.get(OVERVIEW, {"cycle": cycle.slug}).context["total"] == 1


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.MCP_LEAD])
def test_only_a_lead_opens_it(as_hat, role):
    assert as_hat(MembershipFactory(role=role)).get(OVERVIEW).status_code == 403


DUE = datetime(2023, 12, 9, 1, 0, tzinfo=UTC)  # Fri, Dec 8, 2023, 5:00 pm PT


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (DUE - timedelta(days=12), "in 12 days"),
        (DUE - timedelta(days=1), "tomorrow, 5:00 pm PT"),
        (DUE - timedelta(hours=16), "today, 5:00 pm PT"),
        (DUE + timedelta(hours=1), "today, since 5:00 pm PT"),
        (DUE + timedelta(hours=8), "1 day ago"),
        (DUE + timedelta(days=40), "40 days ago"),
    ],
)
def test_due_date_in_words_counts_pacific_days(now, words):
    assert due_in_words(DUE, now) == words


@pytest.mark.parametrize("rows", [1, 3])
def test_costs_the_same_for_one_row_and_three(web, lead, cycle, rows):
    for _one in range(rows):
        submitted(lead, cycle=cycle)
        store(in_review(lead, cycle=cycle).sheet, {"1.1": 3})
        scored(lead=lead, cycle=cycle)
    web.get(OVERVIEW)
    with CaptureQueriesContext(connection) as queries:
        text_of(web.get(OVERVIEW))
    assert len(queries) == 9
