"""The applications of a cycle that keep it from being decided."""

from collections.abc import Collection

from django.db.models import Count, Q, QuerySet

from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to
from programs.models import Cycle


def count_unfinished(cycle: Cycle, statuses: Collection[str]) -> tuple[int, int]:
    """Return how many stand in one of `statuses`, and how many of those the pool counts (1 query).

    The pool counts what DHCS sent back to its plan: the recommendation stays until there is another.
    """
    found = Application.objects.filter(
        cycle=cycle, submitted_at__isnull=False, status__in=statuses
    ).aggregate(total=Count("pk"), counted=Count("pk", filter=Q(recommended__isnull=False)))
    return found["total"], found["counted"]


def unfinished_seen_by(
    hat: Membership | None, cycle: Cycle, statuses: Collection[str]
) -> QuerySet[Application]:
    """Return those that stand in one of `statuses` and that the hat may see, by reference."""
    return (
        applications_visible_to(hat)
        .filter(cycle=cycle, submitted_at__isnull=False, status__in=statuses)
        .order_by("reference")
    )
