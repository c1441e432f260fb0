import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import Status
from scoring.domain import conflicts, recommending, reopening, settling
from scoring.domain.differences import picture
from scoring.domain.recommending import Words
from scoring.models import Adjudication, Assignment, PlannedRecommendation
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import (
    a_lead,
    a_reviewer,
    codes_of,
    give,
    hand_in,
    in_review,
    scored,
)
from tests.scoring.settling import apart

pytestmark = pytest.mark.django_db
ACTS = ["difference", "third_reader", "consensus"]


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def web(as_hat, lead):
    return as_hat(lead)


def url(name, application):
    return reverse(f"scoring:{name}", args=[application.pk])


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def consensus_for(case, points="3", reason="Clear."):
    codes = [code.replace(".", "_") for code in picture(case.application).difference.apart]
    data = {f"points_{code}": points for code in codes}
    data |= {f"reason_{code}": reason for code in codes}
    shown = {"difference": case.adjudication.pk, "seen": picture(case.application).mark}
    return data | shown


def test_list_shows_open_and_settled_differences_with_their_totals(web, lead):
    cycle = CycleFactory()
    case = apart(lead, cycle=cycle)
    done = apart(lead, (80, 40), cycle=cycle)
    third = settling.assign_third(done.application, reviewer=a_reviewer(lead), by=lead)
    hand_in(third.sheet, 77)
    foreign = apart(cycle=cycle)
    page = text_of(web.get(reverse("scoring:disagreements")))
    upper, lower = page.split("Settled</h2>")
    assert case.application.reference in upper
    assert f"{case.sheets[0].assignment.reviewer.user.full_name}: 72" in upper
    assert f"{case.sheets[1].assignment.reviewer.user.full_name}: 36" in upper
    assert done.application.reference not in upper
    assert done.application.reference in lower
    assert third.reviewer.label in lower
    assert foreign.application.reference not in page


def test_empty_list_says_when_something_appears(web):
    CycleFactory()
    assert "Nothing to settle" in text_of(web.get(reverse("scoring:disagreements")))


@pytest.mark.parametrize("mark", ["x", "-1", "9" * 30, "%00", "²"])
@pytest.mark.parametrize("name", ["after", "before"])
def test_list_takes_any_page_mark(web, lead, name, mark):
    case = apart(lead)
    page = text_of(web.get(reverse("scoring:disagreements"), {name: mark}))
    assert case.application.reference in page


@pytest.mark.parametrize("rows", [1, 3])
def test_list_costs_the_same_for_one_row_and_three(as_hat, lead, rows, django_assert_num_queries):
    cycle = CycleFactory()
    for _ in range(rows):
        apart(lead, cycle=cycle)
    web = as_hat(lead)
    web.get(reverse("scoring:disagreements"))
    with django_assert_num_queries(6):
        page = text_of(web.get(reverse("scoring:disagreements")))
    assert page.count("/difference/") == rows


def test_application_page_points_to_the_difference_and_does_not_confirm(web, lead):
    case = apart(lead)
    page = text_of(web.get(url("application", case.application)))
    assert "Settle the difference between the sheets" in page
    assert "They differ by 36 points; the program's limit is 9." in page
    assert url("difference", case.application) in page
    assert "Confirm " not in page
    refused = text_of(web.post(url("confirm", case.application)), 409)
    assert "differ too much. Settle the difference first" in refused
    case.application.refresh_from_db()
    assert case.application.status == Status.IN_REVIEW


def test_page_shows_the_sheets_side_by_side_and_where_they_agree(web, lead):
    case = apart(lead, (70, 36))
    page = text_of(web.get(url("difference", case.application)))
    first = codes_of(case.sheets[0])[0]
    assert f'id="difference-{first}"' in page
    assert page.count("Clear and specific.") == 2 * len(picture(case.application).difference.apart)
    assert 'name="points_1_1"' in page
    assert "34 points apart in total" in page


def test_third_reader_is_asked_from_the_page(web, lead):
    case, reader = apart(lead), a_reviewer(lead)
    page = text_of(web.get(url("difference", case.application)))
    assert f'value="{reader.pk}"' in page
    assert f'value="{case.sheets[0].assignment.reviewer.pk}"' not in page
    answer = web.post(url("third_reader", case.application), {"reviewer": reader.pk})
    assert (answer.status_code, answer.url) == (302, url("difference", case.application))
    assert Adjudication.objects.get().third.reviewer == reader
    page = text_of(web.get(answer.url))
    assert f"{reader.user.full_name} reads as a third" in page
    assert "Ask this person" not in page
    page = text_of(web.get(url("application", case.application)))
    assert "Wait for the third reader" in page


def test_one_of_the_two_can_not_be_the_third(web, lead):
    case = apart(lead)
    own = case.sheets[0].assignment.reviewer
    text_of(web.post(url("third_reader", case.application), {"reviewer": own.pk}), 422)
    assert Assignment.objects.filter(application=case.application).count() == 2


def test_consensus_settles_and_leads_to_the_confirmation(web, lead):
    case = apart(lead)
    data = consensus_for(case)
    answer = web.post(url("consensus", case.application), data)
    assert (answer.status_code, answer.url) == (302, url("application", case.application))
    total = Adjudication.objects.get().total
    page = text_of(web.get(answer.url))
    assert f"Confirm {total} points" in page
    web.post(url("confirm", case.application))
    page = text_of(web.get(answer.url))
    assert "The consensus of the lead, because two sheets differed too much." in page
    settled = text_of(web.get(url("difference", case.application)))
    assert "The difference is settled" in settled
    assert "Settle with these points" not in settled


def test_preview_works_the_total_out_and_stores_nothing(web, lead):
    case = apart(lead)
    data = consensus_for(case) | {"preview": "1", "reason_1_1": ""}
    fixed = sum(
        points
        for code, points in case.sheets[0].scores.values_list("code", "points")
        if code not in picture(case.application).difference.apart
    )
    apart_codes = len(picture(case.application).difference.apart)
    page = text_of(web.post(url("consensus", case.application), data))
    assert f"These points give {fixed + 3 * apart_codes} of 90" in page
    assert "usa-error-message" not in page
    data.pop("points_1_1")
    page = text_of(web.post(url("consensus", case.application), data))
    assert "Set points for 1.1." in page
    assert Adjudication.objects.get().settled_at is None


def test_summary_names_each_criterion_once_for_what_is_to_be_mended_alike(web, lead):
    case = apart(lead)
    codes = list(picture(case.application).difference.apart)
    data = consensus_for(case)
    for code in codes[:2]:
        data["reason_" + code.replace(".", "_")] = ""
    data.pop("points_" + codes[2].replace(".", "_"))
    page = text_of(web.post(url("consensus", case.application), data), 422)
    summary = page.split("error-summary__list")[1].split("</ul>")[0]
    assert summary.count("<li>") == 2
    first, second = codes[:2], codes[2]
    assert "2 criteria: Write the reason for these points." in summary
    assert "1 criterion: Choose the points." in summary
    links = re.findall(r'href="#([^"]+)">([\d.]+)</a>', summary)
    assert [code for _field, code in links] == [*first, second]
    assert all(f'id="{field}"' in page for field, _code in links)


def test_refused_consensus_keeps_what_was_typed(web, lead):
    case = apart(lead)
    data = consensus_for(case, reason="A long thought.") | {"reason_1_1": ""}
    page = text_of(web.post(url("consensus", case.application), data), 422)
    assert "A long thought.</textarea>" in page
    assert "Write the reason for these points." in page
    assert Adjudication.objects.get().settled_at is None


def test_consensus_on_an_old_page_is_refused(web, lead):
    case = apart(lead)
    data = consensus_for(case) | {"difference": case.adjudication.pk + 1}
    page = text_of(web.post(url("consensus", case.application), data), 409)
    assert "The sheets have changed since you opened this page" in page


def test_consensus_on_old_points_is_refused_and_can_be_set_again_as_typed(web, lead):
    case = apart(lead)
    hand_in(give(case.application, lead), 54)
    data = consensus_for(case, reason="A long thought.")
    reopening.reopen(case.sheets[0], reason="Look at it again.", by=lead)
    case.sheets[0].refresh_from_db()
    hand_in(case.sheets[0], 90)
    page = text_of(web.post(url("consensus", case.application), data), 409)
    assert "The sheets have changed since you opened this page" in page
    assert "A long thought.</textarea>" in page
    assert Adjudication.objects.get().settled_at is None
    hidden = dict(re.findall(r'name="(seen|difference)" value="([^"]*)"', page))
    assert web.post(url("consensus", case.application), data | hidden).status_code == 302
    assert Adjudication.objects.get().settled_at is not None


@pytest.mark.parametrize("value", ["x", "\x00", "9" * 400, "-1", "9" * 1_000_000])
def test_consensus_takes_any_text(web, lead, value):
    case = apart(lead)
    data = consensus_for(case) | {"points_1_1": value, "reason_1_1": value, "difference": value}
    assert web.post(url("consensus", case.application), data).status_code in (400, 413, 422)
    assert Adjudication.objects.get().settled_at is None


def test_lead_who_scored_is_told_who_decides(as_hat, lead):
    review = in_review(lead)
    hand_in(review.sheet, 70)
    own = settling.assignments.assign(review.application, reviewer=lead, by=lead).sheet
    hand_in(own, 30)
    page = text_of(as_hat(lead).get(url("difference", review.application)))
    assert "No other lead of your plan can decide here, so you may." in page
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    page = text_of(as_hat(lead).get(url("difference", review.application)))
    assert f"so another lead sets the consensus: {other.user.full_name}." in page
    assert "Settle with these points" not in page


def test_page_without_a_difference_says_so(web, lead):
    review = in_review(lead)
    assert "There is nothing to settle here" in text_of(
        web.get(url("difference", review.application))
    )
    data = {"difference": 1}
    text_of(web.post(url("consensus", review.application), data), 409)


@pytest.mark.parametrize("act", ACTS)
def test_another_plans_difference_does_not_exist(as_hat, act):
    case = apart()
    assert as_hat(a_lead()).get(url(act, case.application)).status_code == 404
    assert as_hat(a_lead()).post(url(act, case.application), {}).status_code == 404


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["reviewer", "owner", "analyst", "auditor"])
def test_who_does_not_lead_may_not_settle(as_hat, act, who):
    case = apart()
    hat = {
        "reviewer": lambda: case.sheets[0].assignment.reviewer,
        "owner": lambda: MembershipFactory(organisation=case.application.practice),
        "analyst": lambda: MembershipFactory(role=Role.DHCS_ANALYST),
        "auditor": lambda: MembershipFactory(role=Role.AUDITOR),
    }[who]()
    assert as_hat(hat).get(url(act, case.application)).status_code == 403
    assert as_hat(hat).post(url(act, case.application), {}).status_code == 403


@pytest.mark.parametrize("state", ["apart", "scored"])
def test_pages_of_one_application_stay_within_the_queries(
    as_hat, lead, state, django_assert_max_num_queries
):
    application = apart(lead).application if state == "apart" else scored(lead=lead).application
    web = as_hat(lead)
    for name in ("application", "difference"):
        web.get(url(name, application))
        with django_assert_max_num_queries(12):
            text_of(web.get(url(name, application)))


def test_basis_of_the_score_is_explained_in_words(web, lead):
    review = scored(71, lead=lead)
    page = text_of(web.get(url("application", review.application)))
    assert "The total of the one score sheet." in page


def test_score_that_holds_a_void_sheet_is_taken_back(web, lead):
    review = scored(71, lead=lead)
    application = review.application
    recommending.prepare([application.pk], words=Words(True, "Strong."), by=lead)
    undo = url("reopen_scoring", application)
    page = text_of(web.get(url("application", application)))
    assert "The confirmed score holds points of a void sheet" not in page
    words = {"rule": "family", "reason": "A cousin works there.", "by": lead}
    conflicts.declare_for(application, person=review.reviewer, **words)
    page = text_of(web.get(url("application", application)))
    assert "The confirmed score holds points of a void sheet" in page
    assert web.post(undo).status_code == 302
    application.refresh_from_db()
    assert (application.status, application.mcp_score) == (Status.IN_REVIEW, None)
    assert not PlannedRecommendation.objects.exists()
    page = text_of(web.get(url("application", application)))
    assert "Nobody scores this application yet." in page
