"""Forms of late access: find a practice, then say until when and why."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import OrganisationKind
from accounts.models import Organisation
from core.forms import PortalForm
from core.times import PACIFIC

TIMES = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"]


class FindPracticeForm(PortalForm):
    """A part of the practice's name, or the whole reference of its application."""

    form_method = "get"
    mark_optional = False

    q = forms.CharField(
        label=_("Practice or reference"),
        help_text=_("A part of the name, or a reference such as EPT1-000123-0."),
        max_length=200,
        required=False,
    )


class LateAccessForm(PortalForm):
    """Until when one practice may apply (Pacific date and time), and why."""

    practice = forms.ModelChoiceField(
        Organisation.objects.filter(kind=OrganisationKind.PRACTICE),
        widget=forms.HiddenInput,
        error_messages={
            "required": _("Choose a practice first."),
            "invalid_choice": _("Choose a practice from the list."),
        },
    )
    day = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={
            "required": _("Enter the last day."),
            "invalid": _("Enter a date such as 12/8/2026."),
        },
    )
    time = forms.TimeField(
        label=_("Until (Pacific time)"),
        input_formats=TIMES,
        initial="17:00",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": _("Enter a time of day."),
            "invalid": _("Enter a time such as 5:00 pm."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The practice reads it in the email. It is kept in the history."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why the practice may apply late.")},
    )

    def clean(self) -> dict[str, Any]:
        """Add `until`, an aware time."""
        data = super().clean() or {}
        if data.get("day") and data.get("time"):
            data["until"] = datetime.combine(data["day"], data["time"], tzinfo=PACIFIC)
        return data
