"""The threshold page, the prepared decisions, and their release."""

from typing import Any

import rules
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from applications.enums import Status
from core.exceptions import DomainError
from core.views import HatView
from programs.choosing import choose_cycle, to_decide
from scoring.domain import fairness
from selection import presenting
from selection.domain import decisions
from selection.engine import Rules, evaluate
from selection.enums import Outcome
from selection.forms import ScenarioForm
from selection.models import Proposal
from selection.queries import (
    candidates,
    decisions_of,
    open_proposal,
    proposals_visible_to,
    released_proposals,
    status_counts,
)

SHOWN = 100


class CycleView(HatView):
    """A page of the current cycle."""

    permission_required = "selection.view_decisions"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_decide)


class ThresholdView(CycleView):
    """What if: points, threshold and budget in the URL; count, cost and mix on the page."""

    template_name = "selection/threshold.html"

    def form(self, data=None) -> ScenarioForm:
        """Return the scenario's form; without data it holds the published rules."""
        definition = self.cycle.definition
        published = Rules.from_definition(definition.selection, self.cycle.budget)
        return ScenarioForm(published, presenting.choice_labels(definition), data)

    def get(self, request, *args, **kwargs):
        """Show the result of the rules in the URL; without a cycle, say so."""
        if self.cycle is None:
            return self.render(cycle=None)
        form = self.form()
        given = {name: request.GET[name] for name in form.fields if name in request.GET}
        if given:
            published = {name: str(value) for name, value in form.initial.items()}
            form = self.form(published | given)
        return self.show(form)

    def show(self, form: ScenarioForm, status: int = 200):
        """Render the page for a form; one with errors shows the published rules' result."""
        used = form.rules() if form.is_bound and form.is_valid() else form.published
        result = evaluate(candidates(self.cycle), used)
        counts = status_counts(self.cycle)
        return self.render(
            status=422 if form.is_bound and form.errors and status == 200 else status,
            cycle=self.cycle,
            form=form,
            used=used,
            figures=presenting.figures(result, used),
            charts=presenting.mix_charts(result, self.cycle.definition),
            bins=presenting.histogram(result, used),
            near=presenting.near_the_line(result, used)[:SHOWN],
            handed_over=len(result.verdicts),
            unfinished=decisions.unfinished_in(self.cycle, counts),
            over_budget=result.cost > used.budget,
            still_open=not self.cycle.has_closed(),
            decided=any(counts.get(s) for s in Status.decided),
            pending=open_proposal(self.cycle),
            may_prepare=rules.has_perm("selection.prepare_decisions", self.request.hat),
            published=used == form.published,
            severity=self._severity(),
        )

    def _severity(self) -> dict[str, str]:
        """Return what plans' severity says (1 query); a part of the page does without."""
        if "HX-Request" in self.request.headers:
            return presenting.severity_note(None)
        return presenting.severity_note(fairness.plan_severity(self.cycle))


class PrepareView(ThresholdView):
    """Turn the shown scenario into pending decisions."""

    permission_required = "selection.prepare_decisions"

    def get(self, request, *args, **kwargs):
        """The act lives on the threshold page."""
        return redirect("selection:threshold")

    def post(self, request, *args, **kwargs):
        """Prepare, or show the page again with why not."""
        if self.cycle is None:
            return redirect("selection:threshold")
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form)
        try:
            run = decisions.prepare(cycle=self.cycle, rules=form.rules(), by=request.hat)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.show(form, status=409)
        messages.success(request, _t("%(n)s decisions are prepared.") % {"n": f"{run.total:,}"})
        return redirect("selection:decisions")


class DecisionsView(CycleView):
    """The pending decisions with the effects of their release, and what was released before."""

    template_name = "selection/decisions.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the pending run, its first rows and effects, and the released runs."""
        run = open_proposal(self.cycle) if self.cycle else None
        hat = self.request.hat
        may_release = rules.has_perm("selection.release_decisions", hat)
        return super().get_context(
            cycle=self.cycle,
            run=run,
            rows=decisions_of(run)[:SHOWN] if run else [],
            shown=SHOWN,
            labels=presenting.choice_labels(self.cycle.definition) if self.cycle else {},
            as_published=run is None or run.rules == self._published().as_json(),
            effects=_effects(run) if run else [],
            released=released_proposals(self.cycle) if self.cycle else [],
            may_release=may_release and (run is None or run.proposed_by_id != hat.user_id),
            may_discard=rules.has_perm("selection.prepare_decisions", hat),
            **extra,
        )

    def _published(self) -> Rules:
        """Return the rules as the cycle's program publishes them."""
        return Rules.from_definition(self.cycle.definition.selection, self.cycle.budget)


class RunAct(CycleView):
    """An act on one run of the selection."""

    success_message: Any = ""
    http_method_names = ["post"]

    def get_queryset(self):
        """Return the runs that the hat may know of."""
        return proposals_visible_to(self.request.hat)

    def perform(self) -> Any:
        """Call the use-case."""
        raise NotImplementedError

    def post(self, request, *args, **kwargs):
        """Act, and say what happened."""
        try:
            self.perform()
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, self.success_message)
        return HttpResponseRedirect(reverse("selection:decisions"))


class ReleaseView(RunAct):
    """Release every pending decision of the cycle in one act."""

    permission_required = "selection.release_decisions"
    success_message = _("The decisions are released and the emails are on their way.")

    def perform(self):
        """Release."""
        return decisions.release(self.object, by=self.request.hat)


class DiscardView(RunAct):
    """Throw the pending decisions away."""

    permission_required = "selection.prepare_decisions"
    success_message = _("The prepared decisions are discarded. Nobody outside DHCS saw them.")

    def perform(self):
        """Discard."""
        return decisions.discard(self.object, by=self.request.hat)


def _effects(run: Proposal) -> list[str]:
    lines = [
        (Outcome.SELECTED, run.selected, _t("%(n)s practices are selected.")),
        (Outcome.WAITLISTED, run.waitlisted, _t("%(n)s practices go on the waitlist.")),
        (Outcome.NOT_SELECTED, run.not_selected, _t("%(n)s practices are not selected.")),
    ]
    effects = [text % {"n": f"{count:,}"} for _outcome, count, text in lines]
    effects.append(
        _t("The selected can earn up to %(cost)s in all.") % {"cost": presenting.dollars(run.cost)}
    )
    effects.append(_t("Every owner of these practices gets one email with the decision and why."))
    effects.append(_t("This can't be undone."))
    return effects
