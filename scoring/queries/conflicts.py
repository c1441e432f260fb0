"""Reads of who has or had to do with one application."""

from django.db.models import QuerySet

from accounts.enums import Role
from accounts.models import Membership
from accounts.queries import people_with_role
from applications.models import Application
from applications.queries import hard_conflicts
from scoring.models import Assignment


def other_leads(application: Application, hat: Membership) -> list[str]:
    """Return the names of the plan's other leads to whom the application is open (1 query)."""
    barred = hard_conflicts().filter(application=application).values("person")
    leads = people_with_role(hat.organisation, Role.MCP_LEAD).exclude(user__in=barred)
    return [lead.user.full_name for lead in leads.exclude(user=hat.user_id)]


def reviews_ever(application: Application) -> QuerySet[Assignment]:
    """Return every review of the application, standing or ended, in order, with person and sheet."""
    return (
        Assignment.objects.filter(application=application)
        .select_related("reviewer__user", "sheet")
        .order_by("reviewer__user__full_name", "reviewer", "pk")
    )
