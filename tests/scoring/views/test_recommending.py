import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import PUBLIC_LABELS, Status
from scoring.domain import recommending
from scoring.domain.recommending import Words
from scoring.models import PlannedRecommendation
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, in_review, scored
from tests.scoring.conflicting import declare

pytestmark = pytest.mark.django_db
MANY, HAND_OVER = "scoring:recommend_many", "scoring:hand_over"
WORDS = {"recommended": "yes", "reason": "A clear plan.", "note": "Ask about staff."}


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def web(as_hat, lead):
    return as_hat(lead)


@pytest.fixture
def cycle(db):
    return CycleFactory()


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def some(lead, cycle, *totals):
    return [scored(total, lead=lead, cycle=cycle).application for total in totals]


def prepare(rows, lead, *, recommended=True):
    words = Words(recommended=recommended, reason="Strong.")
    recommending.prepare([row.pk for row in rows], words=words, by=lead)


def order_of(page, rows):
    found = re.findall("|".join(row.reference for row in rows), page.split("<tbody>")[1])
    return list(dict.fromkeys(found))


def planned():
    return dict(PlannedRecommendation.objects.values_list("application_id", "recommended"))


def test_list_orders_by_score_and_shows_what_is_prepared(web, lead, cycle):
    low, high, middle = rows = some(lead, cycle, 40, 80, 60)
    prepare([high], lead, recommended=False)
    reviewing = in_review(lead, cycle=cycle).application
    foreign = scored(cycle=cycle).application
    page = text_of(web.get(reverse(MANY)))
    assert order_of(page, rows) == [high.reference, middle.reference, low.reference]
    assert page.count("Not prepared") == 2
    assert "Do not recommend</span>" in page
    assert "2 to prepare, 1 prepared" in page
    assert reviewing.reference not in page
    assert foreign.reference not in page
    lowest = text_of(web.get(reverse(MANY), {"order": "lowest"}))
    assert order_of(lowest, rows) == [low.reference, middle.reference, high.reference]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"part": "prepared"}, [80]),
        ({"part": "to_prepare"}, [60, 40]),
        ({"lowest": "60"}, [80, 60]),
        ({"highest": "60"}, [60, 40]),
        ({"lowest": "50", "highest": "70"}, [60]),
        ({"part": "nonsense", "lowest": "x", "highest": "\x00"}, [80, 60, 40]),
    ],
)
def test_list_is_narrowed(web, lead, cycle, asked, expected):
    rows = dict(zip((40, 80, 60), some(lead, cycle, 40, 80, 60), strict=True))
    prepare([rows[80]], lead)
    page = text_of(web.get(reverse(MANY), asked))
    assert order_of(page, rows.values()) == [rows[score].reference for score in expected]


@pytest.mark.parametrize("after", ["x", "-1", "60-", "60-x", "9999-1", "²-1", "60-" + "9" * 30])
def test_list_takes_any_page_mark(web, lead, cycle, after):
    [row] = some(lead, cycle, 60)
    assert row.reference in text_of(web.get(reverse(MANY), {"after": after}))


@pytest.mark.parametrize("order", ["", "lowest"])
def test_pages_of_the_list_give_every_row_once(web, lead, cycle, monkeypatch, order):
    monkeypatch.setattr("scoring.views.recommending.PAGE_SIZE", 2)
    rows = some(lead, cycle, 60, 60, 50, 70, 60)
    address, found = reverse(MANY) + (f"?order={order}" if order else ""), []
    while address:
        page = text_of(web.get(address))
        found += order_of(page, rows)
        more = re.search(r'href="([^"]*after=[^"]*)"', page)
        address = more and more[1]
    ranked = sorted(rows, key=lambda row: (row.mcp_score if order else -row.mcp_score, row.pk))
    assert found == [row.reference for row in ranked]


@pytest.mark.parametrize("number", [1, 3])
def test_list_costs_the_same_for_one_row_and_three(
    as_hat, lead, cycle, number, django_assert_num_queries
):
    prepare(some(lead, cycle, *[60] * number), lead)
    web = as_hat(lead)
    web.get(reverse(MANY))
    with django_assert_num_queries(5):
        page = text_of(web.get(reverse(MANY)))
    assert page.count("Choose Organisation") == number


def test_preview_lists_every_effect_and_stores_nothing(web, lead, cycle):
    fresh, changed, over = some(lead, cycle, 40, 50, 60)
    prepare([over], lead)
    recommending.hand_over(cycle, mark=recommending.ready_counts(cycle, lead).mark, by=lead)
    prepare([changed], lead, recommended=False)
    foreign = scored(cycle=cycle).application
    picked = [fresh.pk, changed.pk, over.pk, foreign.pk]
    page = text_of(web.post(reverse(MANY), WORDS | {"pick": picked}))
    assert "Prepare 2 recommendations" in page
    assert f"{over.reference}, {over.practice.name}: It is handed over already." in page
    assert "1 application is not in this cycle's list any more." in page
    assert "(the earlier words are replaced)" in page
    assert foreign.reference not in page
    assert planned() == {changed.pk: False}


def test_what_was_previewed_is_prepared(web, lead, cycle):
    one, two, three = some(lead, cycle, 40, 50, 60)
    data = WORDS | {"pick": [one.pk, two.pk], "part": "to_prepare"}
    preview = text_of(web.post(reverse(MANY), data))
    answer = web.post(reverse(MANY), WORDS | hidden_of(preview) | {"save": "1"})
    assert (answer.status_code, answer.url) == (302, reverse(MANY) + "?part=to_prepare")
    assert planned() == {one.pk: True, two.pk: True}
    page = text_of(web.get(answer.url))
    assert "2 recommendations are prepared. Hand them over when you are ready." in page
    assert three.reference in page


def hidden_of(page):
    return dict(re.findall(r'type="hidden" name="(part|seen)" value="([^"]*)"', page))


def test_the_preview_of_many_is_one_field(web, lead, cycle):
    rows = some(lead, cycle, 40, 50, 60)
    preview = text_of(web.post(reverse(MANY), WORDS | {"all": "1"}))
    form = preview.split('<form method="post" action="/plan/recommend/"')[1].split("</form>")[0]
    assert form.count('type="hidden"') == 6  # token, hat, seen, three words
    web.post(reverse(MANY), WORDS | hidden_of(preview) | {"save": "1"})
    assert planned() == {row.pk: True for row in rows}


def test_what_another_lead_prepared_meanwhile_is_shown_and_replaced_only_then(web, lead, cycle):
    row, free = some(lead, cycle, 40, 50)
    preview = text_of(web.post(reverse(MANY), WORDS | {"all": "1"}))
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    words = Words(recommended=False, reason="No dates at all.")
    recommending.prepare_one(row, words=words, by=other)
    again = text_of(web.post(reverse(MANY), WORDS | hidden_of(preview) | {"save": "1"}), 409)
    assert planned() == {row.pk: False, free.pk: True}
    assert "1 recommendation is prepared." in again
    assert "Somebody else prepared these since you looked" in again
    assert f"{other.label}, " in again
    assert "No dates at all." in again
    assert "A clear plan." in again
    assert free.reference not in again
    answer = web.post(reverse(MANY), WORDS | hidden_of(again) | {"save": "1"})
    assert answer.status_code == 302
    assert planned() == {row.pk: True, free.pk: True}


def test_one_that_another_lead_prepared_meanwhile_is_shown_and_the_typed_words_stay(
    web, lead, cycle
):
    [row] = some(lead, cycle, 60)
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    words = Words(recommended=False, reason="No dates at all.")
    recommending.prepare_one(row, words=words, by=other)
    act = reverse("scoring:recommend", args=[row.pk])
    page = text_of(web.post(act, WORDS | {"base": ""}), 409)
    assert f"{other.label} prepared something else for it since you opened this page." in page
    assert "<p>No dates at all.</p>" in page
    assert "A clear plan.</textarea>" in page
    assert planned() == {row.pk: False}
    base = re.search(r'name="base" value="(\d+)"', page)[1]
    assert web.post(act, WORDS | {"base": base}).status_code == 302
    assert planned() == {row.pk: True}


def test_score_that_holds_a_void_sheet_is_shown_and_can_not_be_chosen(web, lead, cycle):
    review = scored(lead=lead, cycle=cycle)
    row = review.application
    prepare([row], lead)
    declare(row, review.reviewer, "family")
    page = text_of(web.get(reverse(MANY)))
    assert "0 to prepare, 0 prepared" in page
    assert "Take the score back on its page." in page
    assert 'name="pick"' not in page
    assert row.reference in text_of(web.get(reverse(MANY), {"part": "void_sheet"}))
    page = text_of(web.get(reverse(HAND_OVER)))
    assert "Nothing is ready to hand over" in page
    assert "The score holds a void sheet: take it back" in page
    [href] = re.findall(r'href="(/plan/\?need=void_sheet)"', page)
    assert row.reference in text_of(web.get(href))
    act = reverse("scoring:recommend", args=[row.pk])
    assert "Its score holds a void sheet." in text_of(web.post(act, WORDS), 409)
    page = text_of(web.post(reverse(MANY), WORDS | {"pick": [row.pk]}))
    assert "Its score holds a void sheet. Take the score back on its page first." in page


def test_everything_in_the_list_can_be_chosen_also_on_other_pages(web, lead, cycle):
    low, high = some(lead, cycle, 40, 80)
    data = WORDS | {"all": "1", "lowest": "70", "save": "1"}
    assert web.post(reverse(MANY), data).status_code == 302
    assert planned() == {high.pk: True}
    assert low.pk not in planned()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pick": []}, "Tick at least one application in the list."),
        ({"reason": ""}, "Enter an answer."),
        ({"recommended": "maybe"}, "Choose one of the answers in the list."),
    ],
)
def test_refused_words_keep_what_was_typed_and_ticked(web, lead, cycle, change, message):
    [row] = some(lead, cycle, 60)
    page = text_of(web.post(reverse(MANY), WORDS | {"pick": [row.pk]} | change), 422)
    assert message in page
    assert "Ask about staff.</textarea>" in page
    ticked = re.search(rf'value="{row.pk}"[^>]*checked', page) is not None
    assert ticked == bool(change.get("pick", True))
    assert planned() == {}


@pytest.mark.parametrize("value", ["x", "\x00", "9" * 400, "9" * 1_000_000])
def test_list_takes_any_text(web, lead, cycle, value):
    some(lead, cycle, 60)
    for name in ("pick", "seen", "reason", "lowest", "part", "recommended"):
        answer = web.post(reverse(MANY), WORDS | {"pick": ["1"], name: value})
        assert answer.status_code in (200, 400, 413, 422)


def test_change_goes_back_with_the_words_and_the_ticks(web, lead, cycle):
    [row] = some(lead, cycle, 60)
    page = text_of(web.post(reverse(MANY), WORDS | {"pick": [row.pk], "change": "1"}))
    assert "A clear plan.</textarea>" in page
    assert re.search(rf'value="{row.pk}"[^>]*checked', page)


def test_one_is_prepared_changed_and_undone_from_its_page(web, lead, cycle):
    [row] = some(lead, cycle, 60)
    page_url = reverse("scoring:application", args=[row.pk])
    assert web.post(reverse("scoring:recommend", args=[row.pk]), WORDS).status_code == 302
    page = text_of(web.get(page_url))
    assert "Prepared recommendation" in page
    assert "A clear plan.</textarea>" in page
    assert reverse(HAND_OVER) in page
    assert web.post(reverse("scoring:undo", args=[row.pk])).status_code == 302
    assert planned() == {}
    refused = text_of(web.post(reverse("scoring:undo", args=[row.pk])), 409)
    assert "Nothing is prepared for this application." in refused


def test_hand_over_page_tells_number_effects_and_what_is_not_ready(web, lead, cycle):
    ready, refused, bare = some(lead, cycle, 80, 40, 60)
    prepare([ready], lead)
    prepare([refused], lead, recommended=False)
    in_review(lead, cycle=cycle)
    page = text_of(web.get(reverse(HAND_OVER)))
    assert "2 applications go to DHCS: 1 recommended, 1 not recommended." in page
    assert "Hand over 2 applications" in page
    assert "Scored, and no recommendation is prepared" in page
    assert "In review: the score is not confirmed" in page
    assert order_of(page, [ready, refused, bare]) in ([ready.reference, refused.reference], [])
    assert page.index(ready.reference) < page.index(refused.reference)
    assert bare.reference not in page


def test_double_click_hands_over_once(web, lead, cycle):
    rows = some(lead, cycle, 80, 40)
    prepare(rows, lead)
    mark = re.search(r'name="mark" value="([^"]+)"', text_of(web.get(reverse(HAND_OVER))))[1]
    for _click in range(2):
        answer = web.post(reverse(HAND_OVER), {"mark": mark})
        assert (answer.status_code, answer.url) == (302, reverse(MANY) + "?part=handed_over")
    page = text_of(web.get(answer.url))
    assert "2 applications are handed over to DHCS." in page
    assert "Everything that was ready is handed over already." in page
    assert page.count("Handed over ") >= 2
    for row in rows:
        row.refresh_from_db()
        assert row.status == Status.RECOMMENDED
        assert row.transitions.filter(name="recommend").count() == 1


def test_hand_over_of_another_list_is_refused(web, lead, cycle):
    prepare(some(lead, cycle, 80), lead)
    page = text_of(web.post(reverse(HAND_OVER), {"mark": "7-x"}), 409)
    assert "What is ready has changed since you opened this page." in page
    assert planned() != {}


@pytest.mark.parametrize("mark", ["\x00", "9" * 100, "x" * 1_000_000])
def test_hand_over_takes_any_mark(web, lead, cycle, mark):
    prepare(some(lead, cycle, 80), lead)
    assert web.post(reverse(HAND_OVER), {"mark": mark}).status_code in (400, 409, 413, 422)


@pytest.mark.parametrize("number", [1, 3])
def test_hand_over_page_costs_the_same(as_hat, lead, cycle, number, django_assert_num_queries):
    prepare(some(lead, cycle, *[60] * number), lead)
    web = as_hat(lead)
    web.get(reverse(HAND_OVER))
    with django_assert_num_queries(6):
        page = text_of(web.get(reverse(HAND_OVER)))
    assert f"Hand over {number} application" in page


@pytest.mark.parametrize("name", [MANY, HAND_OVER, "scoring:disagreements"])
@pytest.mark.parametrize("role", [Role.MCP_REVIEWER, Role.PRACTICE_OWNER, Role.DHCS_APPROVER])
def test_only_leads_open_these_pages(as_hat, hat_of, cycle, role, name):
    web = as_hat(hat_of(role))
    assert web.get(reverse(name)).status_code == 403
    assert web.post(reverse(name), WORDS | {"mark": "1"}).status_code in (403, 405)


def over(lead, cycle):
    [row] = some(lead, cycle, 80)
    prepare([row], lead)
    recommending.hand_over(cycle, mark=recommending.ready_counts(cycle, lead).mark, by=lead)
    return row


def test_dhcs_sends_one_back_with_a_note_and_the_lead_sees_it(as_hat, web, lead, cycle, analyst):
    row = over(lead, cycle)
    staff, back = as_hat(analyst), reverse("scoring:send_back", args=[row.pk])
    assert back in text_of(staff.get(reverse("selection:application", args=[row.pk])))
    form = text_of(staff.get(back))
    assert "Decisions wait until the plan hands it over again." in form
    assert f"Its status page says “{PUBLIC_LABELS[Status.SCORED]}” again" in form
    text_of(staff.post(back, {"note": ""}), 422)
    answer = staff.post(back, {"note": "The reason names another practice."})
    assert answer.url == reverse("selection:application", args=[row.pk])
    assert back not in text_of(staff.get(answer.url))
    page = text_of(web.get(reverse("scoring:application", args=[row.pk])))
    assert "DHCS sent this application back" in page
    assert "The reason names another practice." in page
    assert "Strong.</textarea>" in page
    assert "Sent back by DHCS" in text_of(web.get(reverse(MANY), {"part": "sent_back"}))
    text_of(staff.post(back, {"note": "Again."}), 409)


def test_one_sent_back_in_an_earlier_cycle_is_handed_over_in_its_own(web, lead, analyst):
    earlier = CycleFactory(opens_at=timezone.now() - timedelta(days=400))
    CycleFactory()
    row = over(lead, earlier)
    recommending.send_back(row, note="The reason names another practice.", by=analyst)
    prepare([row], lead)
    page = text_of(web.get(reverse("scoring:application", args=[row.pk])))
    [href] = re.findall(rf'href="({reverse(HAND_OVER)}[^"]*)"', page)
    assert row.practice.name in text_of(web.get(href))
    lists = re.findall(r'<a href="([^"]*)">All applications', page)
    assert lists == [f"{reverse('scoring:applications')}?cycle={earlier.slug}"]


@pytest.mark.parametrize(
    "role", [Role.AUDITOR, Role.DHCS_ADMINISTRATOR, Role.MCP_LEAD, Role.PRACTICE_OWNER]
)
def test_only_analyst_and_approver_send_back(as_hat, lead, cycle, role):
    row = over(lead, cycle)
    organisation = {Role.MCP_LEAD: lead.organisation, Role.PRACTICE_OWNER: row.practice}.get(role)
    extra = {"organisation": organisation} if organisation else {}
    staff = as_hat(MembershipFactory(role=role, **extra))
    assert staff.post(reverse("scoring:send_back", args=[row.pk]), {"note": "x"}).status_code == 403
    row.refresh_from_db()
    assert row.status == Status.RECOMMENDED
