"""Running numbers of a cohort: references, and practices beside those that exist already."""

from django.db.models import Max

from accounts.models import User
from applications.models import Application
from applications.reference import reference_for
from programs.models import Cycle
from selection.seeding.practices import OWNERS_DOMAIN


def take_references(cycle: Cycle, count: int) -> list[str]:
    """Take the next `count` references of the cycle; the caller holds the transaction.

    References are unique in the whole portal, so a second cycle of a program goes on counting.
    """
    locked = Cycle.objects.select_for_update(of=("self",), no_key=True).get(pk=cycle.pk)
    prefix = cycle.definition.reference_prefix
    with_prefix = Application.objects.filter(reference__startswith=f"{prefix}-")
    last = with_prefix.aggregate(last=Max("reference"))["last"]
    used = int(last.split("-")[-2]) if last else 0
    first = max(locked.next_number, used + 1)
    Cycle.objects.filter(pk=cycle.pk).update(next_number=first + count)
    cycle.next_number = first + count
    return [reference_for(prefix, first + index) for index in range(count)]


def first_practice_number() -> int:
    """Return the number of the next synthetic practice: 1 where there is none yet."""
    return User.objects.filter(email__endswith=f"@{OWNERS_DOMAIN}").count() + 1
