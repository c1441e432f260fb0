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
