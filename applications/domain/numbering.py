"""Running numbers of applications: one series for all cycles of a program, so none comes twice."""

from django.db import transaction

from applications.reference import reference_for
from programs.models import Cycle


@transaction.atomic
def take_references(cycle: Cycle, count: int = 1) -> list[str]:
    """Take the next `count` references of the cycle's program; they are used up with the commit.

    The program's cycles are locked in the order of their ids. Programs differ in their prefix, which
    `programs.domain.programs.store_version` sees to.
    """
    definition = cycle.definition
    family = (
        Cycle.objects.select_for_update(of=("self",), no_key=True)
        .filter(version__slug=definition.slug)
        .order_by("pk")
    )
    first = max(row.next_number for row in family)
    Cycle.objects.filter(pk=cycle.pk).update(next_number=first + count)
    cycle.next_number = first + count
    return [reference_for(definition.reference_prefix, first + index) for index in range(count)]
