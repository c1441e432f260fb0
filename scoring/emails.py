"""Emails of the plan's work: assigned (to the reviewer); scored, conflict, declined (to the leads)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.languages import in_language
from accounts.models import Membership
from accounts.queries import people_with_role
from applications.emails import Facts, absolute, compose
from applications.models import Application
from applications.queries import hard_conflicts
from core.times import long
from notifications.outbox import Email, enqueue
from scoring.models import Assignment, ScoreSheet, SheetVersion


def assigned(assignment: Assignment, *, again: str = "") -> None:
    """Tell the reviewer about a new review and its due date; `again` names a resubmission."""
    application, user = assignment.application, assignment.reviewer.user
    facts: Facts = {
        "due": application.cycle.scoring_due_at,
        "url": absolute(reverse("scoring:sheet", args=[assignment.sheet.pk])),
    }
    key = f"assignment:{assignment.pk}:{again}".removesuffix(":")
    enqueue(
        [
            compose(
                application,
                "assigned",
                to=user.email,
                person=user.full_name,
                key=key,
                facts=facts,
                language=user.language,
            )
        ]
    )


def scored(sheet: ScoreSheet) -> None:
    """Tell the plan's leads that a sheet is in."""
    assignment = sheet.assignment
    application = assignment.application
    facts = {
        "mcp_score": str(sheet.total),
        "url": absolute(reverse("scoring:application", args=[application.pk])),
    }
    plan = assignment.reviewer.organisation
    leads = people_with_role(plan, Role.MCP_LEAD)
    enqueue(
        compose(
            application,
            "scored",
            to=lead.user.email,
            person=lead.user.full_name,
            key=f"sheet:{sheet.pk}:{sheet.submitted_at:%Y%m%d%H%M%S%f}",
            facts=facts,
            language=lead.user.language,
        )
        for lead in leads
    )


def conflict(assignment: Assignment, *, submitted: bool, counted: bool) -> None:
    """Tell the plan's leads that a review ended by a conflict of interest: who, not which one.

    `submitted`: a sheet that was submitted is void. `counted`: the confirmed score still holds it.
    Leads to whom the application is closed are not told, unless it is closed to every lead.
    """
    leads, told = _leads_of(assignment)
    enqueue(
        _conflict(assignment, lead, submitted=submitted, counted=counted, nobody=not told)
        for lead in told or leads
    )


def declined(assignment: Assignment, reason: str) -> None:
    """Tell the plan's leads to whom the application is open that a reviewer gave it back, and why."""
    _leads, told = _leads_of(assignment)
    enqueue(_declined(assignment, lead, reason) for lead in told)


def _leads_of(assignment: Assignment) -> tuple[list[Membership], list[Membership]]:
    """Return every lead of the plan, and those to whom the application is open."""
    leads = list(people_with_role(assignment.reviewer.organisation, Role.MCP_LEAD))
    closed = hard_conflicts().filter(application=assignment.application)
    barred = set(closed.values_list("person", flat=True))
    return leads, [lead for lead in leads if lead.user_id not in barred]


def _declined(assignment: Assignment, lead: Membership, reason: str) -> Email:
    application = assignment.application
    with in_language(lead.user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "person": assignment.reviewer.user.full_name,
            "reason": reason,
            "url": absolute(reverse("scoring:application", args=[application.pk])),
        }
        subject = _("%(reference)s: %(person)s declined the review") % facts
        body = _(
            "%(person)s declined to review %(practice)s (%(reference)s, %(cycle)s).\n\n"
            "Reason: %(reason)s\n\n"
            "Give the application to another reviewer:\n%(url)s\n"
        )
        return Email(
            "declined", f"declined:{assignment.pk}", lead.user.email, subject, body % facts
        )


def _conflict(
    assignment: Assignment, lead: Membership, *, submitted: bool, counted: bool, nobody: bool
) -> Email:
    application = assignment.application
    with in_language(lead.user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "person": assignment.reviewer.user.full_name,
            "url": absolute(reverse("scoring:application", args=[application.pk])),
        }
        parts = [
            _(
                "%(person)s has a conflict of interest with %(practice)s (%(reference)s, %(cycle)s)."
            ),
            _("The review has ended. This person does not see the application any more."),
        ]
        if submitted:
            parts.append(_("The submitted score sheet is void. You can still read it."))
        if counted:
            parts.append(
                _("The confirmed MCP score still holds its points. Tell DHCS before a decision.")
            )
        parts.append(
            _("Every lead of your plan has a conflict here. Invite another lead to assign it.")
            if nobody
            else _("Give the application to another reviewer:\n%(url)s")
        )
        subject = _("%(reference)s: %(practice)s needs a new reviewer") % facts
        body = "\n\n".join(parts) % facts + "\n"
    return Email("conflict", f"conflict:{assignment.pk}", lead.user.email, subject, body)


def reopened(version: SheetVersion) -> None:
    """Tell the reviewer that the lead reopened the sheet, and why."""
    sheet = version.sheet
    assignment, application = sheet.assignment, sheet.assignment.application
    user = assignment.reviewer.user
    with in_language(user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "due": long(application.cycle.scoring_due_at),
            "reason": version.reason,
            "url": absolute(reverse("scoring:sheet", args=[sheet.pk])),
        }
        subject = _("%(reference)s: your score sheet is open again") % facts
        body = _(
            "Your lead reopened your scores of %(practice)s (%(reference)s, %(cycle)s).\n\n"
            "Reason: %(reason)s\n\n"
            "Your points and comments are kept. Change what is asked for and submit again. Scores are "
            "due %(due)s:\n%(url)s\n"
        )
        key = f"reopened:{version.pk}"
        enqueue([Email("reopened", key, user.email, subject, body % facts)])


def sent_back(application: Application, *, note: str, key: str) -> None:
    """Tell the plan's leads that DHCS gave an application back, and why; not whom it is closed to."""
    plan = application.designated_mcp
    if plan is None:
        return
    closed = set(hard_conflicts().filter(application=application).values_list("person", flat=True))
    leads = people_with_role(plan, Role.MCP_LEAD)
    enqueue(
        _sent_back(application, lead, note, key) for lead in leads if lead.user_id not in closed
    )


def _sent_back(application: Application, lead: Membership, note: str, key: str) -> Email:
    with in_language(lead.user):
        facts = {
            "reference": application.reference,
            "practice": application.practice.name,
            "cycle": application.cycle.shown_title,
            "note": note,
            "url": absolute(reverse("scoring:application", args=[application.pk])),
        }
        parts = [
            _("DHCS sent %(practice)s (%(reference)s, %(cycle)s) back to your plan."),
            _("What DHCS writes:\n%(note)s"),
            _("Look at it, change your recommendation if needed, and hand it over again:\n%(url)s"),
        ]
        subject = _("%(reference)s: DHCS sent %(practice)s back") % facts
        body = "\n\n".join(part % facts for part in parts) + "\n"
    return Email("sent_back", key, lead.user.email, subject, body)
