from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.domain import invitations
from accounts.enums import Role
from accounts.models import Invitation, Membership
from notifications.models import OutboxEmail
from scoring.domain import team
from scoring.enums import Ending
from scoring.models import Absence, Assignment, ReviewerProfile, ScoreSheet
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.hostile import undone
from tests.scoring.building import a_lead, a_reviewer, hand_in, in_review
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db

TEAM = "/plan/team/"
INVITE = {"email": "cy@plan.example", "role": Role.MCP_REVIEWER}


def at(name, *things):
    return reverse(f"scoring:{name}", args=[getattr(one, "pk", one) for one in things])


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def days(first, last):
    today = team.today()
    return {"first_day": today + timedelta(first), "last_day": today + timedelta(last)}


@pytest.fixture
def cycle():
    return CycleFactory()


@pytest.fixture
def review(cycle):
    return in_review(cycle=cycle)


@pytest.fixture
def web(as_hat, review):
    return as_hat(review.lead)


def test_team_shows_work_limits_and_days_away(web, review, cycle):
    hat, lead = review.reviewer, review.lead
    team.set_profile(hat, max_open=1, counties=[], specialties=[], by=lead)
    team.add_absence(hat, **days(0, 3), by=lead)
    done = in_review(lead, cycle=cycle)
    hand_in(done.sheet)
    text = text_of(web.get(TEAM))
    assert "1 of at most 1" in text
    assert "takes nothing more now" in text
    assert "Somebody is away and has open reviews" in text
    assert "Away until " in text
    assert f'href="{at("member", hat)}"' in text
    rows = {row.hat.pk: (row.open, row.done) for row in web.get(TEAM).context["rows"]}
    assert rows == {lead.pk: (0, 0), hat.pk: (1, 0), done.reviewer.pk: (0, 1)}


def test_other_plans_are_not_in_the_team(as_hat, review):
    text = text_of(as_hat(a_lead()).get(TEAM))
    assert review.reviewer.user.email not in text


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.MCP_LEAD])
def test_only_a_lead_opens_the_team_and_its_acts(as_hat, hat_of, review, role):
    plan = review.lead.organisation if role == Role.MCP_REVIEWER else None
    web = as_hat(hat_of(role, plan))
    away = team.add_absence(review.reviewer, **days(1, 2), by=review.lead)
    sent = invitations.invite(**INVITE, by=review.lead)
    assert web.get(TEAM).status_code == 403
    assert web.post(at("invite"), INVITE).status_code == 403
    acts = [(name, (review.reviewer,)) for name in ("profile", "away", "deactivate", "reactivate")]
    acts += [("back", (review.reviewer, away)), ("member_role", (review.reviewer,))]
    acts += [("resend", (sent,)), ("revoke", (sent,)), ("member", (review.reviewer,))]
    for name, things in acts:
        expected = (403, 404) if name != "member" else (403, 404, 405)
        assert web.post(at(name, *things), {"role": role}).status_code in expected, name
        assert web.get(at(name, *things)).status_code in (403, 404, 405), name
    assert Membership.objects.get(pk=review.reviewer.pk).is_active is True
    assert (Absence.objects.count(), Invitation.objects.count()) == (1, 1)


def test_a_lead_of_another_plan_finds_nobody(as_hat, review):
    away = team.add_absence(review.reviewer, **days(1, 2), by=review.lead)
    sent = invitations.invite(**INVITE, by=review.lead)
    web = as_hat(a_lead())
    for name, *things in [
        ("profile", review.reviewer), ("away", review.reviewer), ("back", review.reviewer, away),
        ("deactivate", review.reviewer), ("reactivate", review.reviewer),
        ("member_role", review.reviewer), ("resend", sent), ("revoke", sent),
    ]:  # fmt: skip
        assert web.post(at(name, *things), {"role": Role.MCP_LEAD}).status_code == 404, name
    assert web.get(at("member", review.reviewer)).status_code == 404
    assert Absence.objects.count() == 1
    assert Invitation.objects.get().revoked_at is None


def test_inviting_resending_and_revoking(web):
    text = text_of(web.post(at("invite"), INVITE, follow=True))
    assert "The invitation to cy@plan.example is on its way." in text
    assert OutboxEmail.objects.filter(kind="invitation").get().to == "cy@plan.example"
    text = text_of(web.post(at("resend", Invitation.objects.get()), follow=True))
    assert "A new link is on its way to cy@plan.example." in text
    assert "sent 2 times" in text
    text = text_of(web.post(at("revoke", Invitation.objects.first()), follow=True))
    assert "The link sent to cy@plan.example no longer works." in text
    assert "Nobody is invited at the moment." in text
    text = text_of(web.post(at("revoke", Invitation.objects.first()), follow=True))
    assert "is not open any more" in text
    assert web.get(at("invite")).status_code == 302


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        ({**INVITE, "email": "cy"}, 422, "Enter an email address"),
        ({**INVITE, "email": "c\x00y@plan.example"}, 422, "null character"),
        ({**INVITE, "role": "dhcs_approver"}, 422, "Choose one of the answers in the list."),
    ],
)
def test_an_invitation_that_can_not_be_sent_keeps_what_was_typed(web, data, status, sentence):
    text = text_of(web.post(at("invite"), data), status)
    assert sentence in text
    assert f'value="{data["email"]}"' in text
    assert Invitation.objects.count() == 0


def test_member_page_shows_reviews_and_takes_limits(web, review):
    hat = review.reviewer
    text = text_of(web.get(at("member", hat)))
    assert review.application.reference in text
    assert "1 assigned, 0 started, 0 submitted" in text
    data = {"max_open": "12", "counties": ["Fresno"], "specialties": ["pediatrics"]}
    text = text_of(web.post(at("profile", hat), data, follow=True))
    assert "Saved. It counts from the next assignment." in text
    stored = ReviewerProfile.objects.get()
    assert (stored.hat, stored.max_open) == (hat, 12)
    assert (stored.counties, stored.specialties) == (["Fresno"], ["pediatrics"])
    assert 'value="12"' in text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"max_open": "many"}, "Write a whole number, such as 1,240."),
        ({"max_open": "-1"}, "Write a whole number"),
        ({"max_open": "9" * 400}, "Enter 1000 or less."),
        ({"max_open": "3", "counties": ["Nowhere"]}, "Choose from the answers in the list."),
        ({"max_open": "3\x00"}, "whole number"),
    ],
)
def test_a_limit_that_is_none_is_refused_and_kept(web, review, data, sentence):
    text = text_of(web.post(at("profile", review.reviewer), data), 422)
    assert sentence in text
    assert ReviewerProfile.objects.count() == 0


def test_days_away_are_noted_and_removed(web, review):
    hat = review.reviewer
    text = text_of(web.post(at("away", hat), days(0, 2), follow=True))
    assert "Noted. Nothing new is given on these days." in text
    assert "away now" in text
    absence = Absence.objects.get()
    assert (absence.hat, absence.noted_by) == (hat, review.lead.label)
    text = text_of(web.post(at("away", hat), days(1, 5)), 409)
    assert "is already away from" in text
    text = text_of(web.post(at("back", hat, absence), follow=True))
    assert "The days away are removed." in text
    assert Absence.objects.count() == 0
    assert web.post(at("back", hat, absence)).status_code == 404


@pytest.mark.parametrize("data", [{}, {"first_day": "soon", "last_day": "\x00"}])
def test_days_that_are_none_are_refused(web, review, data):
    text = text_of(web.post(at("away", review.reviewer), data), 422)
    assert "Enter a date" in text or "Enter the first day." in text
    assert Absence.objects.count() == 0


def test_days_in_the_wrong_order_are_named_at_the_last_day(web, review):
    text = text_of(web.post(at("away", review.reviewer), days(5, 2)), 422)
    assert 'href="#id_last_day"' in text
    assert text.count("This is before the first day away.") == 2
    assert Absence.objects.count() == 0


def test_an_absence_of_somebody_else_is_not_removed(web, review):
    other = a_reviewer(review.lead)
    absence = team.add_absence(other, **days(1, 2), by=review.lead)
    assert web.post(at("back", review.reviewer, absence)).status_code == 404
    assert Absence.objects.count() == 1


def test_switching_off_lists_its_effects_before_and_does_them(web, review):
    hat = review.reviewer
    page = text_of(web.get(at("deactivate", hat)))
    assert "1 open review comes back to you to be assigned again." in page
    assert review.application.reference in page
    assert Assignment.objects.get().ended_at is None
    text = text_of(web.post(at("deactivate", hat), follow=True))
    assert f"{hat.user.full_name} is switched off. 1 review came back to you." in text
    assert "Let in again" in text
    assert Assignment.objects.get().ended_kind == Ending.TAKEN_BACK
    assert web.get(at("deactivate", hat)).status_code == 404
    assert "This access is switched off" in text_of(web.get(at("member", hat)))
    text = text_of(web.post(at("reactivate", hat), follow=True))
    assert f"{hat.user.full_name} is back as MCP reviewer." in text
    assert Membership.objects.get(pk=hat.pk).is_active is True


def test_what_is_closed_to_the_lead_comes_back_unnamed(web, review):
    declare(review.application, review.lead, "family")
    page = text_of(web.get(at("deactivate", review.reviewer)))
    assert "1 open review comes back to you" in page
    assert "and 1 more" in page
    assert review.application.reference not in page
    assert review.application.reference not in text_of(web.get(at("member", review.reviewer)))


def test_a_lead_does_not_switch_themselves_off(web, review):
    text = text_of(web.post(at("deactivate", review.lead)), 409)
    assert "This is you. Ask another lead of your plan to do it." in text
    assert "This is you." in text_of(web.get(at("member", review.lead)))


def test_another_role_takes_reviews_back(web, review):
    hat = review.reviewer
    page = text_of(web.get(at("member_role", hat)))
    assert review.application.reference in page
    text = text_of(web.post(at("member_role", hat), {"role": Role.MCP_LEAD}, follow=True))
    assert f"{hat.user.full_name} is now MCP lead." in text
    assert Assignment.objects.get().ended_kind == Ending.TAKEN_BACK


@pytest.mark.parametrize("submitted", [0, 3, 20, 53])
def test_member_pages_give_every_review_once(web, review, cycle, submitted):
    for _one in range(52):
        more = in_review(review.lead, cycle=cycle)
        Assignment.objects.filter(pk=more.sheet.assignment_id).update(reviewer=review.reviewer)
    now = timezone.now()
    for number, sheet in enumerate(ScoreSheet.objects.order_by("pk")[:submitted]):
        at_once = now + timedelta(microseconds=number // 2)
        ScoreSheet.objects.filter(pk=sheet.pk).update(submitted_at=at_once, submitted_by="B")
    first = web.get(at("member", review.reviewer))
    second = web.get(at("member", review.reviewer), {"after": first.context["more"]})
    shown = [one.pk for page in (first, second) for one in page.context["reviews"]]
    assert len(shown) == len(set(shown)) == 53
    assert [one.sheet.is_submitted for one in first.context["reviews"]].count(False) == min(
        53 - submitted, 50
    )
    assert (first.context["more"] != "", second.context["more"]) == (True, "")


def test_what_is_submitted_between_two_pages_hides_no_open_review(web, review, cycle):
    for _one in range(52):
        more = in_review(review.lead, cycle=cycle)
        Assignment.objects.filter(pk=more.sheet.assignment_id).update(reviewer=review.reviewer)
    first = web.get(at("member", review.reviewer))
    last = first.context["reviews"][-1].sheet
    ScoreSheet.objects.filter(pk=last.pk).update(submitted_at=timezone.now(), submitted_by="B")
    second = web.get(at("member", review.reviewer), {"after": first.context["more"]})
    assert [one.sheet.is_submitted for one in second.context["reviews"]] == [False] * 3 + [True]


@pytest.mark.parametrize(
    "after", ["x", "-1", "9" * 40, "\x00", "1-x", "1-", "1-" + "9" * 17, "²-1"]
)
def test_member_page_takes_any_page_mark(web, review, after):
    assert web.get(at("member", review.reviewer), {"after": after}).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("name", "most"), [("team", 10), ("member", 9)])
def test_costs_the_same_for_one_row_and_three(as_hat, cycle, rows, name, most):
    lead = a_lead()
    hats = [in_review(lead, cycle=cycle).reviewer for _one in range(rows)]
    for hat in hats:
        team.add_absence(hat, **days(0, 2), by=lead)
    for _one in range(rows - 1):
        more = in_review(lead, cycle=cycle)
        Assignment.objects.filter(pk=more.sheet.assignment_id).update(reviewer=hats[0])
    web = as_hat(lead)
    address = at(name) if name == "team" else at(name, hats[0])
    web.get(address)
    with CaptureQueriesContext(connection) as queries:
        text_of(web.get(address))
    assert len(queries) == most


def test_hostile_numbers_find_nobody(web):
    for text in ("0", "9" * 30):
        with undone():
            assert web.get(f"{TEAM}{text}/").status_code == 404


def test_empty_team_without_a_cycle(as_hat):
    hat = MembershipFactory(role=Role.MCP_LEAD)
    web = as_hat(hat)
    assert hat.user.email in text_of(web.get(TEAM))
    assert "No reviews in this cycle." in text_of(web.get(at("member", hat)))
