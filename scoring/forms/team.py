"""What a lead sets for a person of the plan: limit and preferences, days away, role."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import CountField, PortalForm
from programs.schema import Choice
from scoring.domain.team import MOST_OPEN
from scoring.models import ReviewerProfile

DAY = {"widget": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}


class ProfileForm(PortalForm):
    """How many open reviews a person takes, and what the automatic assignment gives first."""

    max_open = CountField(
        label=_("Most open reviews at a time"),
        help_text=_("Leave it empty for no limit. 0 means nothing new."),
        min_value=0,
        max_value=MOST_OPEN,
        required=False,
    )
    counties = forms.MultipleChoiceField(
        label=_("Counties to prefer"), required=False, widget=forms.CheckboxSelectMultiple
    )
    specialties = forms.MultipleChoiceField(
        label=_("Specialties to prefer"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        *args,
        counties: Iterable[str],
        specialties: Iterable[Choice],
        profile: ReviewerProfile | None,
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        known = {one.value: str(one.label) for one in specialties}
        chosen = profile.specialties if profile else []
        near = {*counties, *(profile.counties if profile else [])}
        self.fields["counties"].choices = [(one, one) for one in sorted(near)]
        self.fields["specialties"].choices = [
            (value, known.get(value, value)) for value in dict.fromkeys([*known, *chosen])
        ]
        if profile:
            self.initial = {
                "max_open": profile.max_open,
                "counties": profile.counties,
                "specialties": profile.specialties,
            }


class AbsenceForm(PortalForm):
    """The days on which a person gets nothing new."""

    first_day = forms.DateField(
        label=_("First day away"), error_messages={"required": _("Enter the first day.")}, **DAY
    )
    last_day = forms.DateField(
        label=_("Last day away"), error_messages={"required": _("Enter the last day.")}, **DAY
    )

    def clean(self) -> dict[str, Any]:
        """Tie days in the wrong order to the last day."""
        given = super().clean() or self.cleaned_data
        first, last = given.get("first_day"), given.get("last_day")
        if first and last and last < first:
            message = _(
                "This is before the first day away. Enter a later day, or change the first."
            )
            self.add_error("last_day", message)
        return given
