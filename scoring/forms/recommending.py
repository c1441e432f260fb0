"""Recommending as forms: the words for one application or many, and DHCS's note on one."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.models import Application
from core.forms import PortalForm
from scoring.domain.confirming import Outcome
from scoring.domain.recommending import Effect, Words, base_of
from scoring.models import PlannedRecommendation

MOST = 10_000


class WordsForm(PortalForm):
    """Recommend or not, with a reason for the practice and a note for DHCS."""

    recommended = forms.TypedChoiceField(
        label=_("Your recommendation"),
        choices=(("yes", _("Recommend")), ("no", _("Do not recommend"))),
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The practice reads this after the decision."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    note = forms.CharField(
        label=_("Note for DHCS only"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def words(self) -> Words:
        """Return what was typed; only for a valid form."""
        given = self.cleaned_data
        return Words(given["recommended"], given["reason"], given["note"])


class RecommendForm(WordsForm):
    """The words for one application; `base` says which prepared ones the page showed."""

    base = forms.CharField(widget=forms.HiddenInput, required=False, max_length=40)

    def start_from(self, planned: PlannedRecommendation | None) -> None:
        """Let the next attempt of a bound form be about what the page shows as prepared now."""
        self.data = self.data.copy()
        self.data["base"] = base_of(planned)


def words_so_far(application: Application, planned: PlannedRecommendation | None) -> dict[str, str]:
    """Return what the form starts from: what is prepared, else what DHCS sent back, else nothing.

    `base` is that of what is prepared.
    """
    if planned is not None:
        said, reason, note = planned.recommended, planned.reason, planned.note
    elif application.recommended is not None:
        said = application.recommended
        reason, note = application.recommendation_reason, application.recommendation_note
    else:
        return {}
    words = {"recommended": "yes" if said else "no", "reason": reason, "note": note}
    return words | {"base": base_of(planned)}


class SendBackForm(PortalForm):
    """Why DHCS gives an application back to its plan."""

    note = forms.CharField(
        label=_("Note for the plan"),
        help_text=_("The leads of the plan read this by email. The practice does not see it."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what the plan should look at again.")},
    )


class ScoreRangeForm(PortalForm):
    """Scores from and to, in points; either may be empty."""

    form_method = "get"
    mark_optional = False
    lowest = forms.IntegerField(
        label=_("Score from"), required=False, min_value=0, max_value=90, localize=False
    )
    highest = forms.IntegerField(
        label=_("Score to"), required=False, min_value=0, max_value=90, localize=False
    )


def chosen_ids(values: list[str]) -> set[int]:
    """Return the ids that were ticked; what is no number is left out."""
    return {int(v) for v in values[:MOST] if v.isdecimal() and v.isascii() and len(v) < 18}


def seen_bases(text: str) -> dict[int, str]:
    """Return the bases that a preview carries by application id; what is no id is left out."""
    pairs = [item.partition(":") for item in text.split()[:MOST]]
    return {pk: base for key, _colon, base in pairs for pk in chosen_ids([key])}


def as_seen(effects: Iterable[Effect | Outcome]) -> str:
    """Return what `seen_bases` reads: each application's id with the mark of what the page shows."""
    return " ".join(f"{one.application.pk}:{one.mark}" for one in effects)
