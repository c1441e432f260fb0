"""The cycle of the demo cohort, and the reference data that it needs."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.times import PACIFIC
from programs.domain.programs import store_cycle, store_version
from programs.domain.reference import HPI_SAMPLE_FILE, import_hpi, load_plans
from programs.models import Cycle, HpiQuartile, PlanCounty
from programs.packaged import packaged_text
from selection.seeding.flavours import Flavour

BUDGET = Decimal("97000000.00")
OPENING, CLOSING = time(9), time(17)
# Days from today: opens, closes, scoring due, decision expected.
OPEN_CYCLE = (-30, 20, 50, 80)
CLOSED_CYCLE = (-75, -40, -5, 25)


def load_reference() -> None:
    """Load the packaged plans and the HPI sample when there are none."""
    with_plans = PlanCounty.objects.filter(plan__kind=OrganisationKind.MCP)
    if not with_plans.exists():
        load_plans()
    if not HpiQuartile.objects.exists():
        import_hpi(HPI_SAMPLE_FILE)


def ensure_cycle(slug: str, flavour: Flavour) -> Cycle:
    """Return the cycle with this slug as it is, or make it with dates around today.

    Raises DomainError when the slug can't be one.
    """
    cycle = Cycle.objects.filter(slug=slug).first()
    if cycle is not None:
        return cycle
    opens, closes, due, decision = OPEN_CYCLE if flavour.is_open else CLOSED_CYCLE
    return store_cycle(
        slug,
        version=store_version(packaged_text()),
        title=f"EPT {slug.removeprefix('ept-').replace('-', ' ').title()} (demo)",
        opens_at=_pacific(opens, OPENING),
        closes_at=_pacific(closes, CLOSING),
        scoring_due_at=_pacific(due, CLOSING),
        decision_expected_at=_pacific(decision, CLOSING),
        budget=BUDGET,
    )


def organisation(slug: str, kind: str, name: str) -> Organisation:
    """Return the organisation with this slug, made when there is none."""
    found, _made = Organisation.objects.get_or_create(
        slug=slug, defaults={"kind": kind, "name": name}
    )
    return found


def _pacific(days: int, at: time) -> datetime:
    today = timezone.now().astimezone(PACIFIC).date()
    return datetime.combine(today + timedelta(days=days), at, tzinfo=PACIFIC)
