"""The lead's pages: the plan's applications, and the acts on one of them."""

from operator import attrgetter
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from applications.correspondence import is_open_for_messages, thread_of
from applications.domain import messages
from applications.domain.transitions import available_transitions, names
from applications.enums import Status
from applications.forms.messages import MessageForm
from applications.queries import applications_visible_to, late_accesses, steps_of
from applications.resubmission import reading_of
from core.views import ActionView, HatView
from scoring.basis import in_words
from scoring.domain import assignments, differences, scores
from scoring.forms.lead import AssignForm, EndForm
from scoring.forms.recommending import RecommendForm, words_so_far
from scoring.queries.conflicts import reviews_ever
from scoring.views.conflicts import conflict_context
from scoring.views.lead_page import LeadPage
from scoring.views.next_step import next_step


class PlanApplicationView(LeadPage):
    """One application with its content, sheets, and what the lead can do now."""

    permission_required = "scoring.view_plan_application"
    template_name = "scoring/application.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat).select_related("planned")

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add content, sheets, history, and the forms of the open steps."""
        self.request.cycle = self.object.cycle
        definition, reading = self.object.cycle.definition, reading_of(self.object)
        reviews = list(reviews_ever(self.object))
        standing = [one for one in reviews if one.ended_at is None]
        sheets = [one.sheet for one in sorted(standing, key=attrgetter("pk"))]
        possible = names(available_transitions(self.object, self.request.hat))
        found = differences.picture(self.object, sheets)
        steps = list(steps_of(self.object))
        context = {
            "cycle": self.object.cycle,
            "definition": definition,
            "reading": reading,
            "blocks": reading.blocks,
            "sheets": sheets,
            "criteria": len(definition.criteria()),
            **self._settling(found, possible),
            **conflict_context(self.object, self.request.hat, reviews),
            "next_step": next_step(self.object, found, steps),
            "can_take_back": "reopen_scoring" in possible,
            "void_counted": "reopen_scoring" in possible
            and scores.void_counted(self.object, [one.sheet for one in reviews]),
            "can_resume": self.object.status == Status.SUBMITTED and sheets,
            "can_assign": self.object.status in (Status.SUBMITTED, Status.IN_REVIEW),
            "can_return": "return" in possible and not scores.too_late_to_return(self.object),
            "assign_form": AssignForm(self.request.hat.organisation),
            "steps": steps,
            "late_accesses": late_accesses(self.object),
            "thread": thread_of(self.object, self.request.GET.get("before", "")),
            "own_side": "mcp",
            "message_form": MessageForm() if is_open_for_messages(self.object) else None,
        }
        return super().get_context(**context | extra)

    def _settling(self, found: differences.Picture, possible: set[str]) -> dict[str, Any]:
        """Return the difference, the score with its basis, and the recommendation so far."""
        scoring = self.object.cycle.definition.scoring
        planned = getattr(self.object, "planned", None)
        ready = found.sheets and len(found.submitted) == len(found.sheets) and not found.is_open
        return {
            "found": found,
            "spread_limit": scoring.spread_limit_total,
            "criterion_limit": scoring.spread_limit_criterion,
            "official": differences.result(self.object, found) if ready else None,
            "can_confirm": "confirm_score" in possible and ready,
            "basis": in_words(self.object.score_basis),
            "planned": planned,
            "can_recommend": "recommend" in possible,
            "recommend_form": RecommendForm(initial=words_so_far(self.object, planned)),
        }


class LeadAct(PlanApplicationView, ActionView):
    """An act from the application's page; a refused one shows the page with what was typed."""

    form_name = "form"

    def render(self, status: int = 200, **extra: Any):
        """Put the bound form back in its place; `form` feeds the error summary."""
        form = extra.pop("form", None)
        named = {self.form_name: form, "refused": form} if form is not None else {}
        return super().render(status=status, **extra, **named)

    def get(self, request, *args, **kwargs):
        """Acts have no page of their own."""
        return HatView.get(self, request, *args, **kwargs)

    def get_success_url(self) -> str:
        """Return the application's page."""
        return reverse("scoring:application", args=[self.object.pk])


class AssignView(LeadAct):
    """Give the application to a reviewer."""

    permission_required = "scoring.assign_reviewer"
    form_name = "assign_form"
    success_message = _("The reviewer has been told by email.")

    def get_form(self, data=None, files=None):
        """Return the form over this plan's reviewers."""
        return AssignForm(self.request.hat.organisation, data)

    def perform(self, form):
        """Assign."""
        reviewer = form.cleaned_data["reviewer"]
        return assignments.assign(self.object, reviewer=reviewer, by=self.request.hat)


class ResumeView(LeadAct):
    """Start the review of a resubmitted application again."""

    permission_required = "scoring.assign_reviewer"
    success_message = _("The review goes on. The reviewers have been told by email.")

    def perform(self, form):
        """Resume."""
        return assignments.resume(self.object, by=self.request.hat)


class EndView(LeadAct):
    """Take a review back from a reviewer who has not submitted."""

    permission_required = "scoring.assign_reviewer"
    form_class = EndForm
    success_message = _("The review is taken back. You can give it to somebody else.")

    def perform(self, form):
        """End the assignment. Raises Http404 when it is not a standing one of this application."""
        standing = self.object.assignments.filter(ended_at=None)
        assignment = get_object_or_404(standing, pk=self.kwargs["assignment"])
        return assignments.end(assignment, reason=form.cleaned_data["reason"], by=self.request.hat)


class ConfirmView(LeadAct):
    """Make the submitted sheets the official score."""

    permission_required = "scoring.confirm_score"
    success_message = _("The MCP score is confirmed. Now recommend the application or not.")

    def perform(self, form):
        """Confirm."""
        return scores.confirm(self.object, by=self.request.hat)


class ReopenScoringView(LeadAct):
    """Take back a confirmed score that is not handed over."""

    permission_required = "scoring.confirm_score"
    success_message = _("The score is taken back. The review goes on.")

    def perform(self, form):
        """Take it back."""
        return scores.reopen_scoring(self.object, by=self.request.hat)


class MessageView(LeadAct):
    """Write to the practice."""

    permission_required = "scoring.message_practice"
    form_class = MessageForm
    form_name = "message_form"
    success_message = _("Your message is sent. The owners of the practice have been told by email.")

    def perform(self, form):
        """Send."""
        return messages.send(self.object, text=form.cleaned_data["text"], by=self.request.hat)
