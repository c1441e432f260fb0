"""Sending an application back as a form."""

from typing import Any

from crispy_forms.layout import Fieldset, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from applications.correcting import correctable
from core.forms import PortalForm
from programs.schema import ProgramDefinition
from scoring.forms.sheets import NOTE


class ReturnForm(PortalForm):
    """What the practice has to correct: a note for each section concerned, and why in all."""

    mark_optional = False
    reason = forms.CharField(
        label=_("Why it goes back"),
        help_text=_("The practice reads this by email and on its first page."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence why the application goes back.")},
    )

    def __init__(self, definition: ProgramDefinition, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.sections = correctable(definition)
        for key, title in self.sections:
            self.fields[NOTE + key] = forms.CharField(
                label=title,
                required=False,
                max_length=5000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def get_layout(self) -> Layout:
        """Put the notes under a heading of their own."""
        notes = [NOTE + key for key, _title in self.sections]
        return Layout("reason", Fieldset(_("Sections to correct"), *notes))

    def clean(self) -> dict[str, Any]:
        """Ask for at least one note."""
        data = super().clean() or {}
        if not self.notes() and not self._has_note_error():
            first = NOTE + self.sections[0][0]
            self.add_error(first, _("Write a note for at least one section."))
        return data

    def notes(self) -> dict[str, str]:
        """Return the notes by section key, in the order of the form."""
        found = {key: self.cleaned_data.get(NOTE + key) for key, _title in self.sections}
        return {key: text for key, text in found.items() if text}

    def _has_note_error(self) -> bool:
        return any(name.startswith(NOTE) for name in self.errors)
