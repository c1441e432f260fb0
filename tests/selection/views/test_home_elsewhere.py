"""A practice finds what became of its applications to other cycles on its first page."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from selection.domain import offers
from tests.factories.applications import ApplicationFactory
from tests.factories.programs import CycleFactory
from tests.selection.asking import a_decided_cohort
from tests.selection.building import owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided():
    """A decided cohort, while another cycle is open."""
    found = a_decided_cohort(CycleFactory(closed=True, title="EPT Cohort 1", slug="one"))
    CycleFactory(title="EPT Cohort 2", slug="two")
    return found


def main_of(web):
    text = web.get(reverse("applications:home")).content.decode().split("<main")[1]
    return " ".join(re.sub(r"<(?!a )[^>]*>", " ", text.split("</main>")[0]).split())


def link(name, application):
    return f'href="{reverse(f"selection:{name}", args=[application.pk])}"'


def test_an_offer_of_another_cycle_comes_first(as_hat, decided):
    one = decided.applications["above"]
    text = main_of(as_hat(decided.owners["above"]))
    assert text.index("Your practice is selected for EPT Cohort 1") < text.index("Start your")
    assert text.count(link("place", one)) == 2
    assert link("letter", one) in text
    offers.accept(one, by=decided.owners["above"])
    text = main_of(as_hat(decided.owners["above"]))
    assert "Your practice is selected for EPT Cohort 1" not in text
    assert "See your place" in text


def test_who_is_not_selected_finds_letter_and_request(as_hat, decided):
    web, one = as_hat(decided.owners["below"]), decided.applications["below"]
    text = main_of(web)
    assert "Your other applications EPT Cohort 1" in text
    assert link("letter", one) in text
    assert link("place", one) not in text
    decided.ask("below")
    assert "You asked DHCS on" in main_of(web)


def test_nothing_is_shown_of_drafts_and_of_others(as_hat, decided):
    draft = ApplicationFactory(cycle=CycleFactory(closed=True, slug="three"))
    assert "Your other applications" not in main_of(as_hat(owner_of(draft)))


def test_home_costs_the_same_with_one_and_three(as_hat, decided):
    one, counts = decided.applications["near"], []
    web = as_hat(decided.owners["near"])
    main_of(web)
    for more in (0, 2):
        for number in range(more):
            cycle = CycleFactory(closed=True, slug=f"more-{number}")
            one.pk, one.reference, one.cycle = None, f"EPT1-00090{number}-0", cycle
            one.save()
        with CaptureQueriesContext(connection) as counted:
            main_of(web)
        counts.append(len(counted))
    assert counts[0] == counts[1] <= 12
