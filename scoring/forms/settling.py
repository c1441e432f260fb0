"""Settling a difference as forms: who reads as a third, and the lead's points with reasons."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.forms import PortalForm
from programs.schema import Criterion
from scoring.domain.settling import Agreed
from scoring.forms.lead import ReviewerField
from scoring.queries import reviewers_of


class ThirdReaderForm(PortalForm):
    """Who reads as a third: anybody of the plan who has not scored the application."""

    def __init__(self, plan: Organisation, scored_by: Collection[int], *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        people = reviewers_of(plan).exclude(user__in=scored_by)
        self.fields["reviewer"] = ReviewerField(
            label=_("Third reader"), queryset=people, empty_label=_("Choose a person")
        )


class ConsensusForm(PortalForm):
    """Points and a reason for every criterion on which the sheets do not agree."""

    def __init__(
        self, difference: int, seen: str, criteria: Collection[Criterion], *args, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        self.criteria = list(criteria)
        self.fields["seen"] = forms.CharField(
            widget=forms.HiddenInput, initial=seen, required=False, max_length=400
        )
        self.fields["difference"] = forms.IntegerField(
            widget=forms.HiddenInput, initial=difference, min_value=1, max_value=2**62
        )
        for criterion in self.criteria:
            label = f"{criterion.code} {criterion.title}"
            self.fields[points_name(criterion.code)] = forms.TypedChoiceField(
                label=label,
                choices=[(value, str(value)) for value in range(criterion.max_points + 1)],
                coerce=int,
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose the points.")},
            )
            self.fields[reason_name(criterion.code)] = forms.CharField(
                label=_("Reason for %(code)s") % {"code": criterion.code},
                max_length=5000,
                widget=forms.Textarea(attrs={"rows": 2, "class": "usa-textarea"}),
                error_messages={"required": _("Write the reason for these points.")},
            )

    def agreed(self) -> dict[str, Agreed]:
        """Return what was set by criterion code; only for a valid form."""
        return {
            one.code: Agreed(
                self.cleaned_data[points_name(one.code)], self.cleaned_data[reason_name(one.code)]
            )
            for one in self.criteria
        }

    def start_from(self, difference: int, seen: str) -> None:
        """Let the next attempt of a bound form be about the sheets that the page shows now."""
        self.data = self.data.copy()
        self.data["difference"], self.data["seen"] = str(difference), seen

    def summary(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return what is to be mended, one line for all criteria alike: words, and (code, field id)."""
        lines: dict[str, list[tuple[str, str]]] = {}
        for one in self.criteria:
            points, reason = self[points_name(one.code)], self[reason_name(one.code)]
            first = f"{points.auto_id}_0" if points.errors else reason.auto_id
            if said := " ".join([*points.errors, *reason.errors]):
                lines.setdefault(said, []).append((one.code, first))
        return list(lines.items())

    def points_so_far(self) -> dict[str, int]:
        """Return the readable points by criterion code, also of a form with errors."""
        found: dict[str, Any] = {
            one.code: self.cleaned_data.get(points_name(one.code)) for one in self.criteria
        }
        return {code: points for code, points in found.items() if isinstance(points, int)}


def points_name(code: str) -> str:
    """Return the name of the field of a criterion's points, such as points_1_1."""
    return "points_" + code.replace(".", "_")


def reason_name(code: str) -> str:
    """Return the name of the field of a criterion's reason, such as reason_1_1."""
    return "reason_" + code.replace(".", "_")
