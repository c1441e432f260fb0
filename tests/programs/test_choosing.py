"""Which cycle a staff page is about."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from programs.choosing import choose_cycle, to_decide, to_score
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


def asked(rf, query="", session=None):
    request = rf.get(f"/queue/{query}")
    request.session = {} if session is None else session
    return request


def cohorts():
    """Return a closed cycle whose scores were due, an open one, and one that opens later."""
    closed = CycleFactory(closed=True, scoring_due_at=timezone.now() - timedelta(days=5))
    return closed, CycleFactory(), CycleFactory(upcoming=True)


def test_scoring_goes_on_where_scores_are_due_and_deciding_where_it_closed(rf):
    closed, opened, _upcoming = cohorts()
    assert choose_cycle(asked(rf), to_score) == opened
    assert choose_cycle(asked(rf), to_decide) == closed


def test_choice_in_the_url_is_kept_for_the_session(rf):
    closed, opened, upcoming = cohorts()
    session = {}
    first = asked(rf, f"?cycle={opened.slug}", session)
    assert choose_cycle(first, to_decide) == opened
    assert first.cycles == [closed, opened]
    assert choose_cycle(asked(rf, session=session), to_decide) == opened
    assert choose_cycle(asked(rf, f"?cycle={upcoming.slug}", session), to_decide) == opened
    assert choose_cycle(asked(rf, "?cycle=no-such-cycle"), to_decide) == closed


def test_cycle_to_come_is_shown_while_there_is_no_other(rf):
    upcoming = CycleFactory(upcoming=True)
    assert choose_cycle(asked(rf), to_decide) == upcoming


def test_no_cycle_at_all(rf):
    request = asked(rf)
    assert choose_cycle(request, to_score) is None
    assert (request.cycle, request.cycles) == (None, [])


def test_queue_offers_the_cycles_to_switch_between(as_hat, analyst):
    closed, opened, _upcoming = cohorts()
    text = as_hat(analyst).get(reverse("selection:queue")).content.decode()
    links = [f'href="?cycle={cycle.slug}"' in text for cycle in (closed, opened)]
    assert links == [True, True]
