"""The form to write a message."""

from django import forms
from django.utils.translation import gettext_lazy as _

from applications.domain.messages import LONGEST
from core.forms import PortalForm


class MessageForm(PortalForm):
    """A few words to the other side. Plain text."""

    text = forms.CharField(
        label=_("Your message"),
        help_text=_("Up to 5,000 characters. Leave out names and data of patients."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("Write a message first."),
            "max_length": _(
                "A message has at most %(limit_value)s characters; this one has %(show_value)s."
            ),
        },
    )
