"""What an email is about, in words for staff."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KINDS: dict[str, str | Promise] = {
    "submitted": _("Receipt of the application"),
    "arrived": _("A new application came in"),
    "corrected": _("A corrected application came in"),
    "returned": _("Sent back for correction"),
    "withdrawn": _("Withdrawn by the practice"),
    "message": _("A message"),
    "assigned": _("A review was assigned"),
    "scored": _("A score sheet was submitted"),
    "reopened": _("A score sheet was reopened"),
    "declined": _("A reviewer declined"),
    "conflict": _("A review ended by a conflict of interest"),
    "own_conflict": _("A lead declared a conflict of interest"),
    "taken": _("A review was taken from a reviewer"),
    "sent_back": _("Sent back to the plan"),
    "late_access": _("Late access"),
    "selected": _("Decision: selected"),
    "waitlisted": _("Decision: waitlisted"),
    "not_selected": _("Decision: not selected"),
    "mention": _("A mention in a note of DHCS"),
    "offer_reminder": _("Reminder to answer the offer"),
    "offer_accepted": _("Receipt of the accepted place"),
    "offer_declined": _("Receipt of the declined place"),
    "offer_expired": _("The offer was not answered in time"),
    "reconsideration_received": _("Receipt of a request for a reconsideration"),
    "reconsideration_assigned": _("A request to decide anew was given to a reader"),
    "reconsideration_decided": _("Answer to a request for a reconsideration"),
    "promoted": _("Offer of a place from the waitlist"),
    "left_program": _("Receipt of leaving the program"),
}


def kind_in_words(kind: str) -> str:
    """Return what an email of `kind` is about; an unknown kind is shown as a plain word."""
    return str(KINDS.get(kind, kind.replace("_", " ").capitalize()))
