"""What a packet holds."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from scoring.forms.exports import CODES, REVIEWERS

BLANK, SCORES = "blank", "scores"


class PacketForm(PortalForm):
    """Rubric blank or with scores, and how reviewers are named. Read from an address, changes nothing."""

    form_method = "get"
    content = forms.ChoiceField(
        label=_("After each application"),
        choices=(
            (BLANK, _("The rubric, with room for points and comments")),
            (SCORES, _("The submitted scores and comments")),
        ),
        initial=BLANK,
        widget=forms.RadioSelect,
    )
    reviewers = forms.ChoiceField(
        label=_("Show reviewers"),
        help_text=_("Counts for submitted scores. Comments stay as written."),
        choices=REVIEWERS,
        initial=CODES,
        widget=forms.RadioSelect,
    )
