"""Locking an application for a write by its practice, and refusing it when the time is over."""

from django.utils import timezone
from django.utils.translation import gettext as _

from applications.enums import Status
from applications.models import Application
from core.exceptions import WrongState
from core.times import to_the_second


def lock(application: Application) -> Application:
    """Return the application as stored now, locked until the transaction ends."""
    return (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("cycle", "practice", "designated_mcp")
        .get(pk=application.pk)
    )


def require_writable(application: Application) -> None:
    """Raise WrongState unless the practice may write now: state first, then the server's clock.

    What was returned for correction may be written until scoring is due.
    """
    if not application.is_editable:
        message = _("This application is “%(state)s” and can't be changed. Nothing was stored.")
        raise WrongState(message % {"state": application.public_status.lower()})
    now, cycle = timezone.now(), application.cycle
    if application.status == Status.RETURNED:
        if now > cycle.scoring_due_at:
            message = _("Corrections were possible until %(due)s. It is now %(now)s.")
            raise WrongState(
                message % {"due": to_the_second(cycle.scoring_due_at), "now": to_the_second(now)}
            )
        return
    if now < cycle.opens_at:
        message = _("This cycle opens on %(opens)s. It is now %(now)s.")
        raise WrongState(
            message % {"opens": to_the_second(cycle.opens_at), "now": to_the_second(now)}
        )
    if cycle.has_closed(now):
        message = _(
            "This cycle closed on %(closed)s. Your change arrived on %(now)s and was not stored."
        )
        raise WrongState(
            message % {"closed": to_the_second(cycle.closes_at), "now": to_the_second(now)}
        )
