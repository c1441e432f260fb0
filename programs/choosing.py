"""Which cycle a plan's or DHCS's page is about: the one asked for, else where the work is.

`?cycle=SLUG` chooses, and the choice is kept for the session. Practices never choose: theirs is
`programs.queries.current_cycle`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from programs.models import Cycle

SESSION_KEY = "cycle"
Default = Callable[[Sequence[Cycle], datetime], Cycle]


def to_score(cycles: Sequence[Cycle], now: datetime) -> Cycle:
    """Return the cycle whose scores are due next, else the last that was due."""
    due = [cycle for cycle in cycles if cycle.scoring_due_at >= now]
    return min(due, key=_due) if due else max(cycles, key=_due)


def to_decide(cycles: Sequence[Cycle], now: datetime) -> Cycle:
    """Return the cycle that closed last, else the one that closes first."""
    closed = [cycle for cycle in cycles if cycle.has_closed(now)]
    return max(closed, key=_closing) if closed else min(cycles, key=_closing)


def choose_cycle(request: HttpRequest, default: Default) -> Cycle | None:
    """Return the cycle of a staff page (1 query) and note it, with the others, on the request."""
    now = timezone.now()
    started = _started(now)
    asked = request.GET.get(SESSION_KEY, "")
    if asked in {cycle.slug for cycle in started}:
        request.session[SESSION_KEY] = asked
    cycle = _kept(request, started, default, now)
    request.cycle, request.cycles = cycle, started  # type: ignore[attr-defined]
    return cycle


def cycle_in_mind(request: HttpRequest, default: Default) -> Cycle | None:
    """Return the cycle in which the person works, on a page that is not about one cycle (1 query)."""
    now = timezone.now()
    return _kept(request, _started(now), default, now)


def in_cycle(url_name: str, cycle: Cycle) -> str:
    """Return the address of a page that chooses a cycle, so that it opens on this one."""
    return f"{reverse(url_name)}?{SESSION_KEY}={cycle.slug}"


def _started(now: datetime) -> list[Cycle]:
    cycles = list(Cycle.objects.order_by("opens_at", "pk"))
    return [cycle for cycle in cycles if cycle.opens_at <= now] or cycles[:1]


def _kept(
    request: HttpRequest, started: Sequence[Cycle], default: Default, now: datetime
) -> Cycle | None:
    slug = request.session.get(SESSION_KEY, "")
    chosen = next((cycle for cycle in started if cycle.slug == slug), None)
    return chosen or (default(started, now) if started else None)


def _due(cycle: Cycle) -> datetime:
    return cycle.scoring_due_at


def _closing(cycle: Cycle) -> datetime:
    return cycle.closes_at
