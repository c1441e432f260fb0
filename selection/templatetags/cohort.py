"""The public page of a cohort, for pages of its cycle: ``{% selected_practices cycle as url %}``."""

from django import template
from django.urls import reverse

from programs.models import Cycle
from selection.queries.records import is_published

register = template.Library()


@register.simple_tag
def selected_practices(cycle: Cycle) -> str:
    """Return where the selected practices are shown, "" while nobody may know (1 query once closed)."""
    if not cycle.has_closed() or not is_published(cycle):
        return ""
    return reverse("selection:cohort", args=[cycle.slug])
