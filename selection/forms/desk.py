"""What staff write about an application: a note, a flag, a conflict of a colleague."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from core.forms import PortalForm, use_our_messages
from programs.schema.rules import ConflictRule
from selection.domain import flags, notes

REASON = 2000
SUGGESTED = (
    _("Ask the plan"),
    _("Check eligibility"),
    _("Check members"),
    _("Legal question"),
)


class NoteForm(PortalForm):
    """A note and the colleagues to tell. `colleagues` are pairs of hat id and name."""

    text = forms.CharField(
        label=_("Write a note"),
        help_text=_(
            "DHCS and auditors read it. To tell a colleague, tick the name or write @Full Name."
        ),
        max_length=notes.LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write the note first.")},
    )
    mentioned = forms.MultipleChoiceField(
        label=_("Tell by email"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, colleagues: Iterable[tuple[str, str]], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        self.fields["mentioned"].choices = list(colleagues)


class FlagForm(PortalForm):
    """A flag that is in use, or a new one in one's own words. The new one counts when both are given."""

    known = forms.ChoiceField(label=_("Flag"), required=False)
    label = forms.CharField(
        label=_("Or a new flag"), required=False, max_length=flags.LONGEST, widget=forms.TextInput
    )

    def __init__(self, used: Sequence[str], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["known"].choices = [("", _("Choose a flag")), *((one, one) for one in used)]

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        data = super().clean() or {}
        if not self.errors and not data.get("known") and not data.get("label"):
            self.add_error("known", _("Choose a flag, or write a new one."))
        return data

    @property
    def chosen(self) -> str:
        """The label to put on."""
        return self.cleaned_data["label"] or self.cleaned_data["known"]


class ColleagueField(forms.ModelChoiceField):
    """Names a colleague with the role."""

    def label_from_instance(self, obj: Membership) -> str:
        """Return name and role."""
        return f"{obj.user.full_name}, {obj.get_role_display()}"


class StaffConflictForm(PortalForm):
    """A conflict of interest of a colleague that somebody knows of."""

    def __init__(
        self, colleagues: Any, rules: Iterable[ConflictRule], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        self.fields["person"] = ColleagueField(
            label=_("Colleague"), queryset=colleagues, empty_label=_("Choose a person")
        )
        self.fields["rule"] = forms.ChoiceField(
            label=_("What is it?"),
            choices=[("", _("Choose a reason")), *((rule.key, _named(rule)) for rule in rules)],
        )
        self.fields["reason"] = forms.CharField(
            label=_("How do you know?"),
            help_text=_("Approvers and administrators read this. Your colleague does not."),
            max_length=REASON,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": _("Write why this is a conflict of interest.")},
        )
        for field in self.fields.values():
            use_our_messages(field)


def flag_choices(used: Iterable[str]) -> list[str]:
    """Return the labels to choose from: those in use, and a few to begin with."""
    known = {label.casefold(): label for label in [*map(str, SUGGESTED), *used]}
    return sorted(known.values(), key=str.casefold)


def _named(rule: ConflictRule) -> Any:
    return rule.label if rule.hard else _("%(label)s (a warning only)") % {"label": rule.label}
