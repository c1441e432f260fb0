"""Emails among DHCS staff. They say that something is there to read, never what it says."""

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.languages import in_language
from accounts.models import Membership, User
from applications.emails import absolute
from applications.models import Application, ConflictCheck
from notifications.outbox import Email, enqueue
from selection.models import StaffNote


def mentioned(
    note: StaffNote, application: Application, people: Iterable[User], *, by: Membership
) -> None:
    """Tell each of `people` that a colleague named them in a note; the note itself stays in the portal."""
    enqueue(_mention(note, application, person, by) for person in people)


def conflict_noted(
    check: ConflictCheck, *, colleague: Membership, closed: bool, by: Membership
) -> None:
    """Tell a colleague that somebody noted a conflict of interest for them: who, not why."""
    application = check.application
    with in_language(colleague.user):
        facts = {
            "person": by.user.full_name,
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "url": absolute(reverse("selection:my_conflicts")),
        }
        parts = [
            _("%(person)s noted that you have a conflict of interest with %(practice)s "
              "(%(reference)s, %(cycle)s)."),
            _("The application is closed to you.") if closed
            else _("It is a warning: the application stays open to you."),
            _("All conflicts that are known of you:\n%(url)s"),
        ]  # fmt: skip
        subject = _("%(reference)s: a conflict of interest was noted for you") % facts
        body = "\n\n".join(parts) % facts + "\n"
    key = f"staff_conflict:{check.pk}:{check.stated_at:%Y%m%d%H%M%S%f}"
    enqueue([Email("staff_conflict", key, colleague.user.email, subject, body)])


def _mention(note: StaffNote, application: Application, person: User, by: Membership) -> Email:
    with in_language(person):
        address = reverse("selection:application", args=[application.pk])
        facts = {
            "author": by.user.full_name,
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "url": absolute(f"{address}#note-{note.pk}"),
        }
        subject = _("%(reference)s: %(author)s mentions you in a note") % facts
        body = _(
            "%(author)s mentions you in a note on %(practice)s (%(reference)s, %(cycle)s).\n\n"
            "Read it in the portal:\n%(url)s\n"
        )
        return Email("mention", f"note:{note.pk}", person.email, subject, body % facts)
