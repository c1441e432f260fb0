"""What changed a decision after its release, in words for the practice. One query, no markup."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from core.times import long
from selection.enums import Outcome, Reason
from selection.models import Decision, LaterAct


@dataclass(frozen=True)
class Line:
    """One later act: what it was, and when with what it leads to."""

    title: str
    body: str


def later_lines(decision: Decision) -> list[Line]:
    """Return the later acts on a released decision, oldest first."""
    acts = LaterAct.objects.filter(
        application=decision.application_id, proposal=decision.proposal_id
    )
    titles = {
        Reason.PROMOTED: _("Your practice moved up from the waitlist"),
        Reason.RECONSIDERED: _("DHCS answered your request for a reconsideration"),
        Reason.DECLINED: _("The place was declined, or not accepted in time"),
        Reason.LEFT: _("Your practice left the program"),
    }
    states: dict[str, str] = {
        Outcome.SELECTED: _("%(when)s. Since then your practice is selected."),
        Outcome.WAITLISTED: _("%(when)s. Your practice is on the waitlist."),
        Outcome.NOT_SELECTED: _("%(when)s. Your practice is not selected."),
    }
    return [
        Line(
            str(titles[Reason(act.reason)]),
            str(states.get(act.outcome, "%(when)s.")) % {"when": long(act.at)},
        )
        for act in acts
    ]
