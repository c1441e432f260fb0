"""Who has which part of the application open right now."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Membership
from applications.models import Application, Presence

SECONDS = 60


def note(application: Application, *, section: str, by: Membership) -> None:
    """Remember that `by` has the section with key `section` open now (1 query)."""
    row = Presence(application=application, hat=by, section=section, seen_at=timezone.now())
    Presence.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["application", "hat"],
        update_fields=["section", "seen_at"],
    )


def leave(application: Application, *, section: str, by: Membership) -> None:
    """Forget that `by` has `section` open; another one that was noted since stays (1 query)."""
    Presence.objects.filter(application=application, hat=by, section=section).delete()


def people_here(application: Application) -> list[tuple[Membership, str]]:
    """Return (hat, section key) of the practice's people seen in the last 60 seconds (1 query).

    By name. Who reviews the application notes open pages too, and is never told to the practice.
    """
    since = timezone.now() - timedelta(seconds=SECONDS)
    practice = application.practice_id
    rows = (
        Presence.objects.filter(application=application, seen_at__gte=since, hat__is_active=True)
        .filter(hat__organisation=practice)
        .select_related("hat__user")
        .order_by("hat__user__full_name", "hat_id")
    )
    return [(row.hat, row.section) for row in rows]
