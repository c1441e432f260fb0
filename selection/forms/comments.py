"""What people write about a scenario: its name and note, and comments."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from selection.domain.scenarios import NAME_LENGTH

LONGEST_TEXT = 2000


class CommentForm(PortalForm):
    """One comment."""

    text = forms.CharField(
        label=_("Comment"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class DescribeForm(PortalForm):
    """Name and note of a scenario."""

    name = forms.CharField(label=_("Name"), max_length=NAME_LENGTH)
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_TEXT,
        help_text=_("What this scenario tries, in a sentence or two."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SaveAsForm(DescribeForm):
    """Name and note of a new scenario, and who sees it."""

    who = forms.ChoiceField(
        label=_("Who can see it"),
        choices=[
            ("me", _("Only you")),
            ("dhcs", _("Everybody at DHCS, and auditors")),
        ],
        widget=forms.RadioSelect,
        initial="me",
    )
