"""The score sheet as a form."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import VERSION, PortalForm, use_our_messages, version_given
from core.widgets import PlainTextarea
from programs.schema import Criterion, Rubric
from scoring.queries.sheets import Kept

POINTS, COMMENT, NOTE = "points_", "comment_", "note_"


class SheetForm(PortalForm):
    """Points 0..max, a comment and a private note for every criterion; nothing is required to save.

    `notes` are the stored notes; None leaves notes out, for whoever is not the reviewer.
    """

    def __init__(
        self,
        rubric: Rubric,
        scores: Mapping[str, Kept],
        comments: Mapping[str, Kept],
        data: Mapping[str, Any] | None = None,
        only: Collection[str] | None = None,
        *,
        notes: Mapping[str, Kept] | None = None,
    ) -> None:
        super().__init__(data)
        self.rubric, self.scores, self.comments, self.notes = rubric, scores, comments, notes
        self.codes = [c.code for section in rubric.sections for c in section.criteria]
        for section in rubric.sections:
            for criterion in section.criteria:
                self._add(criterion, only)

    def _add(self, criterion: Criterion, only: Collection[str] | None) -> None:
        name = field_name(POINTS, criterion.code)
        comment = field_name(COMMENT, criterion.code)
        if only is None or name in only:
            label = f"{criterion.code} {criterion.title}"
            self.fields[name] = _points_field(label, criterion.max_points)
            if criterion.code in self.scores:
                self.initial[name] = self.scores[criterion.code].value
        if only is None or comment in only:
            label = str(_("Comment on %(code)s") % {"code": criterion.code})
            self.fields[comment] = _comment_field(label)
            if criterion.code in self.comments:
                self.initial[comment] = self.comments[criterion.code].value
        note = field_name(NOTE, criterion.code)
        if self.notes is not None and (only is None or note in only):
            self.fields[note] = _note_field(
                str(_("Private note on %(code)s") % {"code": criterion.code})
            )
            if criterion.code in self.notes:
                self.initial[note] = self.notes[criterion.code].value

    def values(self, prefix: str) -> dict[str, Any]:
        """Return the readable values of one kind by criterion code."""
        return {
            code: self.cleaned_data[field_name(prefix, code)]
            for code in self.codes
            if field_name(prefix, code) in self.cleaned_data
        }

    def bases(self, prefix: str) -> dict[str, int]:
        """Return the versions that the page was filled with, by criterion code."""
        return {code: version_given(self.data, field_name(prefix, code)) for code in self.codes}

    def versions(self, known: Mapping[str, int] | None = None) -> list[tuple[str, int]]:
        """Return (name, version) of the hidden inputs; `known` (by field name) overrides."""
        known = known or {}
        rows = []
        kept: tuple[tuple[str, Mapping[str, Kept] | None], ...] = (
            (POINTS, self.scores),
            (COMMENT, self.comments),
            (NOTE, self.notes),
        )
        for prefix, stored in kept:
            for code in self.codes if stored is not None else ():
                name = field_name(prefix, code)
                version = stored[code].version if stored and code in stored else 0
                rows.append((VERSION + name, known.get(name, version)))
        return rows


@lru_cache(maxsize=1024)
def _points_field(label: str, max_points: int) -> forms.Field:
    """Return the field of a criterion's points; one is shared by all forms, none changes it."""
    field = forms.TypedChoiceField(
        label=label,
        choices=[(value, str(value)) for value in range(max_points + 1)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    use_our_messages(field)
    return field


@lru_cache(maxsize=1024)
def _comment_field(label: str) -> forms.Field:
    """Return the field of a criterion's comment; one is shared by all forms, none changes it."""
    field = forms.CharField(
        label=label,
        required=False,
        max_length=10_000,
        widget=PlainTextarea(attrs={"rows": 3, "class": "usa-textarea"}),
    )
    use_our_messages(field)
    return field


@lru_cache(maxsize=1024)
def _note_field(label: str) -> forms.Field:
    """Return the field of a private note; one is shared by all forms, none changes it."""
    field = forms.CharField(
        label=label,
        required=False,
        max_length=10_000,
        widget=PlainTextarea(attrs={"rows": 2, "class": "usa-textarea"}),
    )
    use_our_messages(field)
    return field


def field_name(prefix: str, code: str) -> str:
    """Return the name of a criterion's field, such as points_1_1."""
    return prefix + code.replace(".", "_")
