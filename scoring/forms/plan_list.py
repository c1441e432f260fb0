"""The filter bar of the plan's applications, read from the URL, so that a link is a view."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership
from core.forms import PortalForm

NOBODY = "nobody"


class PlanFilterForm(PortalForm):
    """Text over practice and reference; reviewer and county. Sent by GET, so it has no token."""

    form_method = "get"
    mark_optional = False

    q = forms.CharField(label=_("Practice or reference"), max_length=200, required=False)
    reviewer = forms.ChoiceField(label=_("Reviewer"), required=False)
    county = forms.ChoiceField(label=_("County"), required=False)

    def __init__(
        self, *args, reviewers: Iterable[Membership], counties: Iterable[str], **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        people = [(str(hat.pk), hat.user.full_name or hat.user.email) for hat in reviewers]
        self.fields["reviewer"].choices = [("", _("Any")), (NOBODY, _("Nobody yet")), *people]
        self.fields["county"].choices = [("", _("Any")), *[(one, one) for one in counties]]
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "usa-input" if name == "q" else "usa-select"
