"""Reasons that people give about a place: why they decline or leave, why staff pass somebody over."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from selection.domain.offers import LEAST_REASON

LONGEST = 2000  # characters
TOO_SHORT = _("Write %(limit_value)d characters or more.")


def _reason(label: object, help_text: object, required: object) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        min_length=LEAST_REASON,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": required, "min_length": TOO_SHORT},
    )


class DeclineForm(PortalForm):
    """Why the practice declines the place."""

    reason = _reason(
        _("Why do you decline?"), _("DHCS reads this."), _("Say why you decline the place.")
    )


class LeaveForm(PortalForm):
    """Why the practice leaves the program."""

    reason = _reason(
        _("Why do you leave?"), _("DHCS reads this."), _("Say why you leave the program.")
    )


class PassOverForm(PortalForm):
    """Why staff leave a suggested practice on the waitlist."""

    reason = _reason(
        _("Why do you pass this practice over?"),
        _("It is kept with the application. The practice does not read it."),
        _("Say why you pass it over."),
    )
