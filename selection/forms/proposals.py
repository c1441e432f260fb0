"""Forms of a proposal: why it is proposed, when the public page appears, why it is rejected."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from core.times import PACIFIC
from selection.domain.approving import LEAST_REASON
from selection.domain.proposing import LEAST_RATIONALE

TIMES = ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p", "%I %p", "%I%p"]
LONGEST = 5000  # characters
FARTHEST = 731  # days ahead that the public page can appear: two years
TOO_SHORT = _("Write %(limit_value)d characters or more.")


class ActForm(PortalForm):
    """An act on a proposal. `form_error_title` heads the summary when the act itself is refused."""

    form_error_title: str | Promise = ""


class PublishForm(ActForm):
    """When the public page appears (Pacific day and time); nothing given: at the release."""

    publish_day = forms.DateField(
        label=_("Public page: day"),
        required=False,
        help_text=_("Leave it empty when the page should appear at the release."),
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": _("Enter a date such as 12/8/2026.")},
    )
    publish_time = forms.TimeField(
        label=_("Public page: time (Pacific)"),
        required=False,
        input_formats=TIMES,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": _("Enter a time such as 9:00 am.")},
    )

    def clean(self) -> dict[str, Any]:
        """Ask for day and time together, and for a moment to come, two years ahead at most."""
        found = super().clean() or {}
        moment = self._moment(found)
        given = bool(found.get("publish_day")), bool(found.get("publish_time"))
        if not self.errors and given[0] != given[1]:
            name = "publish_time" if given[0] else "publish_day"
            self.add_error(name, _t("Enter both the day and the time, or neither."))
        elif moment and moment <= timezone.now():
            self.add_error("publish_day", _t("This is in the past. Enter a time to come."))
        elif moment and moment > timezone.now() + timedelta(days=FARTHEST):
            message = _t("This is too far ahead. Enter a day within the next two years.")
            self.add_error("publish_day", message)
        return found

    @property
    def publish_at(self) -> datetime | None:
        """The moment, of a valid form."""
        return self._moment(self.cleaned_data)

    def _moment(self, found: dict[str, Any]) -> datetime | None:
        day, time = found.get("publish_day"), found.get("publish_time")
        if not day or not time:
            return None
        return datetime.combine(day, time, tzinfo=PACIFIC)


class ProposeForm(PublishForm):
    """Why these rules are proposed. `seen` names the numbers that the page showed."""

    rationale = forms.CharField(
        label=_("Why do you propose this?"),
        help_text=_(
            "The approver reads it, and it is kept with the proposal. Say what the rules are for."
        ),
        min_length=LEAST_RATIONALE,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("Say why you propose this."),
            "min_length": TOO_SHORT,
        },
    )
    name = forms.CharField(
        label=_("Name of the proposal"),
        help_text=_("A few words to find it by."),
        required=False,
        max_length=120,
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=200)

    field_order = ("rationale", "name", "publish_day", "publish_time", "seen")


class RejectForm(ActForm):
    """Why a proposal is rejected."""

    reason = forms.CharField(
        label=_("Why do you reject it?"),
        help_text=_("Who proposed it reads this."),
        min_length=LEAST_REASON,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": _("Say why you reject it."),
            "min_length": TOO_SHORT,
        },
    )
