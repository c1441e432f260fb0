"""The demo's people, the synthetic plans' staff, and accounts in bulk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from accounts.demo import DEMO_DOMAIN, DEMO_PASSWORD
from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from selection.seeding.copying import copy_in, relink
from selection.seeding.cycle import organisation
from selection.seeding.texts import person_name

PLANS_DOMAIN = "plans.example"
DEMO_REVIEWER_WEIGHT = 3

# Address, name, role; in the order in which the sign-in page offers them.
OF_PRACTICE = (
    ("owner", "Marisol Vega", Role.PRACTICE_OWNER),
    ("contributor", "Devon Clarke", Role.PRACTICE_CONTRIBUTOR),
)
OF_PLAN = (
    ("lead", "Naomi Brooks", Role.MCP_LEAD),
    ("reviewer", "Arjun Mehta", Role.MCP_REVIEWER),
)
OF_DHCS = (
    ("analyst", "Helen Zhou", Role.DHCS_ANALYST),
    ("second-analyst", "Ines Ortega", Role.DHCS_ANALYST),
    ("approver", "Victor Salas", Role.DHCS_APPROVER),
    ("administrator", "Ruth Kaplan", Role.DHCS_ADMINISTRATOR),
    ("auditor", "Peter Lindqvist", Role.AUDITOR),
)
OF_OFFICE = (("milestones", "Amara Okoye", Role.MILESTONE_REVIEWER),)


@dataclass
class Staff:
    """Who works on applications in one plan."""

    leads: list[Membership] = field(default_factory=list)
    reviewers: list[Membership] = field(default_factory=list)

    def lead(self, rng: Random) -> Membership:
        """Return who acts for the plan: the first lead (in the demo's plan, the demo's)."""
        return self.leads[0]

    def reviewer(self, rng: Random) -> Membership:
        """Return who scores; in the demo's plan the demo's reviewer gets most of the work."""
        more = DEMO_REVIEWER_WEIGHT if len(self.reviewers) > 2 else 1
        weights = [more] + [1] * (len(self.reviewers) - 1)
        return rng.choices(self.reviewers, weights)[0]


def hat(
    email: str, name: str, role: str, of: Organisation, *, at: datetime, password: str | None = None
) -> Membership:
    """Return an unsaved membership of an unsaved person. `password` is a hash, None: can't sign in."""
    user = User(
        email=email,
        full_name=name,
        password=password or make_password(None),
        date_joined=at,
        is_active=True,
    )
    return Membership(user=user, organisation=of, role=role, created_at=at)


def store(hats: Iterable[Membership]) -> None:
    """Store people and memberships made by `hat`, by COPY."""
    rows = list(hats)
    copy_in([row.user for row in rows])
    for row in rows:
        relink(row, "user", "organisation")
    copy_in(rows)


def demo_people(practice: Organisation, plan: Organisation, *, at: datetime) -> list[Membership]:
    """Return the demo's people, making who is missing: one password, addresses verified."""
    dhcs = organisation("dhcs", OrganisationKind.DHCS, "Department of Health Care Services")
    office = organisation("phlc", OrganisationKind.PHLC, "Population Health Learning Center")
    password = make_password(DEMO_PASSWORD)
    wanted = [
        hat(f"{box}@{DEMO_DOMAIN}", name, role, of, at=at, password=password)
        for of, people in (
            (practice, OF_PRACTICE),
            (plan, OF_PLAN),
            (dhcs, OF_DHCS),
            (office, OF_OFFICE),
        )
        for box, name, role in people
    ]
    known = _known(wanted)
    new = [row for row in wanted if row.user.email not in known]
    store(new)
    copy_in(
        [
            EmailAddress(user=row.user, email=row.user.email, verified=True, primary=True)
            for row in new
        ]
    )
    return [known.get(row.user.email, row) for row in wanted]


def plan_staff(
    plans: Iterable[Organisation], demo: Iterable[Membership], *, at: datetime, rng: Random
) -> dict[int, Staff]:
    """Return one lead and two reviewers a plan by its id, and the demo's people before them."""
    wanted = []
    for plan in plans:
        boxes = (
            (f"lead-{plan.slug}", Role.MCP_LEAD),
            (f"reviewer-1-{plan.slug}", Role.MCP_REVIEWER),
            (f"reviewer-2-{plan.slug}", Role.MCP_REVIEWER),
        )
        wanted += [
            hat(f"{box}@{PLANS_DOMAIN}", person_name(rng), role, plan, at=at) for box, role in boxes
        ]
    known = _known(wanted)
    store(row for row in wanted if row.user.email not in known)
    staff: dict[int, Staff] = {}
    for row in [*demo, *(known.get(one.user.email, one) for one in wanted)]:
        of = staff.setdefault(row.organisation.pk, Staff())
        if row.role == Role.MCP_LEAD:
            of.leads.append(row)
        elif row.role == Role.MCP_REVIEWER:
            of.reviewers.append(row)
    return staff


def _known(wanted: Iterable[Membership]) -> dict[str, Membership]:
    rows = Membership.objects.filter(user__email__in=[row.user.email for row in wanted])
    found = rows.select_related("user", "organisation").order_by("-pk")
    return {row.user.email: row for row in found}
