from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.models import Application
from core.times import long
from selection.domain import offers
from selection.models import LaterAct, Offer
from selection.presenting.place import time_left
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.after_release import WHY, decline, late, release, statuses
from tests.selection.building import approved, handed_over, owner_of
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db
ACTS = ("accept_place", "decline_place", "leave_place")


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def cohort(cycle, analyst, approver):
    return release(cycle, analyst, approver)


def address(name, application):
    return reverse(f"selection:{name}", args=[application.pk])


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def page_of(web, application):
    return text_of(web.get(address("place", application)))


def test_owner_reads_the_deadline_and_accepts(as_hat, cohort):
    rows, owners = cohort
    web = as_hat(owners["one"])
    offer = Offer.objects.get(application=rows["one"])
    text = page_of(web, rows["one"])
    assert f"Answer by {long(offer.answer_by)} (14 days left)" in text
    assert "You can earn up to $280,600" in text
    assert web.get(address("accept_place", rows["one"])).status_code == 302
    text = text_of(web.post(address("accept_place", rows["one"]), follow=True))
    assert "The place is yours." in text
    assert "Your practice takes part" in text
    assert owners["one"].user.full_name in text
    assert statuses(rows)["one"] == "participating"


@pytest.mark.parametrize("page", ["home", "status"])
def test_home_and_status_say_until_when_only_while_there_is_an_offer(as_hat, cohort, page):
    rows, owners = cohort
    web = as_hat(owners["one"])
    until = f"Answer by {long(Offer.objects.get(application=rows['one']).answer_by)}"
    address_of_page = reverse(f"applications:{page}")
    assert f"{until} (14 days left)" in text_of(web.get(address_of_page))
    offers.accept(rows["one"], by=owners["one"])
    assert until not in text_of(web.get(address_of_page))
    assert "Answer by" not in text_of(as_hat(owners["w1"]).get(address_of_page))


@pytest.mark.parametrize("page", ["applications:home", "applications:status"])
def test_who_waits_reaches_the_letter_and_the_request(as_hat, cohort, page):
    rows, owners = cohort
    text = text_of(as_hat(owners["w1"]).get(reverse(page)))
    assert address("letter", rows["w1"]) in text
    assert (address("reconsideration", rows["w1"]) in text) == (page == "applications:status")


def test_home_leads_to_the_place(as_hat, cohort):
    rows, owners = cohort
    home = reverse("applications:home")
    assert address("place", rows["one"]) in text_of(as_hat(owners["one"]).get(home))
    offers.accept(rows["one"], by=owners["one"])
    assert address("place", rows["one"]) in text_of(as_hat(owners["one"]).get(home))
    assert address("place", rows["w1"]) not in text_of(as_hat(owners["w1"]).get(home))


def test_contributor_reads_who_answers_and_can_not(as_hat, cohort):
    rows, owners = cohort
    hat = MembershipFactory(role=Role.PRACTICE_CONTRIBUTOR, organisation=rows["one"].practice)
    web = as_hat(hat)
    text = page_of(web, rows["one"])
    assert "An owner of your practice answers" in text
    assert owners["one"].user.email in text
    assert address("accept_place", rows["one"]) not in text
    for name in ACTS:
        for call in (web.get, web.post):
            assert call(address(name, rows["one"])).status_code == 403
    assert statuses(rows)["one"] == "selected"


def test_owner_declines_with_a_reason(as_hat, cohort):
    rows, owners = cohort
    web = as_hat(owners["one"])
    path = address("decline_place", rows["one"])
    assert "This can't be undone in this cycle." in text_of(web.get(path))
    text = text_of(web.post(path, {"reason": "short"}), 422)
    assert "Write 10 characters or more." in text
    assert ">short</textarea>" in text.replace("\n", "")
    text = text_of(web.post(path, {"reason": WHY}, follow=True))
    assert "You declined the place" in text
    assert WHY in text
    assert statuses(rows)["one"] == "declined"


def test_what_another_owner_answered_meanwhile_is_said(as_hat, cohort):
    rows, owners = cohort
    web = as_hat(owner_of(rows["one"]))
    decline(rows["one"], owners["one"])
    text = text_of(web.post(address("accept_place", rows["one"])), 409)
    assert "It can't be answered any more" in text
    text = text_of(web.post(address("decline_place", rows["two"]), {"reason": WHY}), 404)
    owner = as_hat(owners["two"])
    offers.accept(rows["two"], by=owners["two"])
    text = text_of(owner.post(address("decline_place", rows["two"]), {"reason": WHY}), 409)
    assert "Your practice has accepted the place already." in text
    assert WHY in text


def test_leaving_asks_for_the_password_and_only_when_it_is_possible(as_hat, cohort):
    rows, owners = cohort
    web = as_hat(owners["one"])
    path = address("leave_place", rows["one"])
    text = text_of(web.post(path, {"reason": WHY}), 409)
    assert "does not take part" in text
    offers.accept(rows["one"], by=owners["one"])
    assert "You type your password once more." in text_of(web.get(path))
    response = web.post(path, {"reason": WHY})
    assert response.status_code == 302
    assert "reauthenticate" in response.url
    sentence = f"You are about to leave the program with application {rows['one'].reference}."
    assert sentence in text_of(web.get(response.url))
    assert statuses(rows)["one"] == "participating"
    confirm_identity(web, owners["one"].user)
    text = text_of(web.post(path, {"reason": WHY}, follow=True))
    assert "Your practice left the program" in text
    assert statuses(rows)["one"] == "left"
    assert LaterAct.objects.get().reason == "left_program"


def test_after_the_deadline_the_page_says_so(as_hat, cohort):
    rows, owners = cohort
    late(rows["one"])
    web = as_hat(owners["one"])
    text = page_of(web, rows["one"])
    assert "The time to answer is over" in text
    assert address("accept_place", rows["one"]) not in text
    text = text_of(web.post(address("accept_place", rows["one"])), 409)
    assert "The time to answer ended on" in text


@pytest.mark.parametrize(("name", "words"), [("w1", "on the waitlist")])
def test_who_waits_reads_nothing_of_rank_or_suggestion(as_hat, cohort, name, words):
    rows, owners = cohort
    web = as_hat(owners[name])
    before = page_of(web, rows[name])
    assert words in before
    decline(rows["one"], owners["one"])
    assert Offer.objects.filter(application=rows["w1"], status="suggested").exists()
    assert masked(page_of(web, rows[name])) == masked(before)


def masked(text):
    return [line for line in text.splitlines() if "csrf" not in line]


def test_before_the_release_there_is_no_such_page(as_hat, cycle, analyst, approver):
    application = handed_over(cycle, 90)
    owner = owner_of(application)
    approved(cycle, analyst, approver)
    for name in ("place", *ACTS):
        for call in (as_hat(owner).get, as_hat(owner).post):
            assert call(address(name, application), {"reason": WHY}).status_code in (404, 405)
    assert Application.objects.get(pk=application.pk).status == "recommended"


@pytest.mark.parametrize("role", [Role.DHCS_APPROVER, Role.AUDITOR, Role.MCP_LEAD])
def test_nobody_else_answers(as_hat, hat_of, cohort, role):
    rows, _owners = cohort
    plan = rows["one"].designated_mcp if role == Role.MCP_LEAD else None
    web = as_hat(hat_of(role, plan))
    for name in ("place", *ACTS):
        assert web.post(address(name, rows["one"]), {"reason": WHY}).status_code == 403
    assert statuses(rows)["one"] == "selected"


@pytest.mark.parametrize("reason", ["x" * 2001, "a\0b" * 9, "  "])
def test_a_bad_reason_is_refused_in_words(as_hat, cohort, reason):
    rows, owners = cohort
    web = as_hat(owners["one"])
    text_of(web.post(address("decline_place", rows["one"]), {"reason": reason}), 422)
    assert statuses(rows)["one"] == "selected"


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=1, hours=23), "1 day left"),
        (timedelta(hours=5, minutes=59), "5 hours left"),
        (timedelta(hours=1), "1 hour left"),
        (timedelta(minutes=59), "less than an hour left"),
        (timedelta(0), "less than an hour left"),
        (timedelta(seconds=-1), ""),
    ],
)
def test_time_left_is_rounded_down(left, words):
    now = timezone.now()
    assert time_left(now + left, now) == words
