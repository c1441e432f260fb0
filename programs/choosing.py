"""Which cycle a plan's or DHCS's page is about: the one asked for, else where the work is.

`?cycle=SLUG` chooses, and the choice is kept for the session. Practices never choose: theirs is
`programs.queries.current_cycle`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.http import HttpRequest
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
    cycles = list(Cycle.objects.order_by("opens_at", "pk"))
    started = [cycle for cycle in cycles if cycle.opens_at <= now] or cycles[:1]
    by_slug = {cycle.slug: cycle for cycle in started}
    asked = request.GET.get(SESSION_KEY, "")
    if asked in by_slug:
        request.session[SESSION_KEY] = asked
    cycle = by_slug.get(asked) or by_slug.get(request.session.get(SESSION_KEY, ""))
    if cycle is None and started:
        cycle = default(started, now)
    request.cycle, request.cycles = cycle, started  # type: ignore[attr-defined]
    return cycle


def _due(cycle: Cycle) -> datetime:
    return cycle.scoring_due_at


def _closing(cycle: Cycle) -> datetime:
    return cycle.closes_at
