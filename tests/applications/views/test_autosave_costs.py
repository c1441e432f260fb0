"""What an autosave of each control of the practice's pages costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.forms.practice import DesignatedForm, MemberForm, ProfileForm, SiteForm
from applications.models import MemberCount, Site
from tests.factories.accounts import OrganisationFactory

pytestmark = pytest.mark.django_db
AT_MOST = 6
PLAN = "the plan"
VALUES = {
    "name": "Fresno Family Medicine",
    "dba": "FFM",
    "npi": "1234567893",
    "tin": "94-1234567",
    "specialties": "pediatrics",
    "practice_types": "fqhc",
    "ehr": "Epic",
    "website": "https://ffm.example",
    "street": "2 Main Street",
    "city": "Clovis",
    "zip_code": "93702",
    "plan": PLAN,
    "members": "1,020",
    "as_of": "2026-01-30",
    "designated_mcp": PLAN,
}
CONTROLS = [
    *(("profile", "{name}", name) for name in ProfileForm.base_fields),
    *(("sites", "site-{row}-{name}", name) for name in SiteForm.base_fields),
    *(("members", "member-{row}-{name}", name) for name in MemberForm.base_fields),
    *(("members", "{name}", name) for name in DesignatedForm.base_fields),
]


@pytest.mark.parametrize(("page", "pattern", "name"), CONTROLS)
def test_an_autosave_costs_few_queries(as_hat, owner, ready, page, pattern, name):
    row = (Site if page == "sites" else MemberCount).objects.get().pk
    plan = OrganisationFactory(kind="mcp", name="Valley Health Plan").pk
    control, value = pattern.format(row=row, name=name), VALUES[name]
    data = {control: plan if value == PLAN else value, f"version:{control}": "0"}
    url, client = reverse(f"applications:{page}"), as_hat(owner)
    with CaptureQueriesContext(connection) as counted:
        response = client.post(url, data | {"autosave": control}, headers={"X-Autosave": "1"})
    assert (response.status_code, response.json()["errors"]) == (200, {})
    assert response.json()["versions"] == {control: 1}
    work = [query["sql"] for query in counted if "SAVEPOINT" not in query["sql"]]
    assert len(work) <= AT_MOST, "\n".join(work)
