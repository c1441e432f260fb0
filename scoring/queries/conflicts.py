"""Reads of who has or had to do with one application."""

from django.db.models import QuerySet

from applications.models import Application
from scoring.models import Assignment


def reviews_ever(application: Application) -> QuerySet[Assignment]:
    """Return every review of the application, standing or ended, in order, with person and sheet."""
    return (
        Assignment.objects.filter(application=application)
        .select_related("reviewer__user", "sheet")
        .order_by("reviewer__user__full_name", "reviewer", "pk")
    )
