"""From when to when one practice may write and submit, and which cycle its pages are about."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import Organisation
from applications.models import Application, LateAccess
from programs.models import Cycle
from programs.queries import current_cycle

LAST_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Window:
    """The time in which one practice may write (UTC, both ends included).

    `late` says that `closes_at` is not the cycle's closing time but the end of late access; `done` that
    the practice has submitted, so that nothing has to be counted down.
    """

    opens_at: datetime
    closes_at: datetime
    late: bool = False
    done: bool = False

    def is_open(self, at: datetime | None = None) -> bool:
        """Whether the practice may write at this moment (default: now)."""
        return self.opens_at <= (at or timezone.now()) <= self.closes_at

    def has_closed(self, at: datetime | None = None) -> bool:
        """Whether the end lies before this moment (default: now)."""
        return self.closes_at < (at or timezone.now())


def window_of(cycle: Cycle, until: datetime | None = None, *, done: bool = False) -> Window:
    """Return the window of `cycle`, longer when late access `until` goes beyond its closing time."""
    if until is None or until <= cycle.closes_at:
        return Window(cycle.opens_at, cycle.closes_at, done=done)
    return Window(cycle.opens_at, until, late=True, done=done)


def window_for(practice: Organisation, cycle: Cycle) -> Window:
    """Return when `practice` may write in `cycle`, late access included (1 query)."""
    late = LateAccess.objects.filter(practice=OuterRef("pk"), cycle=cycle).order_by("-pk")
    submitted = Application.objects.filter(
        practice=OuterRef("pk"), cycle=cycle, submitted_at__isnull=False, withdrawn_at=None
    )
    rows = Organisation.objects.filter(pk=practice.pk)
    until, done = rows.values_list(Subquery(late.values("until")[:1]), Exists(submitted)).get()
    return window_of(cycle, until, done=done)


def window_to_show(practice: Organisation, cycle: Cycle) -> Window:
    """Return the window for a page: late access is looked up from the last week on (0 or 1 query).

    Before that it makes no difference to what the practice may do.
    """
    if timezone.now() < cycle.closes_at - LAST_WEEK:
        return window_of(cycle)
    return window_for(practice, cycle)


def closes_for(practice: Organisation, cycle: Cycle) -> datetime:
    """Return until when (UTC) `practice` may write in `cycle`, late access included (1 query)."""
    return window_for(practice, cycle).closes_at


def cycle_for(practice: Organisation, at: datetime | None = None) -> Cycle | None:
    """Return the cycle that the practice's pages are about, or None without cycles.

    The current one while it is open (1 query). Otherwise the latest in which the practice may still
    write late, or has an application that it did not withdraw; else the current one (2 queries).
    """
    now = at or timezone.now()
    current = current_cycle(now)
    if current is None or current.is_open(now):
        return current
    late = Q(late_access__practice=practice, late_access__until__gte=now)
    applied = Q(applications__practice=practice, applications__withdrawn_at=None)
    own = Cycle.objects.filter(late | applied).order_by("-closes_at", "-pk")
    return own.first() or current
