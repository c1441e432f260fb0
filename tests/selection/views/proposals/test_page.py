import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from selection.domain import approving, proposing, releasing, scenarios
from selection.models import Proposal
from selection.views import proposals
from tests.selection.building import (
    WHY,
    approved,
    handed_over,
    proposed,
    published,
)
from tests.selection.views.proposals.pages import ACTS, act, offered, page_of, text_of
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db


def test_list_without_a_proposal_leads_to_the_workbench(web, cycle):
    text = text_of(web.get(reverse("selection:decisions")))
    assert "Nothing is proposed yet" in text
    assert reverse("selection:workbench_home") in text


def test_list_without_a_cycle_is_a_page(web):
    assert "Nothing is proposed yet" in text_of(web.get(reverse("selection:decisions")))


def test_list_names_the_state_of_each(web, cycle, applications, analyst, approver):
    proposing.withdraw(proposed(cycle, analyst), by=analyst)
    approving.reject(proposed(cycle, analyst), reason="Another budget.", by=approver)
    approved(cycle, analyst, approver)
    text = text_of(web.get(reverse("selection:decisions")))
    states = re.findall(r'class="badge [^"]*">.*?</svg>([^<]+)<', text)
    assert [one.strip() for one in states] == [
        "Approved, waits for release", "Rejected", "Withdrawn",
    ]  # fmt: skip


def test_acts_follow_person_and_state(as_hat, web, cycle, applications, analyst, approver):
    found = proposed(cycle, analyst)
    own = as_hat(analyst)
    assert offered(page_of(web, found)) == {"approve", "reject"}
    assert offered(page_of(own, found)) == {"withdraw_proposal"}
    assert "A second person approves these decisions" in page_of(own, found)
    approving.approve(found, by=approver)
    assert offered(page_of(web, found)) == {"release", "reject"}
    assert offered(page_of(own, found)) == {"withdraw_proposal"}
    releasing.release(found, by=approver)
    assert offered(page_of(web, found)) == offered(page_of(own, found)) == set()


def test_approver_who_proposed_has_nothing_to_approve(web, cycle, applications, approver):
    found = proposed(cycle, approver)
    assert offered(page_of(web, found)) == {"withdraw_proposal"}
    text = text_of(act(web, "approve", found), 409)
    assert "A second person approves what you proposed." in text
    found.refresh_from_db()
    assert found.approved_at is None


@pytest.mark.parametrize("name", ["approve", "release"])
def test_binding_acts_ask_for_the_password(
    as_hat, cycle, applications, analyst, approver, name, hat_of
):
    other = hat_of(Role.DHCS_APPROVER)
    other.user.set_password("a long enough password")
    other.user.save()
    found = proposed(cycle, analyst)
    if name == "release":
        approving.approve(found, by=approver)
    web = as_hat(other)
    response = act(web, name, found)
    assert "reauthenticate" in response.url
    says = f"You are about to {name} {found.total} decisions of {cycle.shown_title}."
    assert says in unescape(web.get(response.url).content.decode())
    found.refresh_from_db()
    assert (found.released_at, found.approved_by in (None, approver.user)) == (None, True)
    act(confirm_identity(web, other.user), name, found)
    found.refresh_from_db()
    assert (found.approved_by if name == "approve" else found.released_by) == other.user


def test_approve_then_release_from_the_page(web, cycle, applications, analyst, approver):
    found = proposed(cycle, analyst)
    text = text_of(act(web, "approve", found, follow=True))
    assert "The proposal is approved. Nothing is released yet." in text
    assert "Release 5 decisions" in text
    assert "2 practices are selected." in text
    assert "$561,200" in text
    done = text_of(act(web, "release", found, follow=True))
    assert "The decisions are released and the emails are on their way." in done
    assert "0 of 5 practices are told" in done
    releasing.carry_on(found.pk)
    assert "5 decisions are in force" in page_of(web, found)
    for name in (analyst.user.full_name, approver.user.full_name):
        assert name in page_of(web, found)


def test_reject_needs_a_reason_that_is_then_shown(web, cycle, applications, analyst):
    found = proposed(cycle, analyst)
    text = text_of(act(web, "reject", found, {"reason": "No."}), 422)
    assert "Write 10 characters or more." in text
    assert "No." in text
    done = text_of(act(web, "reject", found, {"reason": "The budget is smaller."}, follow=True))
    assert "The budget is smaller." in done
    assert offered(done) == set()


def test_withdraw_from_the_page(as_hat, cycle, applications, analyst):
    found = proposed(cycle, analyst)
    text = text_of(act(as_hat(analyst), "withdraw_proposal", found, follow=True))
    assert "The proposal is withdrawn." in text
    assert f"Withdrawn by {analyst.user.full_name}" in text


def test_second_click_of_either_act_is_no_error(web, cycle, applications, analyst):
    found = proposed(cycle, analyst)
    assert act(web, "approve", found).status_code == 302
    assert act(web, "approve", found).status_code == 302
    assert act(web, "release", found).status_code == 302
    assert act(web, "release", found).status_code == 302
    assert Proposal.objects.filter(released_at__isnull=False).count() == 1


def test_decisions_are_found_by_name_reference_and_outcome(web, cycle, applications, analyst):
    found = proposed(cycle, analyst)
    above, near = applications["above"], applications["near"]
    for query in ({"q": near.reference}, {"q": near.practice.name}, {"outcome": "waitlisted"}):
        part = page_of(web, found, **query).split('id="decisions"')[1]
        assert near.reference in part
        assert above.reference not in part
    assert "No decision matches." in page_of(web, found, q="no such practice")


@pytest.mark.parametrize(
    "query",
    [{"q": "\0"}, {"q": "x" * 9000}, {"outcome": "left"}, {"after": "9" * 40}, {"before": "-1"},
     {"after": "abc"}, {"q": "%_\\"}],
)  # fmt: skip
def test_odd_addresses_are_answered(web, cycle, applications, analyst, query):
    assert page_of(web, proposed(cycle, analyst), **query)


def test_pages_go_by_rank_in_both_directions(web, cycle, applications, analyst, monkeypatch):
    monkeypatch.setattr(proposals, "SIZE", 2)
    found, seen = proposed(cycle, analyst), []
    text = page_of(web, found)
    while True:
        part = text.split('id="decisions"')[1]
        seen.append(re.findall(r'data-label="Rank">(\d+)<', part))
        following = re.search(r'rel="next" href="\?([^"#]*)', part)
        if not following:
            break
        text = unescape(web.get(f"/decisions/{found.pk}/?{following[1]}").content.decode())
    assert seen == [["1", "2"], ["3", "4"], ["5"]]
    back = re.search(r'rel="prev" href="\?([^"#]*)', text)[1]
    text = unescape(web.get(f"/decisions/{found.pk}/?{back}").content.decode())
    assert re.findall(r'data-label="Rank">(\d+)<', text) == ["3", "4"]


def test_row_closed_by_a_conflict_has_no_name(web, cycle, applications, analyst, approver):
    closed = applications["near"]
    ConflictCheck.objects.create(
        application=closed, person=approver.user, rule="family", source=ConflictSource.SELF,
        hard=True, outcome=ConflictOutcome.FAILED, stated_by="x", stated_at=timezone.now(),
    )  # fmt: skip
    found = proposed(cycle, analyst)
    for query in ({}, {"q": closed.reference}, {"outcome": "waitlisted"}):
        text = page_of(web, found, **query)
        assert closed.practice.name not in text
        assert closed.reference not in text.replace(f'value="{closed.reference}"', "")
    assert "Hidden from you by a conflict of interest" in page_of(web, found)


def test_progress_is_a_part_that_asks_again_until_it_is_done(
    web, cycle, applications, analyst, approver
):
    found = releasing.release(approved(cycle, analyst, approver), by=approver)
    address = reverse("selection:progress", args=[found.pk])
    text = text_of(web.get(address))
    assert "<html" not in text
    assert f'hx-get="{address}"' in text
    releasing.carry_on(found.pk)
    done = text_of(web.get(address))
    assert "hx-get" not in done
    assert "every practice is told" in done


@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.DHCS_ADMINISTRATOR, 403),
        (Role.AUDITOR, 403),
        (Role.MCP_LEAD, 404),
        (Role.PRACTICE_OWNER, 404),
    ],
)
def test_acts_are_for_those_who_may(
    as_hat, hat_of, cycle, applications, analyst, role, status, name
):
    found = proposed(cycle, analyst)
    hat = hat_of(role)
    assert act(confirm_identity(as_hat(hat), hat.user), name, found).status_code == status
    found.refresh_from_db()
    assert (found.approved_at, found.is_open) == (None, True)


@pytest.mark.parametrize("name", ["approve", "reject", "release"])
def test_analyst_never_approves_rejects_or_releases(
    as_hat, hat_of, cycle, applications, analyst, name
):
    found = proposed(cycle, analyst)
    assert act(as_hat(hat_of(Role.DHCS_ANALYST)), name, found).status_code == 403


def test_auditor_reads_everything_and_finds_no_button(as_hat, hat_of, cycle, applications, analyst):
    found = proposed(cycle, analyst)
    text = page_of(as_hat(hat_of(Role.AUDITOR)), found)
    assert applications["above"].reference in text
    assert offered(text) == set()


@pytest.mark.parametrize("name", ACTS)
def test_get_of_an_act_goes_to_the_page(web, as_hat, analyst, cycle, applications, name):
    found = proposed(cycle, analyst)
    response = web.get(reverse(f"selection:{name}", args=[found.pk]))
    assert response.url == reverse("selection:proposal", args=[found.pk])


def test_pages_cost_the_same_for_one_row_and_three(
    as_hat, cycle, analyst, django_assert_max_num_queries
):
    web, costs = as_hat(analyst), []
    for _ in range(2):
        handed_over(cycle, 70)
        found = proposed(cycle, analyst)
        for address in (f"/decisions/{found.pk}/", "/decisions/"):
            web.get(address)
            with django_assert_max_num_queries(8) as counted:
                web.get(address)
            costs.append(len(counted))
        proposing.withdraw(found, by=analyst)
        handed_over(cycle, 70)
    assert costs[:2] == costs[2:]


@pytest.mark.parametrize("is_shared", [False, True])
def test_private_scenario_is_named_to_its_owner_only(
    as_hat, web, cycle, applications, analyst, is_shared
):
    scenario = scenarios.create(
        cycle=cycle, name="Quiet draft", note="", rules=published(cycle), is_shared=is_shared,
        by=analyst,
    )  # fmt: skip
    found = proposing.propose(
        cycle=cycle, rules=published(cycle), rationale=WHY, scenario=scenario, by=analyst
    )
    assert "From the scenario “Quiet draft”." in page_of(as_hat(analyst), found)
    assert ("Quiet draft" in page_of(web, found)) == is_shared


@pytest.mark.parametrize("day", ["9999-12-31", "2090-01-01"])
def test_public_page_far_ahead_is_refused_and_the_proposal_stays_readable(
    web, cycle, applications, analyst, day
):
    found = proposed(cycle, analyst)
    typed = {"publish_day": day, "publish_time": "23:59"}
    text = text_of(act(web, "approve", found, typed), 422)
    assert "This is too far ahead. Enter a day within the next two years." in text
    found.refresh_from_db()
    assert (found.approved_at, found.publish_at) == (None, None)
    assert "Approve 5 decisions" in page_of(web, found)
