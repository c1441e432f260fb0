"""Forms of the public pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from programs.payment import PaymentError, band_for

MOST_DIGITS = 9


class EstimateForm(PortalForm):
    """Asks for the number of members; `cleaned_data["members"]` is a whole number in the table."""

    form_method = "get"
    members = forms.CharField(
        label=_("Assigned Medi-Cal members"),
        help_text=_(
            "Members that managed care plans (MCPs) assigned to your practice in November 2024, "
            "without members of D-SNP plans."
        ),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Write the number of members, such as 920.")},
    )

    def __init__(self, data=None, *, bands):
        self.bands = bands
        super().__init__(data)

    def clean_members(self) -> int:
        """Read the count, thousands commas allowed, and check it against the table."""
        text = "".join(self.cleaned_data["members"].split()).replace(",", "")
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS):
            raise forms.ValidationError(
                _("Write the number of members as a whole number, such as 920.")
            )
        try:
            band_for(int(text), self.bands)
        except PaymentError as error:
            raise forms.ValidationError(str(error)) from None
        return int(text)
