"""The members page stores its table and the plan that scores together, or nothing of both."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from applications.models import Application, MemberCount
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("early", "status", "members"), [(True, 409, 920), (False, 302, 7)])
def test_a_refused_plan_leaves_the_table_as_it_was(as_hat, owner, ready, early, status, members):
    count, before = MemberCount.objects.get(), ready.designated_mcp
    plan = OrganisationFactory(kind="mcp", name="Valley Health Plan")
    control = f"member-{count.pk}-members"
    data = {control: "7", f"version:{control}": "0"}
    data |= {"designated_mcp": str(plan.pk), "version:designated_mcp": "0"}
    moment = ready.cycle.opens_at + timedelta(seconds=-1 if early else 1)
    client = as_hat(owner)
    with time_machine.travel(moment, tick=False):
        response = client.post(reverse("applications:members"), data)
    assert response.status_code == status
    if early:
        page = response.content.decode()
        assert "Not saved" in page
        assert 'value="7"' in page
    count.refresh_from_db()
    assert count.members == members
    named = Application.objects.get(pk=ready.pk).designated_mcp
    assert named == (before if early else plan)
