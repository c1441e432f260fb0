"""The file of an import."""

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.importing.parsing import MOST_BYTES
from core.forms import PortalForm


class ImportForm(PortalForm):
    """One CSV file of at most 5 MB."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Up to 5 MB and 500 rows. Nothing is stored before you confirm."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file is empty."),
        },
    )

    def clean_file(self):
        """Refuse a file that is too large before it is read."""
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(
                _t("The file is larger than %(most)s MB. Split it into smaller files.")
                % {"most": MOST_BYTES // 1024 // 1024}
            )
        return given
