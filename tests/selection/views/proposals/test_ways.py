"""Where one goes on from a proposal: what changed, its rules once more, what its release led to."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.models import Application
from core.times import long
from selection.domain import approving, proposing, scenarios, staleness
from selection.models import DecisionRecord
from tests.factories.programs import CycleFactory
from tests.selection.building import (
    WHY,
    approved,
    cohort,
    handed_over,
    proposed,
    published,
)
from tests.selection.views.proposals.pages import act, offered, page_of, text_of

pytestmark = pytest.mark.django_db


def test_stale_proposal_says_what_changed(web, cycle, applications, analyst, approver):
    found = approved(cycle, analyst, approver)
    late = handed_over(cycle, 90)
    text = text_of(act(web, "release", found), 409)
    assert "1 application changed after this was proposed." in text
    page = page_of(web, found)
    assert "This proposal is out of date" in page
    assert reverse("selection:application", args=[late.pk]) in page
    assert offered(page) == set()


def links_of(text):
    """Return the addresses of a page by the words of their links."""
    return {
        words: href for href, words in re.findall(r'<a [^>]*href="([^"]*)"[^>]*>([^<]+)</a>', text)
    }


AGAIN, BACK = "Propose these rules again", "Go to the workbench with these rules"


def test_stale_proposal_leads_back_to_its_rules(as_hat, cycle, applications, analyst):
    found = proposed(cycle, analyst, threshold=61)
    staleness.mark(found.pk, [applications["near"].reference])
    web = as_hat(analyst)
    ways = links_of(page_of(web, found))
    assert ways[BACK] == f"{reverse('selection:workbench', args=[cycle.slug])}?threshold=61"
    form = text_of(web.get(ways[AGAIN]))
    assert "at 61 points" in form or "61 points, and more" in form
    assert WHY in form.split('name="rationale"')[1].split("</textarea>")[0]


def test_stale_proposal_leads_back_to_its_scenario(as_hat, web, cycle, applications, analyst):
    scenario = scenarios.create(
        cycle=cycle, name="Lower", note="", rules=published(cycle, threshold=61), is_shared=False,
        by=analyst,
    )  # fmt: skip
    found = proposing.propose(
        cycle=cycle, rules=published(cycle, threshold=61), rationale=WHY, by=analyst,
        scenario=scenario,
    )  # fmt: skip
    staleness.mark(found.pk, [applications["near"].reference])
    there = reverse("selection:workbench", args=[cycle.slug])
    own = links_of(page_of(as_hat(analyst), found))
    assert own[BACK] == f"{there}?scenario={scenario.pk}"
    assert links_of(page_of(web, found))[BACK] == f"{there}?threshold=61"


def changed_in(text):
    part = text.split("Changed:")[1].split("</ul>")[0]
    items = [re.sub(r"<[^>]*>", "", item).strip() for item in part.split("<li>")[1:]]
    return dict(item.split(": ", 1) for item in items)


def test_what_changed_is_said_of_each(web, cycle, applications, analyst):
    found = proposed(cycle, analyst)
    above, near, below = (applications[name] for name in ("above", "near", "below"))
    late = handed_over(cycle, 90)
    Application.objects.filter(pk=above.pk).update(mcp_score=82, adjusted_score=82, members=5)
    Application.objects.filter(pk=near.pk).update(status="withdrawn", withdrawn_at=timezone.now())
    staleness.mark(found.pk, [one.reference for one in (above, near, below, late)])
    assert changed_in(page_of(web, found)) == {
        above.reference: f"MCP score was 85, is 82; Assigned members was {above.members:,}, is 5",
        near.reference: "now: Withdrawn",
        below.reference: "taken back and handed over again with the same facts",
        late.reference: "handed over after this was proposed",
    }


def test_words_of_another_cycle_are_not_carried_over(web, cycle, applications, analyst):
    found = proposed(cycle, analyst)
    other = CycleFactory(closed=True)
    cohort(other)
    address = reverse("selection:propose", args=[other.slug])
    for pk in (found.pk, "x", "9" * 20):
        assert WHY not in text_of(web.get(address, {"again": pk}))


def test_refused_act_is_headed_with_what_it_is(web, cycle, applications, analyst):
    found = proposed(cycle, analyst)
    handed_over(cycle, 90)
    text = text_of(act(web, "approve", found), 409)
    assert "Nothing was approved" in text.split('class="error-summary__title"')[1].split("</h2>")[0]
    assert "Check what you entered" not in text


def test_released_proposal_leads_on(web, cycle, applications, analyst, approver):
    found = approved(cycle, analyst, approver)
    assert "Decision record" not in page_of(web, found)
    act(web, "release", found)
    text = page_of(web, found)
    ways = links_of(text)
    record = DecisionRecord.objects.get(proposal=found)
    assert ways["Decision record"] == reverse("selection:record", args=[record.pk])
    assert ways["Public page"] == reverse("selection:cohort", args=[cycle.slug])
    assert f'href="{reverse("selection:letter", args=[applications["above"].pk])}"' in text
    assert "/queue/?cycle=" in ways["Who was decided on, in the queue"]


def test_public_page_is_not_linked_before_its_day(web, cycle, applications, analyst, approver):
    later = timezone.now() + timedelta(days=9)
    found = proposing.propose(
        cycle=cycle, rules=published(cycle), rationale=WHY, publish_at=later, by=analyst
    )
    approving.approve(found, by=approver, publish_at=later)
    act(web, "release", found)
    text = page_of(web, found)
    assert "Public page" not in links_of(text)
    assert f"The public page appears {long(later)}." in text


def test_costs_are_whole_dollars(web, cycle, applications, analyst):
    Application.objects.filter(pk=applications["above"].pk).update(
        members=6001, potential_payment="369061.50"
    )
    found = proposed(cycle, analyst)
    for text in (text_of(web.get(reverse("selection:decisions"))), page_of(web, found)):
        assert "$649,662" in text
        assert "$649,661.50" not in text


def test_mix_counts_who_is_not_rated(web, cycle, applications, analyst):
    Application.objects.filter(pk=applications["above"].pk).update(hpi_quartile=2)
    Application.objects.filter(pk=applications["lifted"].pk).update(hpi_quartile=None)
    text = page_of(web, proposed(cycle, analyst))
    part = text.split('class="picture__title">HPI quartile<')[1].split("</figure>")[0]
    table = part.split("<tbody>")[1]
    shares = re.findall(r'<th scope="row">([^<]+)</th>.*?([\d.]+)%</td>', table)
    assert [one for one in shares if one[1] != "0.0"] == [
        ("HPI quartile 2", "50.0"), ("Not rated", "50.0"),
    ]  # fmt: skip
