"""Forms of the practice round: opening one, and a practice sheet."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import VERSION, PortalForm, use_our_messages, version_given
from programs.schema import Criterion, ProgramDefinition, Rubric
from scoring.forms.sheets import POINTS, field_name
from scoring.models import CalibrationScore


class RoundForm(PortalForm):
    """Which samples, and whether real sheets wait until a reviewer is done."""

    def __init__(
        self, definition: ProgramDefinition, data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        samples = definition.samples
        self.fields["samples"] = forms.MultipleChoiceField(
            label=_("Sample applications"),
            help_text=_("Choose 1 to 3. One takes about 20 minutes to read and score."),
            choices=[(sample.key, sample.title) for sample in samples],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choose at least one sample.")},
        )
        self.fields["required"] = forms.TypedChoiceField(
            label=_("Do reviewers have to finish it before they score real applications?"),
            choices=[
                ("no", _("No, they can score at any time")),
                ("yes", _("Yes, practice first")),
            ],
            coerce=lambda value: value == "yes",
            widget=forms.RadioSelect,
            initial="no",
        )
        for field in self.fields.values():
            use_our_messages(field)


class PracticeForm(PortalForm):
    """Points for every criterion of a sample; nothing is required until submit."""

    def __init__(
        self,
        rubric: Rubric,
        scores: Mapping[str, CalibrationScore],
        data: Mapping[str, Any] | None = None,
        only: Collection[str] | None = None,
    ) -> None:
        super().__init__(data)
        self.scores = scores
        self.codes = [c.code for section in rubric.sections for c in section.criteria]
        for section in rubric.sections:
            for criterion in section.criteria:
                name = field_name(POINTS, criterion.code)
                if only is None or name in only:
                    self.fields[name] = _points_field(criterion)
                if criterion.code in scores:
                    self.initial[name] = scores[criterion.code].points

    def points(self) -> dict[str, int | None]:
        """Return the readable points by criterion code."""
        names = {code: field_name(POINTS, code) for code in self.codes}
        return {
            code: self.cleaned_data[name]
            for code, name in names.items()
            if name in self.cleaned_data
        }

    def bases(self) -> dict[str, int]:
        """Return the versions that the page was filled with, by criterion code."""
        return {code: version_given(self.data, field_name(POINTS, code)) for code in self.codes}

    def versions(self, known: Mapping[str, int] | None = None) -> list[tuple[str, int]]:
        """Return (name, version) of the hidden inputs; `known` (by criterion code) overrides."""
        known = known or {}
        return [
            (
                VERSION + field_name(POINTS, code),
                known.get(code, self.scores[code].version if code in self.scores else 0),
            )
            for code in self.codes
        ]


def _points_field(criterion: Criterion) -> forms.Field:
    field = forms.TypedChoiceField(
        label=f"{criterion.code} {criterion.title}",
        choices=[(value, str(value)) for value in range(criterion.max_points + 1)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    use_our_messages(field)
    return field
