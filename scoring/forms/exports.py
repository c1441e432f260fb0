"""What an export is written as, and how it names reviewers."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from scoring.enums import ExportFormat

NAMES, CODES = "names", "codes"
REVIEWERS = ((CODES, _("By a code, such as R1")), (NAMES, _("By name")))


class ExportForm(PortalForm):
    """Format and reviewers of one export."""

    kind = forms.ChoiceField(
        label=_("Format"),
        choices=ExportFormat.choices,
        initial=ExportFormat.CSV,
        widget=forms.RadioSelect,
    )
    reviewers = forms.ChoiceField(
        label=_("Show reviewers"),
        help_text=_("One reviewer has the same code in the whole file. Comments stay as written."),
        choices=REVIEWERS,
        initial=CODES,
        widget=forms.RadioSelect,
    )
