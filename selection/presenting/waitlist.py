"""The waitlist and the offers in words for staff. No queries."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.templatetags.ui import pacific
from selection.enums import OfferStatus
from selection.models import Decision, Offer
from selection.presenting import NOTHING, dollars
from selection.queries.waitlist import Money

NO_MONEY = Decimal(0)
TONES = {
    OfferStatus.SUGGESTED: "turn",
    OfferStatus.OPEN: "info",
    OfferStatus.ACCEPTED: "success",
    OfferStatus.DECLINED: "neutral",
    OfferStatus.EXPIRED: "warning",
    OfferStatus.CANCELLED: "neutral",
}


def figures(money: Money, counts: Mapping[str, int], waiting: int) -> list[dict[str, Any]]:
    """Return the key figures: dollars, and how many wait, accepted and gave back."""
    back = counts.get(OfferStatus.DECLINED, 0) + counts.get(OfferStatus.EXPIRED, 0)
    kept = _("%(kept)s kept for suggestions") % {"kept": dollars(money.kept)} if money.kept else ""
    return [
        {
            "label": _("Free for the waitlist"),
            "value": dollars(max(money.free, NO_MONEY)),
            "note": kept,
        },
        {"label": _("On the waitlist"), "value": f"{waiting:,}"},
        {"label": _("Wait for the practice"), "value": f"{counts.get(OfferStatus.OPEN, 0):,}"},
        {"label": _("Accepted"), "value": f"{counts.get(OfferStatus.ACCEPTED, 0):,}"},
        {"label": _("Declined or not answered"), "value": f"{back:,}"},
    ]


def next_in_line(decision: Decision, money: Money, hidden: set[int]) -> dict[str, Any]:
    """Return who of the line is next, its payment, and what lacks; no name, no dollars where hidden."""
    if decision.application_id in hidden:
        return {"decision": decision, "hidden": True, "facts": []}
    cost, free = decision.application.potential_payment or NO_MONEY, money.free
    lacks = cost - free
    facts = [
        {"label": _("Its payment"), "value": dollars(cost)},
        {"label": _("Free for the waitlist"), "value": dollars(max(free, NO_MONEY))},
    ]
    if free < 0:
        facts.append({"label": _("Given beyond what came back"), "value": dollars(-free)})
    last = dollars(lacks) if lacks > 0 else _("nothing: the portal suggests it soon")
    return {
        "decision": decision,
        "hidden": False,
        "facts": [*facts, {"label": _("Missing"), "value": last}],
    }


def line(
    decisions: Iterable[Decision], offers: Mapping[int, Offer], hidden: set[int]
) -> list[dict[str, Any]]:
    """Return the rows of the waitlist; what a conflict hides from the person has no name."""
    return [_row(one, offers.get(one.pk), one.application_id in hidden) for one in decisions]


def _row(decision: Decision, offer: Offer | None, is_hidden: bool) -> dict[str, Any]:
    if is_hidden:
        return {"decision": decision, "hidden": True, "state": "", "tone": "", "offer": None}
    state, tone = "", ""
    if offer is not None and offer.status == OfferStatus.SUGGESTED:
        state, tone = _("Suggested"), "turn"
    elif offer is not None:
        state, tone = _("Passed over"), "neutral"
    payment = decision.application.potential_payment
    return {
        "decision": decision,
        "hidden": False,
        "cost": NOTHING if payment is None else dollars(payment),
        "state": state,
        "tone": tone,
        "passed": offer if state and offer and offer.reason else None,
    }


def offer_rows(offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """Return the rows of the offers."""
    return [
        {
            "offer": one,
            "application": one.application,
            "state": one.get_status_display(),
            "tone": TONES[OfferStatus(one.status)],
            "answer_by": pacific(one.answer_by) if one.answer_by else NOTHING,
            "answered": pacific(one.answered_at) if one.answered_at else NOTHING,
            "by": one.answered_by.full_name if one.answered_by else "",
            "now": one.application.staff_status,
        }
        for one in offers
    ]


def confirm_effects(offer: Offer) -> list[str]:
    """Return what confirming does."""
    return [
        _("The practice moves up to “Selected” and can accept the place."),
        _("Its owners get an email with the deadline."),
        _("A new record is sealed and published."),
    ]
