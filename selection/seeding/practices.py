"""Synthetic practices with their owner, sites and member counts: rows made, not stored."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.utils.text import slugify
from stdnum import luhn

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation
from applications.identifiers import NPI_PREFIX, encrypt, tin_digest
from applications.models import MemberCount, Practice, Site
from core.times import PACIFIC
from selection.seeding import words
from selection.seeding.members import split
from selection.seeding.outcomes import Target
from selection.seeding.people import hat
from selection.seeding.places import Atlas, counted_on
from selection.seeding.texts import person_name, practice_name

OWNERS_DOMAIN = "practices.example"
EIN_PREFIXES = ("94", "95", "33", "68", "77")
NPI_STEP, TIN_STEP = 7_368_787, 3_333_331
NUMBERS = 10**8


@dataclass
class Made:
    """One practice to store: its rows, what it is to become, and its own random generator."""

    target: Target
    rng: Random
    owner: Membership
    practice: Practice
    sites: list[Site]
    counts: list[MemberCount]

    @property
    def organisation(self) -> Organisation:
        """The practice as an organisation."""
        return self.practice.organisation

    @property
    def city(self) -> str:
        """City of the first site."""
        return self.sites[0].city


def make(
    number: int,
    target: Target,
    *,
    atlas: Atlas,
    home_share: float,
    taken: set[str],
    at: datetime,
    rng: Random,
) -> Made:
    """Return practice `number` (1, 2, …: it makes NPI, TIN and address unique) for `target`."""
    places = atlas.sites(
        target.quartile, rng.choices((1, 2, 3, 4), (55, 25, 13, 7))[0], home_share, rng
    )
    name = practice_name(places[0].city, target.types, target.population, taken, rng)
    organisation = Organisation(
        kind=OrganisationKind.PRACTICE,
        name=name,
        slug=f"{slugify(name)[:60]}-{number}",
        created_at=at,
    )
    email = f"owner-{number:04d}@{OWNERS_DOMAIN}"
    owner = hat(email, person_name(rng), Role.PRACTICE_OWNER, organisation, at=at)
    practice = profile(organisation, number, target, by=owner.user.full_name, at=at, rng=rng)
    sites = [
        Site(
            name=f"{place.city} {words.SITE_NAMES[index].lower()}",
            street=f"{rng.randint(100, 9800)} {rng.choice(words.STREETS)}",
            city=place.city,
            zip_code=place.zip_code,
            county=place.county,
        )
        for index, place in enumerate(places)
    ]
    plans = atlas.plans_at(places[0].county, rng.choice((1, 2, 2, 3)), rng)
    counts = [
        MemberCount(plan=plan, members=members, as_of=counted_on(at.astimezone(PACIFIC).date()))
        for plan, members in zip(plans, split(target.members, len(plans), rng), strict=False)
    ]
    return Made(target, rng, owner, practice, sites, counts)


def profile(
    organisation: Organisation, number: int, target: Target, *, by: str, at: datetime, rng: Random
) -> Practice:
    """Return the profile of practice `number`, with an NPI and a TIN that pass the portal's checks."""
    tin = f"{rng.choice(EIN_PREFIXES)}{number * TIN_STEP % 10**7:07d}"
    specialties = {"family_medicine", rng.choice(("internal_medicine", "pediatrics"))}
    if target.population == "pregnant":
        specialties.add("primary_care_obgyn")
    if target.population == "behavioral_health":
        specialties.add("integrated_behavioral_health")
    return Practice(
        organisation=organisation,
        npi=npi(number),
        tin_encrypted=encrypt(tin),
        tin_last4=tin[-4:],
        tin_digest=tin_digest(tin),
        specialties=sorted(specialties),
        practice_types=sorted(target.types),
        ehr=rng.choice(words.EHRS),
        website=f"https://{organisation.slug}.example",
        version=4,
        updated_by=by,
        updated_at=at,
    )


def npi(number: int) -> str:
    """Return the NPI of practice `number`: ten digits with the check digit over 80840 + NPI."""
    digits = f"1{number * NPI_STEP % NUMBERS:08d}"
    return digits + luhn.calc_check_digit(NPI_PREFIX + digits)
