"""A section's form, made from the questions of the program definition.

Saving is permissive: nothing is required here; what is missing is said on the checklist and at submit.
"""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.completeness import word_count
from applications.models import Answer
from core.forms import VERSION, CountField, PortalForm, use_our_messages, version_given
from programs.schema import ProgramDefinition, Question, Section

LONGEST_TEXT = 20_000
YES_NO = (("yes", _("Yes")), ("no", _("No")))


class SectionForm(PortalForm):
    """The questions of one section, filled with the stored answers.

    `only` limits the form to some questions, as an autosave sends one at a time.
    """

    def __init__(
        self,
        definition: ProgramDefinition,
        section: Section,
        answers: Mapping[str, Answer],
        data: Mapping[str, Any] | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        super().__init__(data)
        self.answers = answers
        self.questions = [q for q in section.questions if only is None or q.key in only]
        for question in self.questions:
            self.fields[question.key] = field_for(question, definition)
            self.fields[question.key].needed = question.required
            use_our_messages(self.fields[question.key])
            if question.key in answers:
                self.initial[question.key] = answers[question.key].value

    def values(self) -> dict[str, object]:
        """Return the stored form of every answer that could be read."""
        return {
            question.key: stored(self.cleaned_data[question.key])
            for question in self.questions
            if question.key in self.cleaned_data
        }

    def bases(self) -> dict[str, int]:
        """Return the version of each answer that this page was filled with."""
        return {q.key: version_given(self.data, q.key) for q in self.questions}

    def versions(self, known: Mapping[str, int] | None = None) -> list[tuple[str, int]]:
        """Return (name, version) of the hidden inputs.

        `known` says what became of a save; an answer that was not saved keeps the version it came with.
        """
        return [(VERSION + q.key, self._version(q.key, known or {})) for q in self.questions]

    def over_limit(self) -> list[Question]:
        """Return the questions whose answer has more words than it may; it is saved all the same."""
        found = []
        for question in self.questions:
            text = self.cleaned_data.get(question.key) or ""
            if question.word_limit and word_count(text) > question.word_limit:
                found.append(question)
        return found

    def _version(self, key: str, known: Mapping[str, int]) -> int:
        if key in known:
            return known[key]
        if VERSION + key in self.data:
            return version_given(self.data, key)
        return self.answers[key].version if key in self.answers else 0


def field_for(question: Question, definition: ProgramDefinition) -> forms.Field:  # noqa: PLR0911
    """Return the form field of a question."""
    shared = {"label": question.label, "help_text": question.help, "required": False}
    choices = [(choice.value, choice.label) for choice in definition.choices_of(question)]
    match question.kind:
        case "short_text":
            return forms.CharField(max_length=500, **shared)
        case "email":
            return forms.EmailField(max_length=254, **shared)
        case "long_text":
            return forms.CharField(max_length=LONGEST_TEXT, widget=_textarea(question), **shared)
        case "integer":
            return CountField(**_bounds(question), **shared)
        case "decimal":
            return forms.DecimalField(max_digits=8, decimal_places=2, **_bounds(question), **shared)
        case "date":
            return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}), **shared)
        case "yes_no":
            return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect, **shared)
        case "choice":
            return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **shared)
        case _:
            return forms.MultipleChoiceField(
                choices=choices, widget=forms.CheckboxSelectMultiple, **shared
            )


def stored(value: Any) -> object:
    """Return a cleaned value as it is stored: text, list of texts, or None when empty."""
    if value in (None, "", []):
        return None
    if isinstance(value, list):
        return sorted(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)


def _textarea(question: Question) -> forms.Textarea:
    limit = {"data-word-limit": question.word_limit} if question.word_limit else {}
    return forms.Textarea(attrs={"rows": 9, **limit})


def _bounds(question: Question) -> dict[str, Any]:
    return {"min_value": question.minimum, "max_value": question.maximum}
