"""Reads of the searches for the best cohort."""

from django.db.models import Q, QuerySet

from accounts.enums import Role
from accounts.models import Membership
from selection.models import CohortSearch


def searches_visible_to(hat: Membership | None) -> QuerySet[CohortSearch]:
    """Return the searches that `hat` may see, the latest first: the person's own, and shared scenarios'."""
    everything = CohortSearch.objects.select_related("cycle", "scenario", "started_by")
    if hat is None or not hat.is_active or hat.role not in Role.see_all:
        return everything.none()
    return everything.filter(Q(started_by=hat.user_id) | Q(scenario__is_shared=True))
