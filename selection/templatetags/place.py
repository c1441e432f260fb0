"""What a decision asks of a practice, for its own pages.

``{% answer_by application as due %}``, ``{% running_request application as asked %}``.
"""

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.enums import Status
from applications.models import Application
from core.times import long
from selection.presenting.place import place_of
from selection.queries.offers import offer_of
from selection.queries.reconsiderations import ASKABLE, OPEN

register = template.Library()


@register.simple_tag
def answer_by(application: Application | None) -> str:
    """Return "Answer by … (14 days left)" while an offer is open, else "" (1 query when selected)."""
    if application is None or application.status != Status.SELECTED:
        return ""
    return place_of(application, offer_of(application), timezone.now()).due


@register.simple_tag
def running_request(application: Application | None) -> str:
    """Return that a request to decide anew waits for its answer, else "" (1 query after such a decision)."""
    if application is None or application.status not in ASKABLE:
        return ""
    asked = application.reconsiderations.filter(OPEN).order_by("pk").last()
    if asked is None:
        return ""
    when = {"when": long(asked.requested_at)}
    return _("You asked DHCS on %(when)s to decide anew. The answer is not there yet.") % when
