"""Highlights as forms: marking a passage, and its note."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm

LONGEST = 20_000


class HighlightForm(PortalForm):
    """A passage of an answer, by its words; `start` is where the script found them."""

    entry = forms.CharField(max_length=60, error_messages={"required": _("Choose an answer.")})
    quote = forms.CharField(
        max_length=LONGEST,
        strip=False,
        error_messages={"required": _("Select or copy the words that you want to mark.")},
    )
    start = forms.IntegerField(required=False, min_value=0, max_value=10**9)
    note = forms.CharField(required=False, max_length=10_000)


class NoteForm(PortalForm):
    """A new note on a highlight."""

    note = forms.CharField(required=False, max_length=10_000)
