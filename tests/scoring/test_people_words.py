"""How a choice names a person: role, open reviews, and why nothing more can be given."""

from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from scoring.domain import assignments, team
from scoring.forms.people import reviewer_label, why_no_more
from scoring.queries import reviewers_of
from tests.scoring.building import a_lead, a_reviewer, submitted


@pytest.mark.parametrize(
    ("away_until", "limit", "words"),
    [
        (None, None, ""),
        (None, 0, "limit of 0 reached"),
        (None, 12, "limit of 12 reached"),
        (date(2023, 12, 8), None, "away until Dec 8, 2023"),
        (date(2023, 12, 8), 12, "away until Dec 8, 2023"),
    ],
)
def test_why_somebody_takes_no_more(away_until, limit, words):
    assert why_no_more(away_until, limit) == words


@pytest.mark.django_db
def test_a_choice_says_role_load_and_why_not(as_hat):
    lead = a_lead()
    free, full = a_reviewer(lead), a_reviewer(lead)
    team.set_profile(full, max_open=1, counties=[], specialties=[], by=lead)
    team.set_profile(free, max_open=2, counties=[], specialties=[], by=lead)
    for hat in (free, full):
        assignments.assign(submitted(lead), reviewer=hat, by=lead)
    labels = {hat.pk: reviewer_label(hat) for hat in reviewers_of(lead.organisation)}
    assert labels == {
        lead.pk: f"{lead.user.full_name}, MCP lead (0 open)",
        free.pk: f"{free.user.full_name}, MCP reviewer (1 open)",
        full.pk: f"{full.user.full_name}, MCP reviewer (1 open): limit of 1 reached",
    }
    page = as_hat(lead).get(reverse("scoring:application", args=[submitted(lead).pk]))
    assert all(label in unescape(page.content.decode()) for label in labels.values())
