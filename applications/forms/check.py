"""The form of the check before sign-up, made from the program's checks."""

from collections.abc import Mapping, Sequence
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.eligibility import DAY, checks_of, name_of
from core.forms import CountField, PortalForm
from programs.geography import counties
from programs.schema import EligibilityCheck, ProgramDefinition

MOST_MEMBERS = 10_000_000
YES_NO = (("yes", _("Yes")), ("no", _("Not yet")))
DAYS = ["%Y-%m-%d", "%m/%d/%Y"]
EARLIEST_YEAR = 2000


class CheckForm(PortalForm):
    """One field a check; `cleaned_data` is turned into plain answers by `answers()`.

    `plan` is not shown: the result page fills it in from the plans of the county.
    """

    mark_optional = False
    plan = forms.SlugField(max_length=80, required=False, widget=forms.HiddenInput)

    def __init__(self, definition: ProgramDefinition, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.checks = checks_of(definition)
        for check in self.checks:
            self.fields[name_of(check)] = _field(check, definition)
            if check.date_label:
                self.fields[check.key + DAY] = _day(check)

    def get_layout(self) -> Layout:
        """Return each check with its day beside it."""
        rows: list[Any] = ["plan"]
        for check in self.checks:
            row = [name_of(check)]
            if check.date_label:
                row.append(Div(check.key + DAY, css_class="check-pair__day"))
            rows.append(Div(*row, css_class="check-pair"))
        return Layout(*rows)

    def clean(self) -> None:
        """Refuse days in the future, and forget the day of a "not yet"."""
        for check in self.checks:
            name = check.key + DAY
            day = self.cleaned_data.get(name)
            if not day:
                continue
            if self.cleaned_data.get(check.key) != "yes":
                self.cleaned_data[name] = None
            elif day > timezone.localdate():
                self.add_error(name, _t("This date is in the future."))
            elif day.year < EARLIEST_YEAR:
                self.add_error(name, _t("Check the year of this date."))

    def answers(self) -> dict[str, Any]:
        """Return the answers as they are kept in a session and a URL."""
        return {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in self.cleaned_data.items()
            if value not in (None, "", [])
        }


class PlanForm(PortalForm):
    """Which of the county's plans is yours; the other answers come along unseen."""

    plan = forms.ChoiceField(
        label=_("Which of them has most of your members?"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("We keep your choice for the application. You can change it there."),
    )

    def __init__(self, plans: Sequence, answers: Mapping[str, Any]) -> None:
        super().__init__(initial={"plan": answers.get("plan", "")})
        self.fields["plan"].choices = [(plan.slug, plan.name) for plan in plans]
        self.fields["plan"].needed = True


def _field(check: EligibilityCheck, definition: ProgramDefinition) -> forms.Field:
    texts = {"label": check.label, "help_text": check.help}
    if check.kind == "specialties":
        return forms.MultipleChoiceField(
            choices=[(choice.value, choice.label) for choice in definition.specialties],
            widget=forms.CheckboxSelectMultiple,
            required=False,
            **texts,
        )
    if check.kind == "members":
        return CountField(
            min_value=0,
            max_value=MOST_MEMBERS,
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
            error_messages={
                "required": _("Write the number of members, such as 920, or 0."),
                "invalid": _("Write the number of members as a whole number, such as 920."),
            },
            **texts,
        )
    if check.kind == "county":
        choices = [("", _("Choose a county")), *((name, name) for name in counties())]
        messages = {"required": _("Choose a county.")}
        return forms.ChoiceField(choices=choices, error_messages=messages, **texts)
    messages = {"required": _("Choose an answer.")}
    return forms.ChoiceField(
        choices=YES_NO, widget=forms.RadioSelect, error_messages=messages, **texts
    )


def _day(check: EligibilityCheck) -> forms.Field:
    return forms.DateField(
        label=check.date_label,
        required=False,
        input_formats=DAYS,
        help_text=_("If you know it, such as 9/15/2023. We keep it for the application."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("Write the date as month/day/year, such as 9/15/2023.")},
    )
