"""Emails of the plan's work: assigned (to the reviewer), scored (to the leads)."""

from django.urls import reverse

from accounts.enums import Role
from accounts.queries import people_with_role
from applications.emails import Facts, absolute, compose
from notifications.outbox import enqueue
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
