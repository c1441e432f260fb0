"""Reads of cycles and reference data."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from programs.models import Cycle, HpiQuartile


def current_cycle(at: datetime | None = None) -> Cycle | None:
    """The open cycle, else the next to open, else the one that closed last; None without cycles.

    One query, as a portal has few cycles. When several are open, the first to close.
    """
    return choose_current(Cycle.objects.order_by("closes_at", "pk"), at or timezone.now())


def choose_current(cycles: Iterable[Cycle], now: datetime) -> Cycle | None:
    """Choose the current one of all `cycles`, which come in the order in which they close."""
    known = list(cycles)
    is_open = [cycle for cycle in known if cycle.is_open(now)]
    to_open = sorted(
        (cycle for cycle in known if cycle.opens_at > now), key=lambda cycle: cycle.opens_at
    )
    return next(iter(is_open + to_open + known[::-1]), None)


def plans_for_counties(counties: Iterable[str]) -> QuerySet[Organisation]:
    """The managed care plans that serve at least one of these counties, by name."""
    return (
        Organisation.objects.filter(
            kind=OrganisationKind.MCP, counties__county__in=sorted(set(counties))
        )
        .distinct()
        .order_by("name", "pk")
    )


def plans_in_county(county: str) -> QuerySet[Organisation]:
    """The managed care plans that serve this county, by name."""
    return plans_for_counties([county])


def hpi_for_zips(zips: Iterable[str]) -> dict[str, HpiQuartile]:
    """Quartile rows by ZIP code, one query; ZIP codes that are not rated are left out."""
    return HpiQuartile.objects.in_bulk(sorted(set(zips)))
