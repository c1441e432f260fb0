"""Emails of the plan's work: assigned (to the reviewer); scored, conflict (to the leads)."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.languages import in_language
from accounts.models import Membership
from accounts.queries import people_with_role
from applications.emails import Facts, absolute, compose
from applications.queries import hard_conflicts
from notifications.outbox import Email, enqueue
from scoring.models import Assignment, ScoreSheet


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
    leads = list(people_with_role(assignment.reviewer.organisation, Role.MCP_LEAD))
    closed = hard_conflicts().filter(application=assignment.application)
    barred = set(closed.values_list("person", flat=True))
    told = [lead for lead in leads if lead.user_id not in barred]
    enqueue(
        _conflict(assignment, lead, submitted=submitted, counted=counted, nobody=not told)
        for lead in told or leads
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
