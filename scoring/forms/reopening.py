"""Reopening a sheet as a form."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm


class ReopenForm(PortalForm):
    """Why the sheet is opened again."""

    mark_optional = False
    reason = forms.CharField(
        label=_("Why you reopen it"),
        help_text=_("The reviewer reads this by email and on the sheet. It stays in the history."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write why you reopen this sheet. The reviewer reads it.")},
    )
