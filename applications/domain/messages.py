"""Messages between a practice and its plan about one application."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications import emails
from applications.correspondence import is_open_for_messages
from applications.domain.locking import lock
from applications.models import Application, Message
from core.exceptions import DomainError, WrongState

LONGEST = 5000
SAME_CLICK = timedelta(minutes=1)


@transaction.atomic
def send(application: Application, *, text: str, by: Membership) -> Message:
    """Store a message of at most 5,000 characters and write to the other side by email.

    The same words of the same person within a minute are one message (a second click). Raises
    WrongState before the first submission and after the end, DomainError for no or too many words.
    """
    words = text.strip()
    if not words:
        raise DomainError(_("Write a message first."))
    if len(words) > LONGEST:
        message = _("A message has at most %(limit)s characters; this one has %(count)s.")
        raise DomainError(message % {"limit": f"{LONGEST:,}", "count": f"{len(words):,}"})
    locked = lock(application)
    if not is_open_for_messages(locked):
        raise WrongState(_why_closed(locked))
    now = timezone.now()
    last = Message.objects.filter(application=locked).order_by("-pk").first()
    if (
        last
        and (last.author, last.text) == (by.label, words)
        and now - last.created_at < SAME_CLICK
    ):
        return last
    row = Message.objects.create(
        application=locked,
        side=by.organisation.kind,
        author=by.label,
        text=words,
        created_at=now,
    )
    emails.message(row, by=by)
    return row


def _why_closed(application: Application) -> str:
    if application.submitted_at is None:
        return _("You and the plan can write to each other after the application is submitted.")
    return _("This application has ended. Messages can be read, not sent.")
