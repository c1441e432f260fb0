"""Forms of the acts on a whole application: sign, withdraw."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from programs.schema import ProgramDefinition


class SignForm(PortalForm):
    """Every attestation, and the typed name and title of who signs.

    `seen` is the digest of what the page showed: nobody signs what was not read. With `unchanged` the
    form asks to confirm that a correction changed nothing.
    """

    signed_name = forms.CharField(label=_("Your full name"), max_length=150)
    signed_title = forms.CharField(label=_("Your title"), max_length=150)
    seen = forms.CharField(
        max_length=64,
        widget=forms.HiddenInput,
        error_messages={"required": _("Read the application again, then sign.")},
    )

    def __init__(
        self, definition: ProgramDefinition, *args, unchanged: bool = False, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        named = {
            f"attest_{item.key}": forms.BooleanField(
                label=item.text,
                error_messages={"required": _("Confirm this statement to submit.")},
            )
            for item in definition.attestations
        }
        if unchanged:
            named["unchanged"] = forms.BooleanField(
                label=_("I changed nothing and send the application back as it is."),
                error_messages={
                    "required": _("Confirm this, or correct what is asked and sign then.")
                },
            )
        self.fields = {**named, **self.fields}


class WithdrawForm(PortalForm):
    """Why the application is taken back."""

    reason = forms.CharField(
        label=_("Why do you withdraw?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
