"""Reads for a committee's packet: applications, and the sheets that a hat may see of them."""

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.models import Membership
from applications.models import Application
from applications.queries import applications_visible_to
from scoring.models import ScoreSheet
from scoring.queries.sheets import sheets_visible_to


def applications_to_print(hat: Membership) -> QuerySet[Application]:
    """Return the submitted applications that `hat` may print, in order of reference."""
    return applications_visible_to(hat).filter(submitted_at__isnull=False).order_by("pk")


def submitted_sheets(
    hat: Membership, application_ids: Collection[int]
) -> dict[int, list[ScoreSheet]]:
    """Return the submitted sheets that count and that `hat` may see, by application (3 queries).

    A sheet that another replaced when the application came back does not count any more.
    """
    rows = (
        sheets_visible_to(hat)
        .filter(assignment__application__in=application_ids, assignment__ended_at=None)
        .filter(submitted_at__isnull=False, voided_at=None)
        .prefetch_related("scores", "comments")
        .order_by("assignment_id")
    )
    found: dict[int, list[ScoreSheet]] = {pk: [] for pk in application_ids}
    for sheet in rows:
        found[sheet.assignment.application_id].append(sheet)
    return found
