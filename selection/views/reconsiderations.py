"""Requests to decide anew at DHCS: the list, one request, who answers, and the answer."""

from decimal import Decimal
from typing import Any

import rules
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.stepup import StepUpMixin
from applications.views.documents import FileView
from core.exceptions import DomainError
from core.views import HatView
from programs.choosing import choose_cycle, to_decide
from selection.domain import reconsidering
from selection.forms.reconsiderations import AssignForm, DecideForm
from selection.models import Reconsideration
from selection.presenting import reconsiderations as presenting
from selection.queries.reconsiderations import (
    files_of,
    files_visible_to,
    listed,
    readers_for,
    reconsiderations_visible_to,
)
from selection.queries.waitlist import money_of

FILE = "selection:reconsideration_file"


class ReconsiderationsView(HatView):
    """The requests of a cycle: those that wait first."""

    permission_required = "selection.view_reconsiderations"
    template_name = "selection/reconsiderations/list.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_decide)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the requests with their states."""
        self.request.place = reverse("selection:decisions")
        rows = listed(reconsiderations_visible_to(self.request.hat), self.cycle)
        return super().get_context(
            cycle=self.cycle,
            rows=presenting.listed_rows(rows, self.request.hat.user_id),
            **extra,
        )


class ReconsiderationDeskView(HatView):
    """One request: grounds, files, the decision, who answers, and the answer."""

    permission_required = "selection.view_reconsiderations"
    template_name = "selection/reconsiderations/desk.html"

    def get_queryset(self):
        """Return the requests that the hat may read."""
        return reconsiderations_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the facts and the forms that are open to this person."""
        row, hat = self.object, self.request.hat
        self.request.cycle = row.application.cycle
        self.request.place = reverse("selection:decisions")
        state = presenting.state_of(row)
        waits = state.code in (presenting.WAITING, presenting.GIVEN)
        may_assign = waits and rules.has_perm("selection.assign_reconsideration", hat, row)
        may_answer = waits and rules.has_perm("selection.answer_reconsideration", hat, row)
        context = {
            "row": row,
            "application": row.application,
            "state": state,
            "facts": presenting.facts(row),
            "files": presenting.file_rows(files_of(row), FILE),
            "no_readers": may_assign and not self.readers,
            "assign_form": AssignForm(self.readers) if may_assign and self.readers else None,
            "decide_form": self.decide_form() if may_answer else None,
            "effects": self.effects() if may_answer else [],
        }
        return super().get_context(**context | extra)

    @cached_property
    def readers(self):
        """Who may answer."""
        return readers_for(self.object, self.request.hat.organisation)

    def decide_form(self, data: Any = None) -> DecideForm:
        """Return the form of the answer."""
        return DecideForm(reconsidering.outcomes_for(self.object.application), data)

    def effects(self) -> list[str]:
        """Return what an answer does, with the money that is left."""
        cycle, payment = self.object.application.cycle, self.object.application.potential_payment
        money = money_of(cycle)
        budget = self.object.decision.proposal.rules.get("budget")
        left = None if money is None or budget is None else Decimal(budget) - money.now
        return presenting.effects(self.object, payment, left)


class ReconsiderationAct(StepUpMixin, ReconsiderationDeskView):
    """One act on a request: a form, one call, a message, the page again."""

    form_name = ""

    def get(self, request, *args, **kwargs):
        """The act lives on the page of the request."""
        return HttpResponseRedirect(self.page_url)

    @property
    def page_url(self) -> str:
        """The page of the request."""
        return reverse("selection:reconsideration_desk", args=[self.object.pk])

    def bound(self, data: Any) -> Any:
        """Return the act's form, bound."""
        raise NotImplementedError

    def perform(self, form: Any) -> Reconsideration:
        """Call the use-case."""
        raise NotImplementedError

    def post(self, request, *args, **kwargs):
        """Act and go back to the page, or show on it why not, with what was typed."""
        if presenting.state_of(self.object).code not in (presenting.WAITING, presenting.GIVEN):
            messages.info(request, _("This request is over. Nothing was changed."))
            return HttpResponseRedirect(self.page_url)
        form = self.bound(request.POST)
        if not form.is_valid():
            return self.render(status=422, form=form, **{self.form_name: form})
        try:
            self.perform(form)
        except DomainError as error:
            form.add_error(None, str(error))
            self.object = self.get_object()
            return self.render(status=409, form=form, **{self.form_name: form})
        return HttpResponseRedirect(self.page_url)


class AssignView(ReconsiderationAct):
    """Give the request to who answers it."""

    permission_required = "selection.assign_reconsideration"
    form_name = "assign_form"

    def bound(self, data: Any) -> AssignForm:
        """Return the form over the people who took no part."""
        return AssignForm(self.readers, data)

    def perform(self, form: Any) -> Reconsideration:
        """Assign."""
        chosen = next(hat for hat in self.readers if str(hat.pk) == form.cleaned_data["person"])
        done = reconsidering.assign(self.object, to=chosen, by=self.request.hat)
        text = _("%(person)s answers this request and gets an email.")
        messages.success(self.request, text % {"person": chosen.user.full_name})
        return done


class AnswerView(ReconsiderationAct):
    """Answer the request, with the password."""

    permission_required = "selection.answer_reconsideration"
    form_name = "decide_form"

    def bound(self, data: Any) -> DecideForm:
        """Return the form of the answer."""
        return self.decide_form(data)

    def perform(self, form: Any) -> Reconsideration:
        """Answer. What is refused anyway is refused before the password is asked for."""
        if self.request.hat.user_id in {hat.user_id for hat in self.readers}:
            text = _("You are about to answer the request of %(practice)s (%(reference)s).")
            application = self.object.application
            self.confirm_identity(
                text % {"practice": application.practice.name, "reference": application.reference}
            )
        done = reconsidering.decide(
            self.object,
            outcome=form.cleaned_data["outcome"],
            reasons=form.cleaned_data["reasons"],
            by=self.request.hat,
        )
        messages.success(
            self.request, _("The request is answered and sealed. The practice gets an email.")
        )
        return done


class ReconsiderationFileView(FileView):
    """Download a file that came with a request."""

    permission_required = "selection.view_reconsiderations"

    def get_queryset(self):
        """Return the files that the hat may read."""
        return files_visible_to(self.request.hat)
