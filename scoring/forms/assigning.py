"""The forms of the assignment pages: who gets the picked ones, how many reviewers each, a CSV file."""

from collections.abc import Iterable

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Membership
from core.forms import PortalForm
from scoring.assignment_file import MOST_BYTES, MOST_ROWS
from scoring.domain.automatic import MOST_EACH
from scoring.forms.people import reviewer_label


class PickForm(PortalForm):
    """Who gets the picked applications."""

    def __init__(self, reviewers: Iterable[Membership], *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(hat.pk): hat for hat in reviewers}
        self.fields["reviewer"] = forms.ChoiceField(
            label=_("Reviewer"),
            choices=[("", _("Choose a person"))]
            + [(pk, reviewer_label(hat)) for pk, hat in self.people.items()],
        )

    @property
    def chosen(self) -> Membership | None:
        """The reviewer, once the form is checked."""
        return self.people.get(self.cleaned_data.get("reviewer", ""))


class AutomaticForm(PortalForm):
    """How many reviewers each application should have."""

    def __init__(self, default: int, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewers_each"] = forms.TypedChoiceField(
            label=_("Reviewers for each application"),
            help_text=_("Reviews that stand already count and stay as they are."),
            choices=[(number, _choice(number, default)) for number in range(1, MOST_EACH + 1)],
            coerce=int,
            initial=default,
        )


def _choice(number: int, default: int) -> str:
    words = ngettext("%(n)d reviewer", "%(n)d reviewers", number) % {"n": number}
    if number == default:
        return _t("%(words)s (the program’s rule)") % {"words": words}
    if number == default + 1:
        return _t("%(words)s (with a second opinion)") % {"words": words}
    return words


class AssignmentFileForm(PortalForm):
    """One CSV file of at most 1 MB."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=format_lazy(
            _("Up to 1 MB and {rows} rows. Nothing is assigned before you confirm."),
            rows=f"{MOST_ROWS:,}",
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def clean_file(self):
        """Refuse a file that is too large before it is read."""
        given = self.cleaned_data["file"]
        if given.size > MOST_BYTES:
            raise forms.ValidationError(
                _t("The file is larger than 1 MB. Split it into smaller files.")
            )
        return given
