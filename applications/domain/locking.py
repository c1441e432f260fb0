"""Locking an application for a write by its practice, and refusing it when the time is over."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.enums import Status
from applications.models import Application
from applications.queries import correction_notes, late_until
from core.exceptions import WrongState
from core.times import to_the_second


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
    if not application.is_editable:
        message = _("This application is “%(state)s” and can't be changed. Nothing was stored.")
        raise WrongState(message % {"state": application.public_status.lower()})
    now, cycle = timezone.now(), application.cycle
    if application.status == Status.RETURNED:
        _require_correctable(application, section, now)
        return
    if now < cycle.opens_at:
        message = _("This cycle opens on %(opens)s. It is now %(now)s.")
        raise WrongState(
            message % {"opens": to_the_second(cycle.opens_at), "now": to_the_second(now)}
        )
    if cycle.has_closed(now):
        _require_late_access(application, now)


def _require_correctable(application: Application, section: str, now: datetime) -> None:
    due = application.cycle.scoring_due_at
    if now > due:
        message = _("Corrections were possible until %(due)s. It is now %(now)s.")
        raise WrongState(message % {"due": to_the_second(due), "now": to_the_second(now)})
    notes = correction_notes(application) if section else {}
    if notes and section not in notes:
        message = _("Only the sections with a note can change now. This one was not stored.")
        raise WrongState(message)


def _require_late_access(application: Application, now: datetime) -> None:
    until = late_until(application.practice, application.cycle)
    if until is not None and now <= until:
        return
    message = _(
        "This cycle closed on %(closed)s. Your change arrived on %(now)s and was not stored."
    )
    closed = until or application.cycle.closes_at
    raise WrongState(message % {"closed": to_the_second(closed), "now": to_the_second(now)})
