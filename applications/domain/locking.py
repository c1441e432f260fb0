"""Locking an application for a write by its practice, and refusing it when the time is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.enums import Status
from applications.models import Application
from applications.queries import correction_notes
from applications.times import Window, window_for
from core.exceptions import WrongState
from core.times import long, to_the_second


@dataclass(frozen=True)
class Lock:
    """Why the practice can't write now: to refuse a write, and to head a page that is only read."""

    refusal: str
    notice: str


def lock(application: Application) -> Application:
    """Return the application as stored now, locked until the transaction ends."""
    return (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("cycle", "practice", "designated_mcp")
        .get(pk=application.pk)
    )


def require_writable(application: Application, section: str = "") -> None:
    """Raise WrongState unless the practice may write now: state first, then the server's clock.

    What was returned for correction may be written until scoring is due; when the return names
    sections, only those (`section` is the key of the one that is about to change). Late access moves
    the closing time for one practice.
    """
    found = lock_on(application, section)
    if found is not None:
        raise WrongState(found.refusal)


def lock_on(
    application: Application,
    section: str = "",
    *,
    notes: Mapping[str, str] | None = None,
    window: Window | None = None,
) -> Lock | None:
    """Return what keeps the practice from writing now, or None when it may (at most 1 query).

    The same rules as `require_writable`, for pages: `notice` is a sentence about the page. A page that
    has read the correction `notes` and the practice's `window` gives them, and costs no query.
    """
    now = timezone.now()
    if not application.is_editable:
        return _by_state(application)
    if application.status == Status.RETURNED:
        return _by_return(application, section, now, notes)
    return _by_clock(application, now, window)


def _by_state(application: Application) -> Lock:
    state = application.public_status
    refusal = _("This application is “%(state)s” and can't be changed. Nothing was stored.")
    notice = _("This application is “%(state)s”. It can be read here, not changed.")
    return Lock(refusal % {"state": state.lower()}, notice % {"state": state.lower()})


def _by_return(
    application: Application, section: str, now: datetime, notes: Mapping[str, str] | None
) -> Lock | None:
    due = application.cycle.scoring_due_at
    if now > due:
        refusal = _("Corrections were possible until %(due)s. It is now %(now)s.")
        notice = _("Corrections were possible until %(due)s. What you wrote is kept to read.")
        return Lock(
            refusal % {"due": to_the_second(due), "now": to_the_second(now)},
            notice % {"due": long(due)},
        )
    if section and notes is None:
        notes = correction_notes(application)
    if not section or not notes or section in notes:
        return None
    return Lock(
        _("Only the sections with a note can change now. This one was not stored."),
        _("No change is asked for in this section, so it is locked. You can read it here."),
    )


def _by_clock(application: Application, now: datetime, window: Window | None) -> Lock | None:
    cycle = application.cycle
    if now < cycle.opens_at:
        refusal = _("This cycle opens on %(opens)s. It is now %(now)s.")
        notice = _("This cycle opens on %(opens)s. You can write from then on.")
        return Lock(
            refusal % {"opens": to_the_second(cycle.opens_at), "now": to_the_second(now)},
            notice % {"opens": long(cycle.opens_at)},
        )
    if not cycle.has_closed(now):
        return None
    window = window or window_for(application.practice, cycle)
    if not window.has_closed(now):
        return None
    refusal = _(
        "This cycle closed on %(closed)s. Your change arrived on %(now)s and was not stored."
    )
    notice = _("This cycle closed on %(closed)s before you submitted. Your draft is kept to read.")
    closed = window.closes_at
    return Lock(
        refusal % {"closed": to_the_second(closed), "now": to_the_second(now)},
        notice % {"closed": long(closed)},
    )
