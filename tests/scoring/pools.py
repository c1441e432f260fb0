"""Many applications and reviewers at once, stored in bulk, for tests of the assignment."""

from itertools import count

from django.utils import timezone

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from applications.enums import Status
from applications.models import Application, Practice
from programs.models import Cycle
from scoring.models import ReviewerProfile

COUNTIES = ("Fresno", "Kern", "Los Angeles", "Orange", "San Diego", "Yolo")
SPECIALTIES = ("family_medicine", "pediatrics", "internal_medicine")
_numbers = count(1)


def many_applications(plan: Organisation, cycle: Cycle, number: int) -> list[Application]:
    """Store submitted applications of `plan`, each of a practice in a county, with a specialty."""
    names = [f"Practice {next(_numbers)}" for _one in range(number)]
    practices = Organisation.objects.bulk_create(
        Organisation(kind=OrganisationKind.PRACTICE, name=name, slug=name.replace(" ", "-"))
        for name in names
    )
    Practice.objects.bulk_create(
        Practice(organisation=one, specialties=[SPECIALTIES[n % 3]])
        for n, one in enumerate(practices)
    )
    return Application.objects.bulk_create(
        Application(
            cycle=cycle,
            practice=one,
            designated_mcp=plan,
            reference=f"M-{one.pk}",
            status=Status.SUBMITTED,
            submitted_at=timezone.now(),
            county=COUNTIES[n % 6],
        )
        for n, one in enumerate(practices)
    )


def many_reviewers(plan: Organisation, number: int) -> list[Membership]:
    """Store reviewers of `plan`, each with a county and a specialty of preference."""
    users = User.objects.bulk_create(
        User(email=f"r{one}@plan.example", full_name=f"Reviewer {one:05}")
        for one in (next(_numbers) for _one in range(number))
    )
    hats = Membership.objects.bulk_create(
        Membership(user=user, organisation=plan, role=Role.MCP_REVIEWER) for user in users
    )
    ReviewerProfile.objects.bulk_create(
        ReviewerProfile(hat=hat, counties=[COUNTIES[n % 6]], specialties=[SPECIALTIES[n % 3]])
        for n, hat in enumerate(hats)
    )
    return hats
