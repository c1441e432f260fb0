"""Until when a practice may answer an offer or ask for a reconsideration: whole days, Pacific time."""

from datetime import datetime, timedelta

from core.times import PACIFIC
from programs.models import Cycle

LAST_MINUTE = {"hour": 23, "minute": 59, "second": 59, "microsecond": 0}


def answer_by(cycle: Cycle, offered_at: datetime) -> datetime:
    """Return the last moment to accept or decline a place that was offered at `offered_at`."""
    return _end_of_day(offered_at, cycle.definition.selection.days_to_answer)


def reconsider_by(cycle: Cycle, released_at: datetime) -> datetime:
    """Return the last moment to ask that a decision released at `released_at` is made anew."""
    return _end_of_day(released_at, cycle.definition.selection.days_to_reconsider)


def _end_of_day(start: datetime, days: int) -> datetime:
    local = start.astimezone(PACIFIC) + timedelta(days=days)
    return local.replace(**LAST_MINUTE)  # type: ignore[arg-type]
