"""Emails about an application: one function an event. Their texts come from the program definition."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from string import Template

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise, lazy

from accounts.enums import OrganisationKind, Role
from accounts.languages import in_language
from accounts.models import Membership, Organisation, User
from accounts.queries import people_of, people_with_role
from applications.correcting import noted
from applications.models import (
    Application,
    ApplicationTransition,
    LateAccess,
    Message,
    Submission,
)
from applications.queries import hard_conflicts
from core.times import long
from notifications.models import OutboxEmail
from notifications.outbox import Email, enqueue
from programs.models import Cycle
from programs.packaged import packaged_for_readers
from programs.schema import EmailText
from programs.schema.rules import EmailKind

Facts = Mapping[str, str | Promise | datetime]
NO_NOTES: Mapping[str, str] = {}


def compose(
    application: Application,
    kind: EmailKind,
    *,
    to: str,
    person: str,
    key: str,
    facts: Facts,
    language: str = "",
) -> Email:
    """Return the email of `kind` for one person, from the texts of the application's program.

    It is written in the person's `language` (empty: the portal's first); times among the `facts` are
    written in words.
    """
    with in_language(language):
        values: Facts = {
            "practice": application.practice.name,
            "reference": application.reference,
            "cycle": application.cycle.shown_title,
            "plan": application.designated_mcp.name if application.designated_mcp else "",
            "person": person,
            "url": absolute(reverse("applications:home")),
            **facts,
        }
        return _filled(text_of(application.cycle, kind), kind, key=key, to=to, values=values)


def text_of(cycle: Cycle, kind: EmailKind) -> EmailText:
    """Return the cycle's own text for `kind`, or the packaged one of a kind that came later."""
    return cycle.localized.emails.get(kind) or packaged_for_readers().emails[kind]


def absolute(path: str) -> str:
    """Return the public address of a path of this portal."""
    return f"{settings.SITE_BASE_URL.rstrip('/')}{path}"


def owners_of(practice: Organisation) -> list[User]:
    """Return the practice's owners."""
    return [hat.user for hat in people_with_role(practice, Role.PRACTICE_OWNER)]


def submitted(application: Application, submission: Submission, *, tell_plan: bool = True) -> None:
    """Confirm the receipt to everybody of the practice, and tell the plan's leads what came in.

    The practice reads reference, time and hash. The leads read whether it is new or a correction;
    they need no email (`tell_plan`) about what they brought in themselves.
    """
    facts: Facts = {
        "digest": submission.sha256,
        "person": submission.signed_name,
        "submitted_at": submission.created_at,
        "url": absolute(reverse("applications:receipt", args=[application.pk])),
    }
    key = f"submission:{submission.pk}"
    people = [hat.user for hat in people_of(application.practice)]
    _send(application, "submitted", people, key, facts)
    if tell_plan:
        kind: EmailKind = "arrived" if submission.number == 1 else "corrected"
        _to_leads(application, kind, key, {"submitted_at": submission.created_at})


def ready_to_sign(application: Application, *, day: date, by: Membership) -> bool:
    """Tell every owner that `by` has everything ready to sign; False when that was told on `day`."""
    key = f"ready:{application.pk}:{day}"
    if OutboxEmail.objects.filter(kind="ready", dedupe_key=key).exists():
        return False
    url = absolute(reverse("applications:review", args=[application.pk]))
    _to_owners(application, "ready", key, {"sender": by.user.full_name, "url": url})
    return True


def returned(
    application: Application,
    *,
    key: str,
    reason: str,
    by: Membership,
    notes: Mapping[str, str] = NO_NOTES,
) -> None:
    """Tell every owner what has to be corrected, who asks for it, and what in which section.

    The `notes` (section key → text) follow the reason, so that every stored text has them.
    """
    text = lazy(_with_notes, str)(application.cycle, reason, notes)
    _to_owners(application, "returned", key, {"reason": text, "plan": by.organisation.name})


def _with_notes(cycle: Cycle, reason: str, notes: Mapping[str, str]) -> str:
    """Return the reason and the notes, with the titles of the sections in the reader's language."""
    found = [f"{title}: {text}" for _key, title, text in noted(notes, cycle.localized)]
    return "\n\n".join([reason, *found])


def withdrawn(application: Application, step: ApplicationTransition, *, by: Membership) -> None:
    """Tell the owners and the leads of the plan that the application was taken back, and why."""
    key = f"transition:{step.pk}"
    facts: Facts = {
        "reason": step.reason,
        "person": by.user.full_name,
        "withdrawn_at": step.created_at,
    }
    _to_owners(application, "withdrawn", key, facts)
    _to_leads(application, "withdrawn", key, facts)


def late_access(access: LateAccess) -> None:
    """Tell the owners until when the practice may still apply. There may be no application yet."""
    enqueue(_late_access(access, owner) for owner in owners_of(access.practice))


def _late_access(access: LateAccess, owner: User) -> Email:
    with in_language(owner):
        values: Facts = {
            "practice": access.practice.name,
            "cycle": access.cycle.shown_title,
            "url": absolute(reverse("applications:home")),
            "until": access.until,
            "reason": access.reason,
            "person": owner.full_name,
        }
        text, key = text_of(access.cycle, "late_access"), f"late_access:{access.pk}"
        return _filled(text, "late_access", key=key, to=owner.email, values=values)


def message(row: Message, *, by: Membership) -> None:
    """Send a message to the other side: the owners of the practice, or the leads of the plan."""
    application = row.application
    from_practice = row.side == OrganisationKind.PRACTICE
    organisation = by.organisation.name
    sender = f"{by.user.full_name}, {organisation}" if from_practice else organisation
    facts: Facts = {"sender": sender, "text": row.text}
    if from_practice:
        _to_leads(application, "message", f"message:{row.pk}", facts)
        return
    url = absolute(reverse("applications:messages"))
    _to_owners(application, "message", f"message:{row.pk}", {**facts, "url": url})


def _to_owners(application: Application, kind: EmailKind, key: str, facts: Facts) -> None:
    _send(application, kind, owners_of(application.practice), key, facts)


def _to_leads(application: Application, kind: EmailKind, key: str, facts: Facts) -> None:
    """Write to the leads of the plan to whom the application is open, with a link to its page there.

    Nobody is written to when a conflict of interest closes it to every lead; it waits in the portal.
    """
    if application.designated_mcp is None:
        return
    barred = hard_conflicts().filter(application=application).values("person")
    leads = people_with_role(application.designated_mcp, Role.MCP_LEAD).exclude(user__in=barred)
    url = absolute(reverse("scoring:application", args=[application.pk]))
    _send(application, kind, [hat.user for hat in leads], key, {**facts, "url": url})


def _send(
    application: Application,
    kind: EmailKind,
    people: Iterable[User],
    key: str,
    facts: Facts,
) -> None:
    enqueue(
        compose(
            application,
            kind,
            to=user.email,
            person=user.full_name,
            key=key,
            facts=facts,
            language=user.language,
        )
        for user in people
    )


def _filled(text: EmailText, kind: EmailKind, *, key: str, to: str, values: Facts) -> Email:
    words = {
        name: long(value) if isinstance(value, datetime) else str(value)
        for name, value in values.items()
    }
    subject = Template(text.subject).safe_substitute(words)
    return Email(kind, key, to, subject, Template(text.body).safe_substitute(words))
