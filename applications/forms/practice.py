"""Forms of the practice itself: profile, sites, members."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from applications.identifiers import clean_npi, clean_tin
from core.exceptions import DomainError
from core.forms import CountField, PortalForm
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


class ProfileForm(PortalForm):
    """Who the practice is. The TIN is never shown again in full; leaving it empty keeps it."""

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
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    specialties = forms.MultipleChoiceField(
        label=_("Primary care specialties"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    practice_types = forms.MultipleChoiceField(
        label=_("Practice type"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose all that apply. Tribal health programs get priority points."),
    )
    ehr = forms.CharField(label=_("Electronic health record (EHR)"), max_length=100, required=False)
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, definition: ProgramDefinition, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in ("npi", "tin", "specialties", "practice_types", "ehr"):
            self.fields[name].needed = True
        for name in ("specialties", "practice_types"):
            choices = getattr(definition, name)
            self.fields[name].choices = [(c.value, c.label) for c in choices]

    def clean_npi(self) -> str:
        """Check the NPI's digits and its check digit."""
        return _clean(clean_npi, self.cleaned_data["npi"])

    def clean_tin(self) -> str:
        """Check the TIN's digits; empty means: keep the one that is stored."""
        return _clean(clean_tin, self.cleaned_data["tin"])


class SiteForm(PortalForm):
    """One place where patients are seen; the county follows from the ZIP code."""

    id = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Site name"), max_length=200)
    street = forms.CharField(label=_("Street address"), max_length=200)
    city = forms.CharField(label=_("City"), max_length=100)
    zip_code = forms.CharField(
        label=_("ZIP code"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "postal-code"}),
    )
    npi = forms.CharField(label=_("Site NPI"), required=False, max_length=20)

    def clean_zip_code(self) -> str:
        """Accept a California ZIP code whose county is known."""
        text = self.cleaned_data["zip_code"].strip()[:5]
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
        names = [(key, plan.name) for key, plan in self.plans.items()]
        self.choices = [("", _t("Choose a plan")), *names]

    def clean(self, value: object) -> Organisation | None:
        """Return the plan, or None when none is chosen and that is allowed."""
        return self.plans.get(super().clean(value))


class MemberForm(PortalForm):
    """How many Medi-Cal members one plan assigned to the practice, and when that was counted."""

    plan = PlanField(label=_("Medi-Cal plan (MCP)"))
    members = CountField(
        label=_("Assigned members"),
        min_value=1,
        max_value=10_000_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    as_of = forms.DateField(label=_("Counted on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args, plans: Sequence[Organisation], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].offer(plans)

    def clean_as_of(self):
        """Refuse a date in the future."""
        day = self.cleaned_data["as_of"]
        if day > timezone.localdate():
            raise forms.ValidationError(_t("This date is in the future."))
        return day


class VersionForm(PortalForm):
    """The version of the practice that a page was filled with."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class DesignatedForm(VersionForm):
    """Which plan scores the application, and the version the page was filled with."""

    designated_mcp = PlanField(
        label=_("Plan that scores your application"),
        required=False,
        help_text=_(
            "One of the plans in your table that operates in a county of your sites. "
            "It can't change after you submit."
        ),
    )

    def __init__(
        self, *args, plans: Sequence[Organisation], locked: bool = False, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["designated_mcp"].offer(plans)
        self.fields["designated_mcp"].needed = True
        self.fields["designated_mcp"].disabled = locked


class _RowsFormSet(forms.BaseFormSet):
    """Rows that can be left empty or marked for removal."""

    remove_label = _("Remove this row when I save")

    def add_fields(self, form, index) -> None:
        """Give the removal a label that says what it does."""
        super().add_fields(form, index)
        form.fields["DELETE"].label = self.remove_label
        form.fields["DELETE"].needed = True

    def clean(self) -> None:
        """Refuse a table of which a part did not arrive: it would remove the rest."""
        if self.total_form_count() < self.initial_form_count():
            raise forms.ValidationError(
                _t("Some rows did not arrive, so nothing was saved. Reload the page and try again.")
            )

    def rows(self) -> list[dict[str, Any]]:
        """Return the filled rows that stay."""
        return [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data.get("zip_code" if "zip_code" in form.fields else "plan")
            and not form.cleaned_data.get("DELETE")
        ]


class _MembersFormSet(_RowsFormSet):
    def clean(self) -> None:
        """Refuse two rows for one plan."""
        super().clean()
        if any(self.errors):
            return
        named = [row["plan"] for row in self.rows()]
        if len(named) != len(set(named)):
            raise forms.ValidationError(_t("Each plan can be listed once. Add the counts up."))


SiteFormSet = forms.formset_factory(
    SiteForm, formset=_RowsFormSet, extra=1, can_delete=True, max_num=200, absolute_max=250
)
MemberFormSet = forms.formset_factory(
    MemberForm, formset=_MembersFormSet, extra=1, can_delete=True, max_num=40, absolute_max=60
)
