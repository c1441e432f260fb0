"""The file of offline scoring."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from scoring.offline.form import MOST_BYTES


class OfflineForm(PortalForm):
    """One filled-in workbook of at most 5 MB."""

    file = forms.FileField(
        label=_("Your filled-in form (xlsx)"),
        help_text=_("Up to 5 MB. You see what would change before anything is stored."),
        widget=forms.FileInput(
            attrs={
                "accept": ".xlsx,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            }
        ),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def clean_file(self):
        """Refuse a file that is too large before it is read."""
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(
                _t("The file is larger than %(most)d MB. Choose the form that you downloaded.")
                % {"most": MOST_BYTES // 1024 // 1024}
            )
        return given
