"""Sending an application back for correction: by the lead of its plan, or by DHCS."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.domain.transitions import can_take
from applications.queries import applications_visible_to
from applications.resubmission import reading_of
from core.views import ActionView
from scoring.domain import scores
from scoring.forms.returns import ReturnForm
from scoring.views.lead_page import LeadPage


class ReturnView(LeadPage, ActionView):
    """The application to read beside a note for each section, and the reason in all."""

    permission_required = "scoring.return_application"
    template_name = "scoring/return.html"
    success_message = _("The practice has been told what to correct.")
    back = "scoring:application"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def get_form(self, data=None, files=None):
        """Return the form over the sections of the application's program."""
        return ReturnForm(self.object.cycle.definition, data)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the content, and what the act does."""
        cycle = self.request.cycle = self.object.cycle
        late = scores.too_late_to_return(self.object)
        return super().get_context(
            cycle=cycle,
            reading=reading_of(self.object),
            possible=not late and can_take(self.object, "return", self.request.hat),
            late=late,
            back_url=self.get_success_url(),
            return_effects=[
                _t("Every owner of the practice gets an email with the reason and the notes."),
                _t("Only the sections with a note can change, until scoring is due."),
                _t("Score sheets stay as they are. Reviewers go on from a copy."),
            ],
            **extra,
        )

    def perform(self, form):
        """Return it."""
        reason, notes = form.cleaned_data["reason"], form.notes()
        return scores.return_to_practice(
            self.object, reason=reason, notes=notes, by=self.request.hat
        )

    def get_success_url(self) -> str:
        """Return the application's page of the side that sent it back."""
        return reverse(self.back, args=[self.object.pk])


class StaffReturnView(ReturnView):
    """The same, reached from the queue."""

    back = "selection:application"
