"""A lead's own conflict of interest with an application of the plan, declared in the lead's name."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t

from accounts.rules import is_lead
from applications.enums import ConflictSource
from applications.models import ConflictCheck
from applications.queries import applications_visible_to, hard_conflicts
from core.views import ActionView
from programs.choosing import in_cycle
from programs.models import Cycle
from scoring import conflicts
from scoring.domain.conflicts import declare
from scoring.forms.declaring import DeclareForm
from scoring.queries.conflicts import other_leads
from scoring.views.lead_page import LeadPage


class OwnConflictView(LeadPage, ActionView):
    """The program's questions, answered by a lead who may have no review of the application."""

    permission_required = "scoring.declare_as_lead"
    template_name = "scoring/own_conflict.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def dispatch(self, request, *args, **kwargs):
        """Lead a second click, after the first one closed the application, to the plan's list."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            if request.method == "POST" and is_lead(request.hat) and (cycle := self._closed_in()):
                return HttpResponseRedirect(in_cycle("scoring:applications", cycle))
            raise

    @cached_property
    def questions(self):
        """The rules that a person answers, in the language of the page."""
        return conflicts.declared(self.object.cycle.localized.scoring.conflict_rules)

    def get_form(self, data=None, files=None) -> DeclareForm:
        """Return the questions with what was answered before."""
        before = ConflictCheck.objects.filter(
            application=self.object, person=self.request.hat.user_id, source=ConflictSource.SELF
        )
        return DeclareForm(
            self.questions,
            {row.rule: row for row in before},
            data,
            hard_effect=_t("Yes closes this application to you."),
            soft_effect=_t("Yes tells the other leads. The application stays open to you."),
        )

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what a yes does, and who can go on."""
        self.request.cycle = self.object.cycle
        others = other_leads(self.object, self.request.hat)
        return super().get_context(
            cycle=self.object.cycle, yes_effects=_effects(others), alone=not others, **extra
        )

    def perform(self, form):
        """Declare, and say what followed."""
        answers, hat = form.answers(), self.request.hat
        effects = declare(self.object, answers=answers, notes=form.notes(), by=hat)
        self.closed = any(answers[rule.key] and rule.hard for rule in self.questions)
        named = {"practice": self.object.practice.name, "reference": self.object.reference}
        if self.closed:
            text = _t(
                "You declared a conflict of interest with %(practice)s (%(reference)s). The "
                "application is closed to you."
            )
        else:
            text = _t("Your answers about %(practice)s (%(reference)s) are kept.")
        messages.success(self.request, text % named)
        return effects

    def get_success_url(self) -> str:
        """Return the list after a conflict that closes it, else the page of conflicts."""
        if self.closed:
            return in_cycle("scoring:applications", self.object.cycle)
        return reverse("scoring:conflicts", args=[self.object.pk])

    def _closed_in(self) -> Cycle | None:
        """Return the cycle of the application if the lead has closed it by an own answer, else None."""
        own = hard_conflicts().filter(
            application=self.kwargs["pk"], person=self.request.hat.user_id
        )
        found = own.filter(source=ConflictSource.SELF).select_related("application__cycle").first()
        return found.application.cycle if found else None


def _effects(others: list[str]) -> list[str]:
    items = [
        _t("Your answers are kept with your name and the time."),
        _t(
            "If a yes closes the application to you, that happens at once: in lists, files, exports "
            "and emails. A review that you have here ends, and its scores become void."
        ),
    ]
    if others:
        items.append(_t("These leads go on with it: %(names)s.") % {"names": ", ".join(others)})
    return items
