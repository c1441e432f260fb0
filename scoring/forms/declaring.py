"""What a reviewer says about conflicts of interest, and a reason to decline, as forms."""

from collections.abc import Iterable, Mapping
from typing import Any

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from applications.enums import ConflictOutcome
from applications.models import ConflictCheck
from core.forms import PortalForm, use_our_messages
from programs.schema.rules import ConflictRule

ANSWER, NOTE = "answer_", "note_"
LONGEST = 2000
TAKES_IT = _("Yes takes this application from you.")
TELLS_THE_LEAD = _("Yes tells your lead. You keep the application.")


class DeclareForm(PortalForm):
    """Yes or no to each question of the program about one application, with a note where yes.

    A yes to a soft rule needs the note; `stored` are the person's earlier answers by rule key. The
    effects say beside each question what a yes to a hard or a soft rule does.
    """

    mark_optional = False

    def __init__(
        self,
        rules: Iterable[ConflictRule],
        stored: Mapping[str, ConflictCheck],
        data: Mapping[str, Any] | None = None,
        *,
        hard_effect: str | Promise = TAKES_IT,
        soft_effect: str | Promise = TELLS_THE_LEAD,
    ) -> None:
        super().__init__(data)
        self.rules = tuple(rules)
        for rule in self.rules:
            self.fields[ANSWER + rule.key] = _question(
                rule, hard_effect if rule.hard else soft_effect
            )
            self.fields[NOTE + rule.key] = forms.CharField(
                label=_("In a few words, what is it?"),
                help_text=_("You can leave this empty.") if rule.hard else "",
                required=False,
                max_length=LONGEST,
                widget=forms.Textarea(attrs={"rows": 2}),
            )
            if check := stored.get(rule.key):
                failed = check.outcome == ConflictOutcome.FAILED
                self.initial[ANSWER + rule.key] = "yes" if failed else "no"
                self.initial[NOTE + rule.key] = check.note if failed else ""
        for field in self.fields.values():
            use_our_messages(field)

    def get_layout(self) -> Layout:
        """Keep each question together with its note."""
        return Layout(
            *(
                Div(ANSWER + rule.key, NOTE + rule.key, css_class="declare__rule")
                for rule in self.rules
            )
        )

    def clean(self) -> dict[str, Any]:
        """Ask for the note where a soft rule is answered with yes."""
        data = super().clean() or {}
        for rule in self.rules:
            note = NOTE + rule.key
            unsaid = data.get(ANSWER + rule.key) is True and not data.get(note)
            if unsaid and not rule.hard and note not in self.errors:
                self.add_error(note, _("Write in a few words what it is."))
        return data

    def answers(self) -> dict[str, bool]:
        """Return the answers by rule key."""
        return {rule.key: self.cleaned_data[ANSWER + rule.key] for rule in self.rules}

    def notes(self) -> dict[str, str]:
        """Return the notes by rule key."""
        return {rule.key: self.cleaned_data[NOTE + rule.key] for rule in self.rules}


class DeclareManyForm(PortalForm):
    """The confirmation below a list of applications of which some are ticked."""

    read = forms.BooleanField(
        label=_(
            "I read the name of each practice above. For those that I did not tick, my answer to "
            "each question is no."
        ),
        error_messages={"required": _("Read the names, then tick this box.")},
    )


class DeclineForm(PortalForm):
    """Why a reviewer gives an application back."""

    reason = forms.CharField(
        label=_("Why do you decline?"),
        help_text=_("Your lead reads this. For a conflict of interest, declare it instead."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say in a sentence why you decline.")},
    )


def _question(rule: ConflictRule, effect: str | Promise) -> forms.Field:
    return forms.TypedChoiceField(
        label=rule.label,
        help_text=f"{rule.help} {effect}".strip(),
        choices=(("no", _("No")), ("yes", _("Yes"))),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Answer yes or no.")},
    )
