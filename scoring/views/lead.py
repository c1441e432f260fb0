"""The lead's pages: the plan's applications, and the acts on one of them."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.correspondence import is_open_for_messages, thread_of
from applications.domain import messages
from applications.domain.transitions import available_transitions, names
from applications.enums import Status
from applications.forms.messages import MessageForm
from applications.models import Application
from applications.queries import applications_visible_to, late_accesses, steps_of
from applications.resubmission import reading_of
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_score
from scoring import rubric
from scoring.domain import assignments, scores
from scoring.forms.lead import AssignForm, EndForm, RecommendForm
from scoring.queries import counts_by_status, sheets_of, with_assignments

PAGE_SIZE = 50
CHIPS = (
    Status.SUBMITTED,
    Status.IN_REVIEW,
    Status.RETURNED,
    Status.SCORED,
    Status.RECOMMENDED,
    Status.NOT_RECOMMENDED,
    Status.SELECTED,
    Status.WAITLISTED,
    Status.NOT_SELECTED,
)


class PlanApplicationsView(HatView):
    """Every application that names this plan, with state, reviewers and progress."""

    permission_required = "scoring.view_plan"
    template_name = "scoring/applications.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the rows after the one named by `after`, the chips and what needs the lead."""
        mine = applications_visible_to(self.request.hat).filter(cycle=self.cycle)
        counts = counts_by_status(mine)
        status = self.request.GET.get("status", "")
        shown = mine.filter(status=status) if status in counts else mine
        rows = self._page(shown)
        criteria = len(self.cycle.definition.criteria()) if self.cycle else 0
        return super().get_context(
            cycle=self.cycle,
            rows=[(row, _progress(row, criteria)) for row in rows[:PAGE_SIZE]],
            more=rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
            status=status,
            chips=_chips(counts, status),
            total=sum(counts.values()),
            criteria=criteria,
            **extra,
        )

    def _page(self, applications) -> list[Application]:
        after = self.request.GET.get("after", "")
        if after.isdecimal() and len(after) < 18:
            applications = applications.filter(pk__gt=int(after))
        return list(with_assignments(applications.order_by("pk"))[: PAGE_SIZE + 1])


class PlanApplicationView(HatView):
    """One application with its content, sheets, and what the lead can do now."""

    permission_required = "scoring.view_plan_application"
    template_name = "scoring/application.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add content, sheets, history, and the forms of the open steps."""
        self.request.cycle = self.object.cycle
        definition, reading = self.object.cycle.definition, reading_of(self.object)
        sheets = list(sheets_of(self.object))
        steps = names(available_transitions(self.object, self.request.hat))
        totals = [sheet.total for sheet in sheets if sheet.is_submitted]
        context = {
            "cycle": self.object.cycle,
            "definition": definition,
            "reading": reading,
            "blocks": reading.blocks,
            "sheets": sheets,
            "criteria": len(definition.criteria()),
            "spread": rubric.spread(totals),
            "spread_limit": definition.scoring.spread_limit_total,
            "official": rubric.official_score(totals) if totals else None,
            "can_resume": self.object.status == Status.SUBMITTED and sheets,
            "can_assign": self.object.status in (Status.SUBMITTED, Status.IN_REVIEW),
            "can_confirm": "confirm_score" in steps and totals and len(totals) == len(sheets),
            "can_recommend": "recommend" in steps,
            "can_return": "return" in steps and not scores.too_late_to_return(self.object),
            "assign_form": AssignForm(self.request.hat.organisation),
            "recommend_form": RecommendForm(),
            "steps": steps_of(self.object),
            "late_accesses": late_accesses(self.object),
            "thread": thread_of(self.object, self.request.GET.get("before", "")),
            "own_side": "mcp",
            "message_form": MessageForm() if is_open_for_messages(self.object) else None,
        }
        return super().get_context(**context | extra)


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


class RecommendView(LeadAct):
    """Hand the application over to DHCS."""

    permission_required = "scoring.recommend"
    form_class = RecommendForm
    form_name = "recommend_form"
    success_message = _("The application is handed over to DHCS.")

    def perform(self, form):
        """Recommend or not."""
        return scores.recommend(self.object, **form.cleaned_data, by=self.request.hat)


class MessageView(LeadAct):
    """Write to the practice."""

    permission_required = "scoring.message_practice"
    form_class = MessageForm
    form_name = "message_form"
    success_message = _("Your message is sent. The owners of the practice have been told by email.")

    def perform(self, form):
        """Send."""
        return messages.send(self.object, text=form.cleaned_data["text"], by=self.request.hat)


def _progress(application: Application, criteria: int) -> str:
    standing = application.standing
    if not standing:
        return ""
    submitted = sum(one.sheet.is_submitted for one in standing)
    if submitted == len(standing):
        return _t("Scores submitted")
    given = sum(one.sheet.given for one in standing if not one.sheet.is_submitted)
    return _t("%(given)d of %(all)d criteria") % {
        "given": given,
        "all": criteria * (len(standing) - submitted),
    }


def _chips(counts, current: str) -> list[dict[str, Any]]:
    base = reverse("scoring:applications")
    chips = [
        {"label": _t("All"), "count": sum(counts.values()), "href": base, "active": not current}
    ]
    chips += [
        {
            "label": status.label,
            "count": counts.get(status, 0),
            "href": f"{base}?status={status}",
            "active": current == status,
        }
        for status in CHIPS
        if counts.get(status)
    ]
    return chips
