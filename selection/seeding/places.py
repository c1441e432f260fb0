"""Where synthetic practices are: real California ZIP codes, their quartile, and the plans there."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from random import Random

import zipcodes

from accounts.models import Organisation
from programs.geography import STATE, county_of_zip
from programs.models import HpiQuartile, PlanCounty

HOME_COUNTY = "Los Angeles"
HOME_PLAN = "L.A. Care Health Plan"
HOME_PLAN_SHARE = 0.75


@dataclass(frozen=True)
class Place:
    """A ZIP code where people live. `quartile` is 1 to 4, None when not rated."""

    zip_code: str
    city: str
    county: str
    quartile: int | None


@dataclass
class Atlas:
    """Places by quartile and county, plans by county, and the quartile rows behind them."""

    quartiles: dict[str, HpiQuartile]
    plans: dict[str, list[Organisation]]
    by_quartile: dict[tuple[int | None, bool], list[Place]] = field(default_factory=dict)
    by_county: dict[str, list[Place]] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Atlas":
        """Read plans and quartiles (2 queries) and the ZIP codes of the package."""
        plans: dict[str, list[Organisation]] = {}
        rows = PlanCounty.objects.select_related("plan").order_by("plan__name", "county")
        for row in rows:
            plans.setdefault(row.county, []).append(row.plan)
        atlas = cls(HpiQuartile.objects.in_bulk(), plans)
        for row in zipcodes.filter_by(state=STATE, zip_code_type="STANDARD", active=True):
            atlas.add(row["zip_code"], row["city"])
        return atlas

    def add(self, zip_code: str, city: str) -> None:
        """Add a ZIP code whose county is known and has a plan."""
        county = county_of_zip(zip_code)
        if county not in self.plans:
            return
        rated = self.quartiles.get(zip_code)
        place = Place(zip_code, city, county, rated.quartile if rated else None)
        self.by_quartile.setdefault((place.quartile, county == HOME_COUNTY), []).append(place)
        self.by_county.setdefault(county, []).append(place)

    @cached_property
    def home_plan(self) -> Organisation:
        """The plan of the demo's plan people."""
        everybody = {plan.pk: plan for plans in self.plans.values() for plan in plans}
        named = [plan for plan in everybody.values() if plan.name == HOME_PLAN]
        return (named or list(everybody.values()))[0]

    def sites(
        self, quartile: int | None, count: int, home_share: float, rng: Random
    ) -> list[Place]:
        """Return `count` places in one county; the lowest quartile among them is `quartile`."""
        at_home = rng.random() < home_share
        there = self.by_quartile.get((quartile, at_home)) or self.by_quartile.get(
            (quartile, not at_home)
        )
        first = rng.choice(there or next(iter(self.by_quartile.values())))
        others = [
            place
            for place in self.by_county[first.county]
            if place is not first
            and (place.quartile is None or (first.quartile or 9) <= place.quartile)
        ]
        return [first, *rng.sample(others, min(count - 1, len(others)))]

    def plans_at(self, county: str, count: int, rng: Random) -> list[Organisation]:
        """Return up to `count` plans of the county; the first is the designated one."""
        there = rng.sample(self.plans[county], len(self.plans[county]))
        if self.home_plan in there and rng.random() < HOME_PLAN_SHARE:
            there.sort(key=lambda plan: plan != self.home_plan)
        return there[:count]


def counted_on(opens: date) -> date:
    """Return the day for which member counts are given: the first of the month of the opening."""
    return opens.replace(day=1)
