"""Forms of the acts on a whole application: sign, withdraw."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from programs.schema import ProgramDefinition


class SignForm(PortalForm):
    """Every attestation, and the typed name and title of who signs."""

    signed_name = forms.CharField(label=_("Your full name"), max_length=150)
    signed_title = forms.CharField(label=_("Your title"), max_length=150)
    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, definition: ProgramDefinition, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        named = {
            f"attest_{item.key}": forms.BooleanField(
                label=item.text,
                error_messages={"required": _("Confirm this statement to submit.")},
            )
            for item in definition.attestations
        }
        self.fields = {**named, **self.fields}


class WithdrawForm(PortalForm):
    """Why the application is taken back."""

    reason = forms.CharField(
        label=_("Why do you withdraw?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
