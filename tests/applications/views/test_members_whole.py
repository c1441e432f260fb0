"""The members page stores its table and the plan that scores together, or nothing of both."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from applications.models import Application, MemberCount, Site
from programs.models import PlanCounty
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


def test_the_plans_that_fit_come_first(as_hat, owner, ready):
    table_only = OrganisationFactory(kind="mcp", name="A table plan")
    here_only = OrganisationFactory(kind="mcp", name="B county plan")
    count = MemberCount.objects.get()
    MemberCount.objects.create(practice=count.practice, plan=table_only, members=3)
    PlanCounty.objects.create(plan=here_only, county=Site.objects.get().county)
    page = as_hat(owner).get(reverse("applications:members"))
    [empty, fit, rest] = page.context["designated"].fields["designated_mcp"].choices
    assert empty[0] == ""
    assert fit == (
        "In your table and in a county of your sites",
        [(str(count.plan_id), count.plan.name)],
    )
    assert rest[0] == "Not now: not in your table, or not in a county of your sites"
    assert [name for _pk, name in rest[1]] == ["A table plan", "B county plan"]
    assert "<optgroup" in page.content.decode()
