"""Outcomes of a selection."""

from enum import nonmember

from django.db import models
from django.utils.translation import gettext_lazy as _


class Outcome(models.TextChoices):
    """What DHCS decides about one application."""

    SELECTED = "selected", _("Selected")
    WAITLISTED = "waitlisted", _("Waitlisted")
    NOT_SELECTED = "not_selected", _("Not selected")

    transitions = nonmember(
        {"selected": "select", "waitlisted": "waitlist", "not_selected": "do_not_select"}
    )


class Reason(models.TextChoices):
    """Why an application has its outcome: a code that a program can check and a sentence can say."""

    AT_OR_ABOVE = "at_or_above_threshold", _("Recommended, and at or above the threshold")
    NEAR = "near_threshold", _("Recommended, and just below the threshold")
    BELOW = "below_threshold", _("Below the threshold")
    NOT_RECOMMENDED = "not_recommended", _("Not recommended by the plan")
    OVER_BUDGET = (
        "over_budget",
        _("At or above the threshold, and the budget was used up before it"),
    )
    TIE_BREAK = (
        "lost_tie",
        _("The same score as the last one selected, and after it by the tie-break"),
    )
    PINNED_IN = "pinned_in", _("Put in by hand, with a written reason")
    PINNED_OUT = "pinned_out", _("Left out by hand, with a written reason")
    PROMOTED = "promoted", _("Moved up from the waitlist when a place became free")
    RECONSIDERED = "reconsidered", _("Decided anew after a reconsideration")
    DECLINED = "declined_place", _("The practice declined the place")
    LEFT = "left_program", _("The practice left the program")


class RecordKind(models.TextChoices):
    """What a decision record was sealed for. Every one names the record before it."""

    RELEASE = "release", _("Release of the decisions")
    REMODELLING = "remodelling", _("New decisions after a change of the rules")
    LATER_ACT = "later_act", _("A later act on single applications")


class OfferStatus(models.TextChoices):
    """Where the offer of a place is. A suggested one is seen by DHCS only, until staff confirm it."""

    SUGGESTED = "suggested", _("Waits for DHCS to confirm")
    OPEN = "open", _("Waits for the practice")
    ACCEPTED = "accepted", _("Accepted")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Not answered in time")
    CANCELLED = "cancelled", _("Taken back")

    live = nonmember(("suggested", "open"))


class SearchState(models.TextChoices):
    """Where a search for the best cohort is."""

    WAITING = "waiting", _("Waiting to start")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    IMPOSSIBLE = "impossible", _("Not possible")
    CANCELLED = "cancelled", _("Cancelled")
    FAILED = "failed", _("Stopped by a fault")

    live = nonmember(("waiting", "running"))
