"""What a decision asks of a practice, for its own pages.

``{% answer_by application as due %}``, ``{% running_request application as asked %}``, and for several
``{% decisions_of applications as rows %}``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.enums import Status
from applications.models import Application
from core.times import long
from selection.models import Offer, Reconsideration
from selection.presenting.place import place_of
from selection.queries.offers import offers_of
from selection.queries.reconsiderations import ASKABLE, running_of

register = template.Library()


@dataclass(frozen=True)
class Row:
    """An application, until when its practice answers an offer, and that a request waits ("": neither)."""

    application: Application
    due: str
    asked: str


@register.simple_tag
def decisions_of(applications: Sequence[Application]) -> list[Row]:
    """Return a row of each application (at most 2 queries)."""
    selected = [one.pk for one in applications if one.status == Status.SELECTED]
    askable = [one.pk for one in applications if one.status in ASKABLE]
    offers = offers_of(selected) if selected else {}
    requests = running_of(askable) if askable else {}
    return [
        Row(one, _due(one, offers.get(one.pk)), _asked(requests.get(one.pk)))
        for one in applications
    ]


@register.simple_tag
def answer_by(application: Application | None) -> str:
    """Return "Answer by … (14 days left)" while an offer is open, else "" (1 query when selected)."""
    rows = decisions_of([application]) if application else []
    return rows[0].due if rows else ""


@register.simple_tag
def running_request(application: Application | None) -> str:
    """Return that a request to decide anew waits for its answer, else "" (1 query after such a decision)."""
    rows = decisions_of([application]) if application else []
    return rows[0].asked if rows else ""


def _due(application: Application, offer: Offer | None) -> str:
    if application.status != Status.SELECTED:
        return ""
    return place_of(application, offer, timezone.now()).due


def _asked(request: Reconsideration | None) -> str:
    if request is None:
        return ""
    when = {"when": long(request.requested_at)}
    return _("You asked DHCS on %(when)s to decide anew. The answer is not there yet.") % when
