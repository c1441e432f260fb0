"""The lead's acts on one application as forms."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from core.forms import PortalForm
from scoring.forms.people import reviewer_label
from scoring.queries import reviewers_of


class AssignForm(PortalForm):
    """Who scores the application."""

    def __init__(self, plan: Organisation, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reviewer"] = ReviewerField(
            label=_("Reviewer"), queryset=reviewers_of(plan), empty_label=_("Choose a person")
        )


class ReviewerField(forms.ModelChoiceField):
    """Names a reviewer together with the open reviews they have."""

    def label_from_instance(self, obj) -> str:
        """Return name, role, load, and why the person takes no more."""
        return reviewer_label(obj)


class EndForm(PortalForm):
    """Why a review is taken back."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
