"""Emails about an application: one function an event. Their texts come from the program definition."""

from collections.abc import Mapping
from string import Template

from django.conf import settings
from django.urls import reverse

from accounts.enums import Role
from accounts.models import Organisation
from accounts.queries import people_with_role
from applications.models import Application, Submission
from core.times import long
from notifications.outbox import Email, enqueue
from programs.schema.rules import EmailKind


def compose(
    application: Application,
    kind: EmailKind,
    *,
    to: str,
    person: str,
    key: str,
    facts: Mapping[str, str],
) -> Email:
    """Return the email of `kind` for one person, from the texts of the application's program."""
    text = application.cycle.definition.emails[kind]
    values = {
        "practice": application.practice.name,
        "reference": application.reference,
        "cycle": application.cycle.title,
        "plan": application.designated_mcp.name if application.designated_mcp else "",
        "person": person,
        "url": absolute(reverse("applications:home")),
        **facts,
    }
    subject = Template(text.subject).safe_substitute(values)
    return Email(kind, key, to, subject, Template(text.body).safe_substitute(values))


def absolute(path: str) -> str:
    """Return the public address of a path of this portal."""
    return f"{settings.SITE_BASE_URL.rstrip('/')}{path}"


def owners_of(practice: Organisation) -> list[tuple[str, str]]:
    """Return (name, address) of the practice's owners."""
    owners = people_with_role(practice, Role.PRACTICE_OWNER)
    return [(hat.user.full_name, hat.user.email) for hat in owners]


def submitted(application: Application, submission: Submission) -> None:
    """Confirm the receipt to every owner, with reference, time and hash."""
    facts = {
        "digest": submission.sha256,
        "person": submission.signed_name,
        "submitted_at": long(submission.created_at),
        "url": absolute(reverse("applications:receipt", args=[application.pk])),
    }
    _to_owners(application, "submitted", f"submission:{submission.pk}", facts)


def returned(application: Application, *, key: str, reason: str) -> None:
    """Tell every owner what the plan wants corrected."""
    _to_owners(application, "returned", key, {"reason": reason})


def _to_owners(
    application: Application, kind: EmailKind, key: str, facts: Mapping[str, str]
) -> None:
    enqueue(
        compose(application, kind, to=address, person=name, key=key, facts=facts)
        for name, address in owners_of(application.practice)
    )
