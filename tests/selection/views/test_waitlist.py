import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from selection.domain import offers
from selection.models import Offer
from tests.factories.programs import CycleFactory
from tests.selection.after_release import (
    WHY,
    cost_of,
    decline,
    late,
    release,
    statuses,
    suggested,
)

pytestmark = pytest.mark.django_db
ACTS = ("confirm_offer", "pass_over", "put_back")


@pytest.fixture
def cycle():
    return CycleFactory(closed=True)


@pytest.fixture
def cohort(cycle, analyst, approver):
    return release(cycle, analyst, approver)


def text_of(response, status=200):
    assert response.status_code == status
    return unescape(response.content.decode())


def page_of(web, name="waitlist", **query):
    return text_of(web.get(reverse(f"selection:{name}"), query))


def address(name, application):
    offer = Offer.objects.get(application=application, is_promotion=True)
    return reverse(f"selection:{name}", args=[offer.pk])


def close_to(hat, application):
    ConflictCheck.objects.create(
        application=application, person=hat.user, rule="family", source=ConflictSource.SELF,
        hard=True, outcome=ConflictOutcome.FAILED, stated_by="x", stated_at=timezone.now(),
    )  # fmt: skip


def test_before_a_release_there_is_no_waitlist(as_hat, analyst, cycle):
    assert "Nothing is released yet" in page_of(as_hat(analyst))
    assert "No place is offered yet." in page_of(as_hat(analyst), "offers")


def test_staff_confirm_the_suggestion(as_hat, analyst, cycle, cohort):
    rows, owners = cohort
    web = as_hat(analyst)
    text = page_of(web)
    assert "No suggestion waits for you." in text
    assert [text.index(rows[name].reference) for name in ("w1", "w2", "w3")] == sorted(
        text.index(rows[name].reference) for name in ("w1", "w2", "w3")
    )
    decline(rows["one"], owners["one"])
    path = address("confirm_offer", rows["w1"])
    assert path in page_of(web)
    text = text_of(web.get(path))
    assert "A new record is sealed and published." in text
    assert f'href="{reverse("selection:waitlist")}?cycle={cycle.slug}"' in text
    text = text_of(web.post(path, follow=True))
    assert "The place is offered." in text
    assert statuses(rows)["w1"] == "selected"
    text = text_of(web.get(path))
    assert "This suggestion is over" in text
    assert "Waits for the practice" in text


def next_part(text):
    [part] = re.findall(r'<div class="next-in-line">(.*?)</div>\s*</section>', text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


def test_it_says_who_is_next_and_what_is_missing(as_hat, analyst, approver, cycle):
    rows, owners = release(cycle, analyst, approver, w1=3000)
    web, cost, freed = as_hat(analyst), cost_of(cycle, 3000), cost_of(cycle)
    name = f"{rows['w1'].reference} {rows['w1'].practice.name}"
    asked = f"Next in line Rank 3: {name} Its payment ${cost:,.0f} Free for the waitlist"
    assert next_part(page_of(web)).startswith(f"{asked} $0 Missing ${cost:,.0f} ")
    decline(rows["one"], owners["one"])
    text = page_of(web)
    assert "No suggestion waits for you." in text
    lacks = f"${freed:,.0f} Missing ${cost - freed:,.0f} Nobody is skipped"
    assert next_part(text).startswith(f"{asked} {lacks}")
    assert next_part(text).endswith("Budget that the release left over does not count.")


def test_the_next_one_after_the_suggestions_is_said_too(as_hat, analyst, cohort):
    rows, owners = cohort
    decline(rows["one"], owners["one"])
    found = next_part(page_of(as_hat(analyst)))
    assert found.startswith(f"Next after these Rank 4: {rows['w2'].reference} ")


def test_a_conflict_hides_who_is_next_and_the_payment(as_hat, analyst, cohort):
    rows, _owners = cohort
    close_to(analyst, rows["w1"])
    found = next_part(page_of(as_hat(analyst)))
    assert found.startswith("Next in line Rank 3. A conflict of interest hides this practice from")
    assert "$" not in found


def test_nobody_in_line_has_no_next(as_hat, analyst, cohort):
    rows, owners = cohort
    for name in ("one", "two"):
        decline(rows[name], owners[name])
    web = as_hat(analyst)
    for name in ("w1", "w2", "w3"):
        web.post(address("pass_over", rows[name]), {"reason": WHY})
    assert "next-in-line" not in page_of(web)


def test_staff_pass_over_and_put_back(as_hat, analyst, cohort):
    rows, owners = cohort
    decline(rows["one"], owners["one"])
    web, path = as_hat(analyst), address("pass_over", rows["w1"])
    text_of(web.get(path))
    assert "Write 10 characters or more." in text_of(web.post(path, {"reason": "no"}), 422)
    text = text_of(web.post(path, {"reason": WHY}, follow=True))
    assert WHY in text
    assert suggested() == [rows["w2"].pk]
    path = address("put_back", rows["w1"])
    assert path in text
    assert web.get(path).status_code == 302
    text = text_of(web.post(path, follow=True))
    assert "The practice is back in line." in text
    assert WHY not in text
    assert "was not passed over" in text_of(web.post(address("put_back", rows["w2"]), follow=True))


def test_offers_by_state(as_hat, analyst, cohort):
    rows, owners = cohort
    offers.accept(rows["one"], by=owners["one"])
    decline(rows["two"], owners["two"])
    web = as_hat(analyst)
    text = page_of(web, "offers")
    assert rows["one"].reference in text
    assert WHY in text
    assert rows["w1"].reference not in text
    text = page_of(web, "offers", state="accepted")
    assert rows["one"].reference in text
    assert rows["two"].reference not in text
    assert "No offer is in this state." in page_of(web, "offers", state="expired")


@pytest.mark.parametrize(
    "query", [{"page": "²"}, {"page": "9" * 40}, {"page": "-1"}, {"state": "\0"}]
)
def test_an_odd_address_of_the_offers_is_a_page(as_hat, analyst, cohort, query):
    page_of(as_hat(analyst), "offers", **query)


@pytest.mark.parametrize("query", [{"after": "²"}, {"after": "9" * 40}, {"before": "\0"}])
def test_an_odd_address_of_the_line_is_a_page(as_hat, analyst, cohort, query):
    page_of(as_hat(analyst), **query)


def test_a_conflict_hides_the_practice_and_its_acts(as_hat, analyst, cohort):
    rows, owners = cohort
    decline(rows["one"], owners["one"])
    close_to(analyst, rows["w1"])
    web = as_hat(analyst)
    for text in (page_of(web), page_of(web, "offers")):
        assert rows["w1"].reference not in text
        assert rows["w1"].practice.name not in text
    assert "Hidden from you by a conflict of interest" in page_of(web)
    for name in ACTS:
        response = web.post(address(name, rows["w1"]), {"reason": WHY})
        assert response.status_code == 404
    assert suggested() == [rows["w1"].pk]


def test_auditors_read_and_do_not_act(as_hat, hat_of, cohort):
    rows, owners = cohort
    decline(rows["one"], owners["one"])
    web = as_hat(hat_of(Role.AUDITOR))
    text = page_of(web)
    assert rows["w1"].reference in text
    assert address("confirm_offer", rows["w1"]) not in text
    for name in ACTS:
        assert web.post(address(name, rows["w1"]), {"reason": WHY}).status_code == 403


@pytest.mark.parametrize("role", [Role.PRACTICE_OWNER, Role.MCP_LEAD, Role.MILESTONE_REVIEWER])
def test_nobody_outside_dhcs_opens_it(as_hat, hat_of, cohort, role):
    rows, owners = cohort
    decline(rows["one"], owners["one"])
    web = as_hat(hat_of(role))
    assert web.get(reverse("selection:waitlist")).status_code == 403
    assert web.get(reverse("selection:offers")).status_code == 403
    for name in ACTS:
        assert web.post(address(name, rows["w1"]), {"reason": WHY}).status_code == 404


@pytest.mark.parametrize("name", ["waitlist", "offers"])
def test_queries_do_not_grow_with_the_rows(as_hat, analyst, cycle, cohort, name):
    rows, owners = cohort
    web = as_hat(analyst)
    decline(rows["one"], owners["one"])
    page_of(web, name)
    few = count(web, name)
    decline(rows["two"], owners["two"])
    late(rows["w1"])
    assert count(web, name) == few <= 16


def count(web, name):
    with CaptureQueriesContext(connection) as queries:
        page_of(web, name)
    return len(queries)
