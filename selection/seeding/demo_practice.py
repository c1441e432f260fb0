"""The practice of the demo's owner and contributor, with its half-finished draft."""

from accounts.enums import OrganisationKind
from accounts.models import Membership, Organisation
from applications.models import MemberCount, Practice, Site
from core.times import PACIFIC
from programs.models import Cycle
from selection.seeding.applications import Filed, draft
from selection.seeding.cycle import organisation
from selection.seeding.flavours import Window
from selection.seeding.outcomes import Target
from selection.seeding.places import HOME_COUNTY, Atlas, counted_on
from selection.seeding.practices import Made, profile
from selection.seeding.texts import seeded

SLUG = "boyle-heights-family-medicine"
NAME = "Boyle Heights Family Medicine"
NUMBER = 99_999_999
MEMBERS = 2_400


def the_practice() -> Organisation:
    """Return the demo practice as an organisation, made when there is none."""
    return organisation(SLUG, OrganisationKind.PRACTICE, NAME)


def half_finished(
    pk: int, reference: str, cycle: Cycle, owner: Membership, atlas: Atlas, window: Window
) -> tuple[Filed, bool]:
    """Return the demo practice's draft, not stored, and whether its profile is new."""
    rng = seeded(SLUG)
    target = Target("children_youth", ("small_independent",), quartile=1, mcp_score=60)
    at = window.started(rng)
    stored = Practice.objects.filter(pk=owner.organisation_id).select_related("organisation")
    if practice := stored.first():
        made = Made(
            target,
            rng,
            owner,
            practice,
            list(practice.sites.all()),
            list(practice.member_counts.select_related("plan")),
        )
        return draft(pk, reference, cycle, made, at=at, complete=False), False
    practice = profile(owner.organisation, NUMBER, target, by=owner.user.full_name, at=at, rng=rng)
    place = next(iter(atlas.by_county.get(HOME_COUNTY) or next(iter(atlas.by_county.values()))))
    site = Site(
        practice=practice,
        name="Main site",
        street="1200 East First Street",
        city=place.city,
        zip_code=place.zip_code,
        county=place.county,
    )
    as_of = counted_on(at.astimezone(PACIFIC).date())
    count = MemberCount(practice=practice, plan=atlas.home_plan, members=MEMBERS, as_of=as_of)
    made = Made(target, rng, owner, practice, [site], [count])
    return draft(pk, reference, cycle, made, at=at, complete=False), True
