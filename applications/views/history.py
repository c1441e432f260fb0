"""The history of one application."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import cached_property

from accounts.enums import Role
from applications.chronicle import (
    ALL_STEPS,
    PUBLIC_STEPS,
    for_practice,
    for_staff,
    submissions_to_compare,
)
from applications.history import Cursor, happenings, signed_contents
from applications.models import Application
from applications.queries import applications_visible_to
from core.views import HatView

LONGEST_KEY = 18  # digits


class HistoryView(HatView):
    """Who changed what when, newest first.

    The practice reads all of its own. A plan's lead and DHCS read the steps, and what changed between
    two submissions: never how a draft came about. Reviewers have no history.
    """

    permission_required = "applications.view_application"
    template_name = "applications/history.html"

    def get_queryset(self):
        """Return what the hat may see, and nothing for a reviewer."""
        if self.request.hat.role == Role.MCP_REVIEWER:
            return Application.objects.none()
        return applications_visible_to(self.request.hat)

    @cached_property
    def is_own(self) -> bool:
        """Whether the practice itself reads."""
        return self.request.hat.role in Role.of_practice

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add one page of entries and the address of the next."""
        definition = self.object.cycle.localized
        start = parse_cursor(self.request.GET.get("before", ""))
        steps = PUBLIC_STEPS if self.is_own else ALL_STEPS
        found, more = happenings(self.object, steps=steps, own=self.is_own, before=start)
        if self.is_own:
            entries = for_practice(found, definition)
        else:
            numbers = submissions_to_compare(found)
            signed = signed_contents(self.object, numbers) if numbers else {}
            entries = for_staff(found, definition, signed)
        return super().get_context(
            entries=entries,
            is_own=self.is_own,
            is_first_page=start is None,
            read_url=reverse("applications:review", args=[self.object.pk]) if self.is_own else "",
            earlier_url="?" + urlencode({"before": write_cursor(more)}) if more else "",
            **extra,
        )


def write_cursor(cursor: Cursor) -> str:
    """Return where a page ended, as text for an address."""
    at, source, key = cursor
    return f"{at.isoformat()}~{source}~{key}"


def parse_cursor(text: str) -> Cursor | None:
    """Return where a page ended; None, the newest page, for what `write_cursor` did not write."""
    at, _one, rest = text.partition("~")
    source, _two, key = rest.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            return None
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    good = key.isascii() and key.isdigit() and len(key) <= LONGEST_KEY
    if not good or not source.isalpha() or not source.isascii():
        return None
    return moment, source, int(key)
