from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from programs.models import HpiQuartile, PlanCounty
from programs.queries import current_cycle, hpi_for_zips, plans_for_counties, plans_in_county
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def plans():
    names = {"Beta Plan": ("Kern", "Inyo"), "Alpha Plan": ("Kern",), "Gamma Plan": ("Mono",)}
    for name, counties in names.items():
        slug = name.lower().replace(" ", "-")
        plan = Organisation.objects.create(kind=OrganisationKind.MCP, name=name, slug=slug)
        PlanCounty.objects.bulk_create(PlanCounty(plan=plan, county=c) for c in counties)


def test_current_cycle_is_none_without_cycles():
    assert current_cycle() is None


def test_current_cycle_prefers_open_then_upcoming_then_latest(django_assert_num_queries):
    old = CycleFactory(closed=True)
    CycleFactory(
        opens_at=timezone.now() - timedelta(days=400),
        closes_at=timezone.now() - timedelta(days=300),
    )
    assert current_cycle() == old
    later = CycleFactory(opens_at=timezone.now() + timedelta(days=90))
    soon = CycleFactory(upcoming=True)
    assert current_cycle() == soon
    now_open = CycleFactory()
    with django_assert_num_queries(1):
        assert current_cycle() == now_open
    assert current_cycle(later.opens_at) == later


def test_plans_in_county_are_listed_by_name(plans):
    assert [plan.name for plan in plans_in_county("Kern")] == ["Alpha Plan", "Beta Plan"]
    assert not plans_in_county("Orange")


def test_plans_for_counties_are_listed_once(plans):
    found = plans_for_counties(["Inyo", "Kern", "Kern", ""])
    assert [plan.name for plan in found] == ["Alpha Plan", "Beta Plan"]


@pytest.mark.parametrize("zips", [["90001"], ["90001", "90002", "90001", "99999"]])
def test_hpi_for_zips_is_one_query(zips, django_assert_num_queries):
    HpiQuartile.objects.bulk_create(
        HpiQuartile(zip_code=zip_code, quartile=1, source="test", as_of=date(2023, 1, 1))
        for zip_code in ("90001", "90002", "90003")
    )
    with django_assert_num_queries(1):
        found = hpi_for_zips(zips)
    assert set(found) == set(zips) - {"99999"}
    assert found["90001"].quartile == 1
