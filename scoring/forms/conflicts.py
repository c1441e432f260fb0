"""What a lead says about a reviewer's conflict of interest as forms."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from core.forms import PortalForm, use_our_messages
from programs.schema.rules import ConflictRule
from scoring.queries import reviewers_of

LONGEST = 2000


class PersonField(forms.ModelChoiceField):
    """Names a reviewer with the role."""

    def label_from_instance(self, obj) -> str:
        """Return name and role."""
        return f"{obj.user.full_name}, {obj.get_role_display()}"


class NoteConflictForm(PortalForm):
    """A conflict of a colleague that the lead knows of."""

    def __init__(self, hat: Membership, rules: list[ConflictRule], *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        others = reviewers_of(hat.organisation).exclude(user=hat.user_id)
        self.fields["person"] = PersonField(
            label=_("Reviewer"), queryset=others, empty_label=_("Choose a person")
        )
        self.fields["rule"] = forms.ChoiceField(
            label=_("What is it?"),
            choices=[("", _("Choose a reason")), *((rule.key, _named(rule)) for rule in rules)],
        )
        self.fields["reason"] = forms.CharField(
            label=_("How do you know?"),
            help_text=_("Leads of your plan read this. The reviewer does not."),
            max_length=LONGEST,
            widget=forms.Textarea(attrs={"rows": 3}),
            error_messages={"required": _("Write why this is a conflict of interest.")},
        )
        for field in self.fields.values():
            use_our_messages(field)


class ClearConflictForm(PortalForm):
    """Why something is no conflict after all; `check` is its id, kept in the page."""

    check = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**53)
    reason = forms.CharField(
        label=_("Why is this no conflict?"),
        help_text=_("It is kept with your name."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why this is no conflict of interest.")},
    )


def _named(rule: ConflictRule) -> str:
    return rule.label if rule.hard else _("%(label)s (a warning only)") % {"label": rule.label}
