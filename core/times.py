"""Times as people here read them: Pacific time, named as such, in the language of the page."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

PACIFIC = ZoneInfo("America/Los_Angeles")
WEEKDAYS = (
    pgettext_lazy("weekday", "Mon"),
    pgettext_lazy("weekday", "Tue"),
    pgettext_lazy("weekday", "Wed"),
    pgettext_lazy("weekday", "Thu"),
    pgettext_lazy("weekday", "Fri"),
    pgettext_lazy("weekday", "Sat"),
    pgettext_lazy("weekday", "Sun"),
)
MONTHS = (
    pgettext_lazy("month", "Jan"),
    pgettext_lazy("month", "Feb"),
    pgettext_lazy("month", "Mar"),
    pgettext_lazy("month", "Apr"),
    pgettext_lazy("month", "May"),
    pgettext_lazy("month", "Jun"),
    pgettext_lazy("month", "Jul"),
    pgettext_lazy("month", "Aug"),
    pgettext_lazy("month", "Sep"),
    pgettext_lazy("month", "Oct"),
    pgettext_lazy("month", "Nov"),
    pgettext_lazy("month", "Dec"),
)


def clock(moment: datetime) -> str:
    """Return the Pacific time of day, such as "10:42 am"."""
    local = moment.astimezone(PACIFIC)
    return _half_day(local, f"{local.hour % 12 or 12}:{local.minute:02d}")


def long(moment: datetime) -> str:
    """Return date and Pacific time, such as "Fri, Dec 8, 2023, 5:00 pm PT"."""
    return _long(moment.astimezone(PACIFIC), clock(moment))


def to_the_second(moment: datetime) -> str:
    """Return date and Pacific time with seconds, for refusals where a second decides."""
    local = moment.astimezone(PACIFIC)
    time = f"{local.hour % 12 or 12}:{local.minute:02d}:{local.second:02d}"
    return _long(local, _half_day(local, time))


def short(moment: datetime) -> str:
    """Return day and Pacific time without the year, such as "Dec 8, 5:00 pm PT"."""
    return _("%(day)s, %(clock)s PT") % {"day": day_and_month(moment), "clock": clock(moment)}


def day(when: date) -> str:
    """Return a date, or the Pacific date of a time, such as "Dec 8, 2023"."""
    return _("%(month)s %(day)s, %(year)s") % _parts(when)


def day_and_month(when: date) -> str:
    """Return a date, or the Pacific date of a time, without the year, such as "Dec 8"."""
    return _("%(month)s %(day)s") % _parts(when)


def _parts(when: date) -> dict[str, str | int]:
    local = when.astimezone(PACIFIC) if isinstance(when, datetime) else when
    return {
        "weekday": str(WEEKDAYS[local.weekday()]),
        "month": str(MONTHS[local.month - 1]),
        "day": local.day,
        "year": local.year,
    }


def _half_day(local: datetime, time: str) -> str:
    if local.hour < 12:
        return _("%(time)s am") % {"time": time}
    return _("%(time)s pm") % {"time": time}


def _long(local: datetime, clock_time: str) -> str:
    pattern = _("%(weekday)s, %(month)s %(day)s, %(year)s, %(clock)s PT")
    return pattern % {**_parts(local), "clock": clock_time}
