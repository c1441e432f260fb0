"""What the practice's pages cost in every state: at most twelve queries, however long the lists."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.domain import submission
from applications.models import LateAccess
from scoring.domain import scores

pytestmark = pytest.mark.django_db
STATES = ["draft", "last_week", "late_access", "returned"]
PAGES = ["home", "status", "practice", "profile", "sites", "members", "documents", "messages"]
OWN_PAGES = ["review", "receipt", "withdraw", "presence"]


@pytest.fixture(params=STATES)
def state(request, ready, owner, hat_of):
    """Bring the practice's application into a state, and the clock to a time in it."""
    cycle = ready.cycle
    moment = timezone.now()
    if request.param == "last_week":
        moment = cycle.closes_at - timedelta(days=2)
    if request.param == "late_access":
        moment = cycle.closes_at + timedelta(hours=1)
        LateAccess.objects.create(
            practice=ready.practice,
            cycle=cycle,
            until=cycle.closes_at + timedelta(days=2),
            reason="Fire",
            created_at=moment,
        )
    if request.param == "returned":
        submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner)
        lead = hat_of(Role.MCP_LEAD, ready.designated_mcp)
        notes = {"contacts": "Name them.", "members": "Count again."}
        scores.return_to_practice(ready, reason="Two facts.", notes=notes, by=lead)
    with time_machine.travel(moment, tick=False):
        yield request.param


def get(client, application, name):
    if name == "section":
        return client.get(reverse("applications:section", args=[application.pk, "contacts"]))
    if name == "locked_section":
        return client.get(reverse("applications:section", args=[application.pk, "narratives"]))
    if name == "presence":
        url = reverse("applications:presence", args=[application.pk, "contacts"])
        return client.post(url, {"progress": "1"})
    if name in OWN_PAGES:
        return client.get(reverse(f"applications:{name}", args=[application.pk]))
    return client.get(reverse(f"applications:{name}"))


@pytest.mark.parametrize("page", [*PAGES, *OWN_PAGES, "section", "locked_section"])
def test_a_page_costs_at_most_twelve_queries(
    as_hat, owner, ready, state, page, django_assert_max_num_queries
):
    client = as_hat(owner)
    get(client, ready, page)
    with django_assert_max_num_queries(12):
        response = get(client, ready, page)
    assert response.status_code in (200, 302)
