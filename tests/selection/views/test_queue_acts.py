"""Claims, acts on many and named views as people use them."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.queries import applications_visible_to
from selection.domain import bulk, searching
from selection.models import BulkAct, Claim, DeskSettings, Flag, SavedView
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory
from tests.scoring.conflicting import check
from tests.selection.building import handed_over

pytestmark = pytest.mark.django_db
QUEUE = reverse("selection:queue")
BULK = reverse("selection:bulk")
VIEWS = reverse("selection:views")
NEXT = reverse("selection:claim_next")
WORKING = (Role.DHCS_ANALYST, Role.DHCS_APPROVER)


@pytest.fixture
def cycle():
    return CycleFactory()


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def application_url(row, query=""):
    url = reverse("selection:application", args=[row.pk])
    return f"{url}?{urlencode({'view': query})}" if query else url


def live_flags():
    return set(Flag.objects.filter(cleared_at=None).values_list("application", "label"))


def test_claim_next_opens_the_first_free_one_of_the_view(web, rows, analyst):
    Claim.objects.create(application=rows[0], person=analyst.user, claimed_at=timezone.now())
    view = "adjusted_max=85&order=adjusted"
    response = web.post(NEXT, {"view": view})
    assert response["Location"] == application_url(rows[2], view)
    assert web.post(NEXT, {"view": view})["Location"] == application_url(rows[1], view)
    response = web.post(NEXT, {"view": view})
    assert response["Location"] == f"{QUEUE}?{view}"
    assert "Nothing is left in this view" in text_of(web.get(response["Location"]))


def test_claim_next_takes_what_has_no_score_last(web, cycle, rows):
    waiting = ApplicationFactory(cycle=cycle, status=Status.SUBMITTED)
    found = [web.post(NEXT)["Location"] for _ in range(4)]
    assert found == [application_url(row) for row in (*rows, waiting)]


def test_claim_next_takes_the_best_match_of_a_search(web, cycle, rows):
    searching.refresh(row.pk for row in rows)
    found = web.post(NEXT, {"view": f"q={rows[2].reference}"})["Location"]
    assert found.startswith(application_url(rows[2]))


def test_my_claims_are_finished_or_given_back(web, rows, analyst, approver):
    mine = [
        Claim.objects.create(application=row, person=analyst.user, claimed_at=timezone.now())
        for row in rows[:2]
    ]
    Claim.objects.create(application=rows[2], person=approver.user, claimed_at=timezone.now())
    text = text_of(web.get(reverse("selection:my_claims")))
    assert "You have 2 applications" in text
    assert rows[2].reference not in text
    web.post(reverse("selection:end_claim", args=[mine[0].pk]), {"done": "1"})
    web.post(reverse("selection:end_claim", args=[mine[1].pk]))
    assert list(Claim.objects.order_by("pk").values_list("is_done", flat=True)) == [
        True,
        False,
        False,
    ]
    text = text_of(web.get(reverse("selection:my_claims")))
    assert "You have no application" in text
    assert f"{rows[0].reference}</a>, {rows[0].practice.name}: finished" in text
    again = web.post(reverse("selection:end_claim", args=[mine[0].pk]))
    assert "ended already" in text_of(again, 409)


def test_one_application_is_claimed_from_its_page(web, rows, as_hat, approver):
    address = reverse("selection:claim", args=[rows[0].pk])
    assert web.post(address, {"view": "hpi=1"})["Location"] == application_url(rows[0], "hpi=1")
    assert "has it" in text_of(as_hat(approver).post(address), 409)


def test_list_says_who_has_an_application_and_which_flags_it_has(web, rows, approver):
    Claim.objects.create(application=rows[1], person=approver.user, claimed_at=timezone.now())
    Flag.objects.create(application=rows[1], label="ask again", raised_by=approver.user)
    row = text_of(web.get(QUEUE)).split(rows[1].reference)[2].split("</tr>")[0]
    assert "ask again" in row
    assert approver.user.full_name in row


def preview(web, kind, *, pick=(), **given):
    return web.post(BULK, {"kind": kind, "pick": [row.pk for row in pick], **given})


def test_flag_is_asked_for_shown_and_put_on(web, rows):
    asked = text_of(preview(web, "flag", pick=rows[:2]))
    assert "2 applications chosen" in asked
    seen = re.search(r'name="seen" value="([^"]*)"', asked).group(1)
    given = {"kind": "flag", "seen": seen, "words": "1", "label": " ask   again "}
    shown = text_of(web.post(BULK, given))
    assert "2 applications get the flag “ask again”." in shown
    assert live_flags() == set()
    response = web.post(BULK, {**given, "save": "1"})
    assert live_flags() == {(row.pk, "ask again") for row in rows[:2]}
    act = BulkAct.objects.get()
    assert response["Location"] == reverse("selection:bulk_act", args=[act.pk])
    page = text_of(web.get(response["Location"]))
    assert "Put a flag on “ask again”: 2 applications" in page
    assert "You can undo it until" in page
    web.post(reverse("selection:undo_bulk", args=[act.pk]))
    assert live_flags() == set()
    assert "Undone" in text_of(web.get(response["Location"]))
    assert "Put a flag on “ask again”" in text_of(web.get(BULK))


def test_undoing_half_of_what_went_back_tells_which_stay(web, rows, analyst, cycle, monkeypatch):
    monkeypatch.setattr(bulk, "BATCH", 2)
    seen = applications_visible_to(analyst)
    values = {"note": "Look at the members again."}
    act = bulk.do(seen, cycle=cycle, kind="send_back", values=values, by=analyst)
    BulkAct.objects.filter(pk=act.pk).update(pending_until=timezone.now())
    assert bulk._carry_out_some(act.pk)
    said = text_of(web.post(reverse("selection:undo_bulk", args=[act.pk]), follow=True))
    assert "1 application is as it was." in said
    assert "2 went back to their plans before that." in said
    stay = said.split("These went back to their plans before it was undone")[1].split("</ul>")[0]
    assert [row.reference in stay for row in rows] == [True, True, False]


def test_what_can_not_be_done_is_told_apart(web, rows, approver):
    Claim.objects.create(application=rows[0], person=approver.user, claimed_at=timezone.now())
    shown = text_of(preview(web, "release", pick=rows))
    assert "1 claim ends." in shown
    left = shown.split("Left alone")[1].split("</ul>")[0]
    assert [row.reference in left for row in rows] == [False, True, True]
    assert left.count("Nobody has it.") == 2


def test_everything_in_a_view_is_chosen_at_once(web, rows):
    given = {"kind": "claim", "all": "1", "view": "adjusted_min=75"}
    assert "2 applications chosen" in text_of(web.post(BULK, given))


def test_more_than_the_most_is_refused_before_anything(web, rows, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    response = web.post(BULK, {"kind": "flag", "all": "1", "view": "status=recommended"})
    assert response["Location"] == f"{QUEUE}?status=recommended"
    assert "Choose at most 2 applications at once." in text_of(web.get(response["Location"]))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": "flag"}, "Tick at least one application in the list."),
        ({"kind": "nonsense", "pick": "1"}, "Choose what to do with the applications."),
        ({"pick": "x"}, "Choose what to do with the applications."),
    ],
)
def test_unclear_choice_leads_back_with_a_sentence(web, rows, given, sentence):
    response = web.post(BULK, given)
    assert sentence in text_of(web.get(response["Location"]))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("flag", {"label": ""}),
        ("flag", {"label": "x" * 41}),
        ("flag", {"label": "a\x00b"}),
        ("unflag", {"label": "never used"}),
        ("claim", {"person": "999999999999999999999"}),
        ("claim", {"person": "x"}),
        ("send_back", {"note": ""}),
    ],
)
def test_words_that_can_not_be_are_asked_for_again(web, rows, kind, words):
    response = preview(web, kind, pick=rows, words="1", **words)
    assert response.status_code == 422
    assert "3 applications chosen" in text_of(response, 422)


def test_sending_back_says_what_happens_and_waits(web, rows):
    note = "Look at the members again."
    seen = " ".join(str(row.pk) for row in rows)
    given = {"kind": "send_back", "words": "1", "seen": seen, "note": note}
    shown = text_of(web.post(BULK, given))
    assert "3 applications go back to their plans, 60 seconds after you confirm." in shown
    address = web.post(BULK, {**given, "save": "1"})["Location"]
    assert re.search(r"Waits \d+ seconds", text_of(web.get(address)))
    rows[0].refresh_from_db()
    assert rows[0].status == Status.RECOMMENDED


def test_conflict_hides_an_application_from_list_counts_search_bulk_and_claims(
    web, rows, analyst, as_hat, approver
):
    searching.refresh(row.pk for row in rows)
    check(rows[0], analyst.user)
    act = bulk_flag(as_hat(approver), rows)
    hidden = rows[0].reference
    assert hidden not in text_of(web.get(QUEUE))
    assert "No application matches" in text_of(web.get(QUEUE, {"q": hidden}))
    assert "2 applications" in text_of(web.get(reverse("selection:facets")))
    shown = text_of(preview(web, "claim", pick=rows, words="1", person=analyst.user_id))
    assert hidden not in shown
    assert "1 application is not in this cycle's queue any more." in shown
    page = text_of(web.get(reverse("selection:bulk_act", args=[act.pk])))
    assert hidden not in page
    assert "1 application is hidden from you by a conflict of interest." in page
    assert web.post(reverse("selection:claim", args=[rows[0].pk])).status_code == 404
    assert web.post(NEXT)["Location"] == application_url(rows[1])


def bulk_flag(web, rows):
    seen = " ".join(str(row.pk) for row in rows)
    web.post(BULK, {"kind": "flag", "words": "1", "seen": seen, "label": "x", "save": "1"})
    return BulkAct.objects.get()


def test_view_is_a_name_for_an_address(web, rows, analyst):
    query = "status=recommended&order=-members"
    response = web.post(VIEWS, {"name": " My  view ", "query": f"?{query}&after=9~9&nonsense=1"})
    assert response["Location"] == f"{QUEUE}?{query}"
    page = text_of(web.get(response["Location"]))
    assert f'<a href="{QUEUE}?{query}" aria-current="page">My view</a>'.replace("&", "&") in page
    view = SavedView.objects.get()
    assert (view.owner, view.name, view.query, view.is_shared) == (
        analyst.user,
        "My view",
        query,
        False,
    )


def test_view_is_private_until_it_is_shared(web, as_hat, approver, cycle):
    web.post(VIEWS, {"name": "Mine", "query": "hpi=1"})
    view = SavedView.objects.get()
    other = as_hat(approver)
    assert "Mine" not in text_of(other.get(QUEUE))
    assert "Mine" not in text_of(other.get(VIEWS))
    web.post(reverse("selection:view", args=[view.pk]), {"name": "Ours", "is_shared": "on"})
    assert "Ours" in text_of(other.get(QUEUE))
    assert "Ours" in text_of(other.get(VIEWS))
    for name in ("view", "delete_view"):
        assert other.post(reverse(f"selection:{name}", args=[view.pk])).status_code == 404
    web.post(reverse("selection:delete_view", args=[view.pk]))
    assert not SavedView.objects.exists()


def test_same_name_again_replaces_ones_own_view_and_a_rename_does_not(web, cycle):
    for query in ("hpi=1", "hpi=2"):
        web.post(VIEWS, {"name": "Mine", "query": query})
    web.post(VIEWS, {"name": "Other", "query": "hpi=3"})
    assert dict(SavedView.objects.values_list("name", "query")) == {
        "Mine": "hpi=2",
        "Other": "hpi=3",
    }
    other = SavedView.objects.get(name="Other")
    response = web.post(reverse("selection:view", args=[other.pk]), {"name": "Mine"})
    assert "You have another view with this name." in text_of(response, 409)


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b"])
def test_name_that_can_not_be_is_asked_for_again(web, cycle, name):
    response = web.post(VIEWS, {"name": name, "query": "hpi=1"})
    assert response.status_code in (409, 422)
    assert 'value="hpi=1"' in text_of(response, response.status_code)
    assert not SavedView.objects.exists()


def heads(text):
    found = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', text)
    return [head for head in found if head != "Reference"]


def test_columns_are_those_chosen_in_the_order_of_their_places(
    web, rows, analyst, as_hat, approver
):
    address = reverse("selection:columns")
    usual = heads(text_of(web.get(QUEUE)))
    chosen = {"show_county": "on", "place_county": "1", "show_payment": "on", "place_payment": "3"}
    response = web.post(
        address, {**chosen, "show_adjusted": "on", "place_adjusted": "2", "view": "hpi=none"}
    )
    assert response["Location"] == f"{QUEUE}?hpi=none"
    assert heads(text_of(web.get(QUEUE))) == ["County", "Adjusted", "Potential payment"]
    assert heads(text_of(as_hat(approver).get(QUEUE))) == usual
    asked = text_of(web.get(QUEUE, {"columns": "members,nonsense,members,county"}))
    assert heads(asked) == ["Members", "County"]
    web.post(address, {"usual": "1"})
    assert heads(text_of(web.get(QUEUE))) == usual
    assert DeskSettings.objects.get().columns == []


@pytest.mark.parametrize("given", [{}, {"show_county": "on", "place_county": "x"}])
def test_columns_that_can_not_be_are_asked_for_again(web, cycle, given):
    assert web.post(reverse("selection:columns"), given).status_code == 422
    assert not DeskSettings.objects.exists()


@pytest.mark.parametrize("role", [r for r in Role.values if r not in WORKING])
def test_acts_are_for_who_works_the_queue(as_hat, hat_of, cycle, rows, role):
    act = BulkAct.objects.create(
        cycle=cycle, kind="flag", done_by=hat_of(Role.DHCS_ANALYST).user, done_at=timezone.now()
    )
    web = as_hat(hat_of(role))
    number = [rows[0].pk]
    addresses = [
        NEXT, BULK, reverse("selection:claim", args=number),
        reverse("selection:undo_bulk", args=[act.pk]),
    ]  # fmt: skip
    assert {web.post(address).status_code for address in addresses} <= {403, 404}
    assert not Claim.objects.exists()


def test_auditor_sees_the_queue_without_the_acts(as_hat, hat_of, rows):
    text = text_of(as_hat(hat_of(Role.AUDITOR)).get(QUEUE))
    assert rows[0].reference in text
    assert "Claim next" not in text
    assert 'name="pick"' not in text


def test_facets_are_a_page_and_a_part_of_one(web, rows):
    address = reverse("selection:facets")
    page = text_of(web.get(address, {"status": "recommended"}))
    part = text_of(web.get(address, {"status": "recommended"}, headers={"HX-Request": "true"}))
    assert "<html" in page
    assert "<html" not in part
    assert f'href="{QUEUE}?status=recommended&population=adults_chronic"' in part
    assert 'id="queue-total" hx-swap-oob="true"> · 3 applications' in part
    assert f'hx-get="{address}?hpi=1"' in text_of(web.get(QUEUE, {"hpi": "1"}))


@pytest.mark.parametrize("address", ["facets", "my_claims", "views", "bulk"])
@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_one_row_and_three(
    web, cycle, analyst, address, count, django_assert_max_num_queries
):
    for n in range(count):
        row = handed_over(cycle, 70 + n)
        Claim.objects.create(application=row, person=analyst.user, claimed_at=timezone.now())
        SavedView.objects.create(owner=analyst.user, name=f"View {n}")
        BulkAct.objects.create(
            cycle=cycle, kind="release", done_by=analyst.user, done_at=timezone.now()
        )
    web.get(reverse(f"selection:{address}"))
    with django_assert_max_num_queries(8 if address == "facets" else 5):
        web.get(reverse(f"selection:{address}"))


@pytest.mark.parametrize(
    "query",
    [
        "", "q=clinic", "q=clinic&order=members", "claimed=nobody&flag=x&hpi=1", "plan=1&county=Kern",
        "mcp_min=1&adjusted_max=99&tribal=no&order=-payment&columns=claimed,county,submitted",
    ],
)  # fmt: skip
def test_no_filter_makes_the_list_cost_more_than_eight(
    web, rows, query, django_assert_max_num_queries
):
    web.get(QUEUE)
    with django_assert_max_num_queries(8):
        text_of(web.get(f"{QUEUE}?{query}"))
