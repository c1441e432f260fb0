"""Until when a practice answers, for its own pages: ``{% answer_by application as due %}``."""

from django import template
from django.utils import timezone

from applications.enums import Status
from applications.models import Application
from selection.presenting.place import place_of
from selection.queries.offers import offer_of

register = template.Library()


@register.simple_tag
def answer_by(application: Application | None) -> str:
    """Return "Answer by … (14 days left)" while an offer is open, else "" (1 query when selected)."""
    if application is None or application.status != Status.SELECTED:
        return ""
    return place_of(application, offer_of(application), timezone.now()).due
