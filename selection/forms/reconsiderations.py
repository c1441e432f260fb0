"""Forms of a request to decide anew: grounds with files, who answers, and the answer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.files.base import File
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from applications.documents import FILE_BYTES
from applications.filetypes import ACCEPT
from core.forms import PortalForm, use_our_messages
from selection.domain.reconsidering import LONGEST
from selection.enums import Outcome


class FilesInput(forms.FileInput):
    """Lets a person choose several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; the domain says, in words, which ones are taken."""

    def __init__(self, **kwargs: Any) -> None:
        widget = FilesInput(attrs={"accept": ACCEPT, "data-max-bytes": FILE_BYTES})
        super().__init__(widget=widget, allow_empty_file=True, **kwargs)
        self.error_messages["invalid"] = _("The files did not arrive. Choose them again.")

    def clean(self, data: Any, initial: Any = None) -> list[File]:
        """Return the files that were sent, maybe none."""
        sent = data if isinstance(data, list | tuple) else [data]
        given = [one for one in sent if one]
        if not given:
            super().clean(None, initial)
        return [super(FilesField, self).clean(one, initial) for one in given]


class AskForm(PortalForm):
    """Why the decision is wrong, with files that show it."""

    grounds = forms.CharField(
        label=_("What is wrong with the decision, and why?"),
        help_text=_(
            "Name the fact, number or rule, and what it should be. Leave out names and dates of birth of "
            "patients."
        ),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Write what is wrong with the decision.")},
    )
    files = FilesField(
        label=_("Files that show it"),
        help_text=_("PDF, Word (docx), Excel (xlsx), PNG or JPEG, up to 20 MB each."),
        required=False,
    )


class FilesForm(PortalForm):
    """More files for a request that waits."""

    files = FilesField(
        label=_("Files"),
        help_text=_("PDF, Word (docx), Excel (xlsx), PNG or JPEG, up to 20 MB each."),
    )


class AssignForm(PortalForm):
    """Who answers. `readers` are those who took no part in the decision."""

    def __init__(
        self, readers: Iterable[Membership], data: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data)
        people = [
            (str(hat.pk), f"{hat.user.full_name}, {hat.get_role_display()}") for hat in readers
        ]
        self.fields["person"] = forms.ChoiceField(
            label=_("Who answers"),
            help_text=_(
                "Only people who did not propose, approve, release or score, and have no conflict of "
                "interest."
            ),
            choices=[("", _("Choose a person")), *people],
            error_messages={"required": _("Choose a person.")},
        )
        use_our_messages(self.fields["person"])


class DecideForm(PortalForm):
    """The answer: an outcome and its reasons, which the practice reads."""

    def __init__(self, outcomes: Sequence[Outcome], data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        stays, *better = outcomes
        choices = [(stays.value, _("The decision stays: %(outcome)s") % {"outcome": stays.label})]
        choices += [
            (one.value, _("New outcome: %(outcome)s") % {"outcome": one.label}) for one in better
        ]
        self.fields["outcome"] = forms.ChoiceField(
            label=_("Your answer"),
            choices=choices,
            widget=forms.RadioSelect,
            error_messages={"required": _("Choose an answer.")},
        )
        self.fields["reasons"] = forms.CharField(
            label=_("Reasons"),
            help_text=_("The practice reads this. Answer each of its grounds."),
            max_length=LONGEST,
            widget=forms.Textarea(attrs={"rows": 8}),
            error_messages={"required": _("Write the reasons.")},
        )
        for field in self.fields.values():
            use_our_messages(field)
