"""Times as people here read them: Pacific time, named as such."""

from datetime import datetime
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")


def clock(moment: datetime) -> str:
    """Return the Pacific time of day, such as "10:42 am"."""
    local = moment.astimezone(PACIFIC)
    return f"{local.hour % 12 or 12}:{local.minute:02d} {'am' if local.hour < 12 else 'pm'}"


def long(moment: datetime) -> str:
    """Return date and Pacific time, such as "Fri, Dec 8, 2023, 5:00 pm PT"."""
    local = moment.astimezone(PACIFIC)
    return f"{local:%a, %b} {local.day}, {local.year}, {clock(moment)} PT"


def to_the_second(moment: datetime) -> str:
    """Return date and Pacific time with seconds, for refusals where a second decides."""
    local = moment.astimezone(PACIFIC)
    half = "am" if local.hour < 12 else "pm"
    time = f"{local.hour % 12 or 12}:{local.minute:02d}:{local.second:02d} {half}"
    return f"{local:%a, %b} {local.day}, {local.year}, {time} PT"
