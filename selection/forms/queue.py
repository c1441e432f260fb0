"""Forms of the queue: the search, the columns, a named view, and what a bulk act needs to know."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from core.forms import PortalForm
from scoring.forms.recommending import SendBackForm
from selection.filters import HIGHEST_SCORE, LONGEST_SEARCH, NUMBERS, Asked
from selection.forms.desk import flag_choices
from selection.presenting.queue import COLUMNS, Column


class SearchForm(PortalForm):
    """Words and limits of scores; sent by GET, with what else is chosen in hidden inputs."""

    form_method = "get"
    mark_optional = False
    q = forms.CharField(label=_("Search"), max_length=LONGEST_SEARCH, required=False)
    mcp_min = forms.IntegerField(label=_("MCP score from"), required=False)
    mcp_max = forms.IntegerField(label=_("to"), required=False)
    adjusted_min = forms.IntegerField(label=_("Adjusted from"), required=False)
    adjusted_max = forms.IntegerField(label=_("to"), required=False)

    def __init__(self, asked: Asked) -> None:
        super().__init__(initial={"q": asked.words, **asked.limits})
        for name in NUMBERS:
            self.fields[name].localize = False
            attrs = {"class": "usa-input", "min": 0, "max": HIGHEST_SCORE}
            self.fields[name].widget.attrs.update(attrs)
        self.fields["q"].widget.attrs["class"] = "usa-input"
        self.kept = [pair for pair in asked.pairs() if pair[0] not in ("q", *NUMBERS)]

    def limits(self) -> list[forms.BoundField]:
        """Return the inputs for scores."""
        return [self[name] for name in NUMBERS]


class ViewForm(PortalForm):
    """A name for a view, and whether everybody who sees the queue has it as a tab."""

    name = forms.CharField(label=_("Name of the view"), max_length=80)
    is_shared = forms.BooleanField(
        label=_("Share it with everybody at DHCS"), required=False, initial=False
    )
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=8000)


class ColumnsForm(PortalForm):
    """Which columns are shown and in which order: a tick and a place for each."""

    mark_optional = False

    def __init__(self, data: Any = None, *, chosen: Sequence[str]) -> None:
        super().__init__(data)
        order = [*chosen, *(c.key for c in COLUMNS if c.key not in chosen)]
        by_key = {column.key: column for column in COLUMNS}
        self.columns = [by_key[key] for key in order if key in by_key]
        for place, column in enumerate(self.columns, start=1):
            self.fields[f"show_{column.key}"] = forms.BooleanField(
                label=str(column.label), required=False, initial=column.key in chosen
            )
            self.fields[f"place_{column.key}"] = forms.IntegerField(
                label=_t("Place of “%(column)s”") % {"column": column.label},
                initial=place,
                min_value=1,
                max_value=99,
                required=False,
            )

    def rows(self) -> list[tuple[Column, forms.BoundField, forms.BoundField]]:
        """Return each column with its two inputs."""
        return [(c, self[f"show_{c.key}"], self[f"place_{c.key}"]) for c in self.columns]

    def clean(self) -> dict[str, Any] | None:
        """At least one column is shown."""
        given = super().clean() or {}
        if not any(given.get(f"show_{column.key}") for column in self.columns):
            raise forms.ValidationError(_t("Tick at least one column."))
        return given

    def chosen_keys(self) -> list[str]:
        """Return the ticked columns by place; only for a valid form."""
        given = self.cleaned_data
        ticked = [c.key for c in self.columns if given[f"show_{c.key}"]]
        return sorted(ticked, key=lambda key: given[f"place_{key}"] or 99)


class NothingForm(PortalForm):
    """An act that needs to know nothing more."""

    def values(self) -> dict[str, Any]:
        """Return what the act is done with."""
        return {}


class FlagForm(NothingForm):
    """Which flag is put on; any words will do."""

    label = forms.CharField(
        label=_("Flag"), max_length=40, widget=forms.TextInput(attrs={"list": "known-flags"})
    )

    def __init__(self, data: Any = None, *, labels: Sequence[str] = (), **_more: Any) -> None:
        super().__init__(data)
        self.known = flag_choices(labels)
        help_text = _t("Choose from the list, or write a new flag.")
        if labels:
            used = _t("Used so far: %(labels)s.") % {"labels": ", ".join(labels)}
            help_text = f"{help_text} {used}"
        self.fields["label"].help_text = help_text

    def values(self) -> dict[str, Any]:
        """Return the flag with single spaces."""
        return {"label": " ".join(self.cleaned_data["label"].split())}


class TakeFlagOffForm(NothingForm):
    """Which of the flags in use is taken off."""

    label = forms.ChoiceField(label=_("Flag to take off"))

    def __init__(self, data: Any = None, *, labels: Sequence[str] = (), **_more: Any) -> None:
        super().__init__(data)
        self.fields["label"].choices = [(label, label) for label in labels]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the flag."""
        return {"label": self.cleaned_data["label"]}


class ClaimForm(NothingForm):
    """Who gets the applications: oneself first, then colleagues by name."""

    person = forms.TypedChoiceField(label=_("Who works on them"), coerce=int)

    def __init__(
        self,
        data: Any = None,
        *,
        colleagues: Sequence[Membership] = (),
        by: Membership,
        **_more: Any,
    ) -> None:
        super().__init__(data)
        self.names = {hat.user_id: hat.user.full_name for hat in colleagues}
        others = [(pk, name) for pk, name in self.names.items() if pk != by.user_id]
        me = [(by.user_id, _t("Me (%(name)s)") % {"name": by.user.full_name})]
        self.names[by.user_id] = by.user.full_name
        self.fields["person"].choices = me + others  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Return the person's id and name."""
        person = self.cleaned_data["person"]
        return {"person": person, "person_name": self.names[person]}


class ReleaseForm(NothingForm):
    """Nothing more to know."""

    def __init__(self, data: Any = None, **_more: Any) -> None:
        super().__init__(data)


class SendBackManyForm(SendBackForm):
    """The note that goes to the plans."""

    def __init__(self, data: Any = None, **_more: Any) -> None:
        super().__init__(data)

    def values(self) -> dict[str, Any]:
        """Return the note."""
        return {"note": self.cleaned_data["note"]}


BULK_FORMS: Mapping[str, Any] = {
    "flag": FlagForm,
    "unflag": TakeFlagOffForm,
    "claim": ClaimForm,
    "release": ReleaseForm,
    "send_back": SendBackManyForm,
}
