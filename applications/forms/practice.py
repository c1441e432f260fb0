"""Forms of the practice itself: profile, sites, members."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from applications.identifiers import clean_npi, clean_tin
from core import times
from core.exceptions import DomainError
from core.fields import Versions, version_of
from core.forms import VERSION, CountField, PortalForm, version_given
from programs.geography import county_of_zip, is_california_zip
from programs.schema import ProgramDefinition


def _clean(checker, text: str) -> str:
    """Run a checker of identifiers; turn its sentence into the field's error."""
    if not text:
        return ""
    try:
        return checker(text)
    except DomainError as error:
        raise forms.ValidationError(str(error)) from error


class NewPracticeForm(PortalForm):
    """The one thing needed to begin."""

    name = forms.CharField(
        label=_("Legal name of the practice"),
        max_length=200,
        help_text=_("As it is on your contracts. You can change it until you submit."),
    )


class FieldsForm(PortalForm):
    """A form of which every field is saved by itself, under a version of its own.

    `versions` are those of the stored row; `only` limits the form to some fields, as an autosave
    sends one at a time. `row` is the id of the row that the form is about, if it is one of several.
    """

    asked_for: tuple[str, ...] = ()

    def __init__(
        self,
        *args: Any,
        versions: Versions | None = None,
        only: Collection[str] | None = None,
        row: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stored_versions, self.row = versions or {}, row
        for name in list(self.fields):
            if only is not None and name not in only:
                del self.fields[name]
            else:
                self.fields[name].needed = name in self.asked_for

    def changes(self) -> dict[str, Any]:
        """Return the value of every field that the page sent and that could be read."""
        return {name: self.cleaned_data[name] for name in self._sent() if name in self.cleaned_data}

    def bases(self) -> dict[str, int]:
        """Return the version of each field that the page was filled with."""
        return {name: version_given(self.data, self.add_prefix(name)) for name in self.fields}

    def versions(self, known: Mapping[str, int] | None = None) -> list[tuple[str, int]]:
        """Return (name, version) of the hidden inputs.

        `known` says what became of a save; a field that was not saved keeps the version it came with.
        """
        return [
            (VERSION + self.add_prefix(name), self._version(name, known or {}))
            for name in self.fields
        ]

    def words(self, name: str, value: Any) -> str:
        """Return a stored value in the words of the form, to show it beside another one."""
        if isinstance(value, list):
            labels = dict(self.fields[name].choices)
            return ", ".join(str(labels.get(one, one)) for one in value)
        if isinstance(value, date):
            return times.day(value)
        return f"{value:,}" if isinstance(value, int) else str(value or "")

    def control_values(self, name: str, value: Any) -> list[str]:
        """Return what the control of field `name` holds for a stored value."""
        if isinstance(value, list):
            return value
        if isinstance(value, Organisation):
            return [str(value.pk)]
        return [value.isoformat() if isinstance(value, date) else str(value or "")]

    def _version(self, name: str, known: Mapping[str, int]) -> int:
        control = self.add_prefix(name)
        if control in known:
            return known[control]
        if VERSION + control in self.data:
            return version_given(self.data, control)
        return version_of(self.stored_versions, name)

    def _sent(self) -> list[str]:
        sent = []
        for name in self.fields:
            control = self.add_prefix(name)
            if control in self.data or VERSION + control in self.data:
                sent.append(name)
        return sent


class ProfileForm(FieldsForm):
    """Who the practice is. The TIN is never shown again in full; leaving it empty keeps it."""

    asked_for = ("npi", "tin", "specialties", "practice_types", "ehr")
    name = forms.CharField(label=_("Legal name"), max_length=200)
    dba = forms.CharField(
        label=_("Doing business as"),
        max_length=200,
        required=False,
        help_text=_("Only if patients know you by another name."),
    )
    npi = forms.CharField(
        label=_("Organizational NPI"),
        required=False,
        max_length=20,
        help_text=_("The 10-digit number of the practice (type 2), not of a clinician."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    tin = forms.CharField(
        label=_("Taxpayer ID (TIN)"),
        required=False,
        max_length=20,
        help_text=_("9 digits, such as 94-1234567. Stored encrypted and shown masked."),
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "off",
                "data-no-local-copy": True,
                "data-save-when-left": True,
            }
        ),
    )
    specialties = forms.MultipleChoiceField(
        label=_("Primary care specialties"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose all that you give."),
    )
    practice_types = forms.MultipleChoiceField(
        label=_("What kind of practice is it?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Choose all that apply. Say so if you are a tribal health program: it can add priority "
            "points."
        ),
    )
    ehr = forms.CharField(label=_("Electronic health record (EHR)"), max_length=100, required=False)
    website = forms.URLField(
        label=_("Website"), required=False, max_length=200, assume_scheme="https"
    )

    def __init__(self, definition: ProgramDefinition, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("specialties", "practice_types"):
            if name in self.fields:
                choices = getattr(definition, name)
                self.fields[name].choices = [(c.value, c.label) for c in choices]

    def clean_npi(self) -> str:
        """Check the NPI's digits and its check digit."""
        return _clean(clean_npi, self.cleaned_data["npi"])

    def clean_tin(self) -> str:
        """Check the TIN's digits; empty means: keep the one that is stored."""
        return _clean(clean_tin, self.cleaned_data["tin"])

    def clean_specialties(self) -> list[str]:
        """Return the choices, each once, in the order in which they are stored."""
        return sorted(set(self.cleaned_data["specialties"]))

    def clean_practice_types(self) -> list[str]:
        """Return the choices, each once, in the order in which they are stored."""
        return sorted(set(self.cleaned_data["practice_types"]))

    def control_values(self, name: str, value: Any) -> list[str]:
        """A TIN is never put back into its control."""
        return [""] if name == "tin" else super().control_values(name, value)


class SiteForm(FieldsForm):
    """One place where patients are seen; the county follows from the ZIP code."""

    asked_for = ("name", "street", "city", "zip_code")
    name = forms.CharField(label=_("Site name"), max_length=200, required=False)
    street = forms.CharField(label=_("Street address"), max_length=200, required=False)
    city = forms.CharField(label=_("City"), max_length=100, required=False)
    zip_code = forms.CharField(
        label=_("ZIP code"),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    npi = forms.CharField(
        label=_("Site NPI"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def clean_zip_code(self) -> str:
        """Accept a California ZIP code whose county is known; nine digits are cut to five."""
        text = self.cleaned_data["zip_code"].strip()
        if not text:
            return ""
        text = text[:5]
        if not text.isascii() or not text.isdigit() or len(text) != 5:
            raise forms.ValidationError(_t("A ZIP code has 5 digits, such as 93701."))
        if not is_california_zip(text) or not county_of_zip(text):
            raise forms.ValidationError(
                _t("We do not know %(zip)s as a ZIP code in California. Check the number.")
                % {"zip": text}
            )
        return text

    def clean_npi(self) -> str:
        """Check the NPI when one is given."""
        return _clean(clean_npi, self.cleaned_data["npi"])


class PlanField(forms.ChoiceField):
    """One of the plans that `offer` was given; they are read once for all rows of a page."""

    plans: dict[str, Organisation]

    def offer(self, plans: Sequence[Organisation]) -> None:
        """Set the plans to choose from."""
        self.plans = {str(plan.pk): plan for plan in plans}
        self.choices = [("", _t("Choose a plan")), *self._names(self.plans)]

    def put_first(self, fit: Collection[int]) -> None:
        """Show the plans with ids `fit` first, and the others as what can't score now."""
        first = [key for key in self.plans if int(key) in fit]
        rest = [key for key in self.plans if int(key) not in fit]
        groups: list[Any] = [("", _t("Choose a plan"))]
        if first:
            label = _t("In your table and in a county of your sites")
            groups.append((label, self._names(first)))
        label = _t("Not now: not in your table, or not in a county of your sites")
        self.choices = [*groups, (label, self._names(rest))] if rest else groups

    def _names(self, keys: Iterable[str]) -> list[tuple[str, str]]:
        return [(key, self.plans[key].name) for key in keys]

    def clean(self, value: object) -> Organisation | None:
        """Return the plan, or None when none is chosen and that is allowed."""
        return self.plans.get(super().clean(value))


class MemberForm(FieldsForm):
    """How many Medi-Cal members one plan assigned to the practice, and when that was counted."""

    asked_for = ("plan", "members", "as_of")
    plan = PlanField(label=_("Medi-Cal plan (MCP)"), required=False)
    members = CountField(
        label=_("Assigned members"),
        min_value=1,
        max_value=10_000_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    as_of = forms.DateField(
        label=_("Counted on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, plans: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "plan" in self.fields:
            self.fields["plan"].offer(plans)

    def clean_as_of(self) -> date | None:
        """Refuse a date in the future."""
        day = self.cleaned_data["as_of"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_t("This date is in the future."))
        return day


class DesignatedForm(FieldsForm):
    """Which plan scores the application."""

    asked_for = ("designated_mcp",)
    designated_mcp = PlanField(
        label=_("Plan that scores your application"),
        required=False,
        help_text=_(
            "One of the plans in your table that operates in a county of your sites. "
            "It can't change after you submit."
        ),
    )

    def __init__(
        self, *args: Any, plans: Sequence[Organisation], locked: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.locked = locked
        if "designated_mcp" in self.fields:
            self.fields["designated_mcp"].offer(plans)
            self.fields["designated_mcp"].disabled = locked
