"""From when to when one practice may write and submit, and which cycle its pages are about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.utils import timezone

from accounts.models import Organisation
from applications.enums import Status
from applications.models import Application, LateAccess
from programs.models import Cycle
from programs.queries import choose_current

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

    Before that it makes no difference to what the practice may do. What `cycle_for` found is known.
    """
    if getattr(cycle, "dealings_of", None) == practice.pk:
        known: Any = cycle
        return window_of(cycle, known.late_until, done=known.submitted)
    if timezone.now() < cycle.closes_at - LAST_WEEK:
        return window_of(cycle)
    return window_for(practice, cycle)


def cycle_for(practice: Organisation, at: datetime | None = None) -> Cycle | None:
    """Return the cycle that the practice's pages are about, or None without cycles (1 query).

    First the one that waits for the practice with its own end: an application to correct, or late
    access that still runs and was not used. Else the current one while it is open. Otherwise the latest
    in which the practice may write late or has an application that it did not withdraw; else the
    current one.
    """
    now = at or timezone.now()
    cycles = list(_with_dealings(practice))
    current = choose_current(cycles, now)
    waiting = next((cycle for cycle in cycles if _waits(cycle, now)), None)
    if waiting or current is None or current.is_open(now):
        return waiting or current
    own = (cycle for cycle in reversed(cycles) if _may_write_late(cycle, now) or cycle.applied)
    return next(own, current)


def _with_dealings(practice: Organisation) -> QuerySet[Any]:
    """Return every cycle in closing order, with what `practice` has in it."""
    late = LateAccess.objects.filter(practice=practice, cycle=OuterRef("pk")).order_by("-pk")
    applied = Application.objects.filter(practice=practice, cycle=OuterRef("pk"), withdrawn_at=None)
    sent = Application.objects.filter(practice=practice, submitted_at__isnull=False)
    return Cycle.objects.order_by("closes_at", "pk").annotate(
        dealings_of=Value(practice.pk),
        late_until=Subquery(late.values("until")[:1]),
        applied=Exists(applied),
        submitted=Exists(applied.filter(submitted_at__isnull=False)),
        returned=Exists(applied.filter(status=Status.RETURNED)),
        has_elsewhere=Exists(sent.exclude(cycle=OuterRef("pk"))),
    )


def _may_write_late(cycle: Any, now: datetime) -> bool:
    return cycle.late_until is not None and cycle.closes_at < now <= cycle.late_until


def _waits(cycle: Any, now: datetime) -> bool:
    if cycle.returned:
        return now <= cycle.scoring_due_at
    return _may_write_late(cycle, now) and not cycle.submitted
