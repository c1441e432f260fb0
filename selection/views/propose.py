"""From rules to a proposal: a last look at what is frozen, then why."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.exceptions import DomainError, WrongState
from selection.domain import proposing, readiness
from selection.engine import Result, judge_pool
from selection.forms.proposals import ProposeForm
from selection.forms.scenarios import RulesForm
from selection.presenting import proposals as presenting
from selection.presenting import undoing
from selection.presenting.unfinished import FEW, in_the_way
from selection.queries import open_proposal, proposals_visible_to, status_counts
from selection.queries.standing import later_acts_in_force
from selection.queries.unfinished import unfinished_seen_by
from selection.views.proposal_ways import AGAIN
from selection.views.rules_page import LONGEST_PK, SCENARIO, RulesPage


class ProposeView(RulesPage):
    """Rules, count, cost, mix, what differs from the published rules, and the rationale."""

    permission_required = "selection.prepare_decisions"
    template_name = "selection/decisions/propose.html"

    def get(self, request, *args, **kwargs):
        """Show what would be proposed."""
        return self.show(self.form())

    def post(self, request, *args, **kwargs):
        """Propose, or show the page again with why not and with what was typed."""
        form, words = self.form(), ProposeForm(request.POST)
        if form.is_bound and not form.is_valid():
            return self.show(form, words, status=422)
        if not words.is_valid():
            return self.show(form, words, status=422)
        result = self.judged(form)
        try:
            self._require_as_seen(words.cleaned_data["seen"], result)
            proposal = self._propose(form, words)
        except DomainError as error:
            words.add_error(None, str(error))
            words.form_error_title = _("Nothing was proposed")
            words.data = words.data.copy()
            words.data["seen"] = _mark(result)
            return self.show(form, words, status=409)
        text = _("%(n)s decisions are proposed. A second person approves them.")
        messages.success(request, text % {"n": f"{proposal.total:,}"})
        return HttpResponseRedirect(reverse("selection:proposal", args=[proposal.pk]))

    def show(self, form: RulesForm, words: ProposeForm | None = None, status: int = 200):
        """Render the page for rules; rules with faults show those of the base."""
        faulty = form.is_bound and not form.is_valid()
        result = self.judged(form)
        words = words or ProposeForm(initial={"seen": _mark(result), **self._words()})
        counts = status_counts(self.cycle)
        again, obstacle = readiness.is_decided(counts), self._obstacle()
        undone, undone_hidden = undoing.undone_by(
            result, later_acts_in_force(self.cycle) if again else [], self.hidden
        )
        return self.render(
            status=422 if faulty and status == 200 else status,
            rules_form=form,
            form=words,
            faulty=faulty,
            workbench_url=reverse("selection:workbench", args=[self.cycle.slug]) + self.query(form),
            hidden_fields=self._hidden_fields(form),
            obstacle=obstacle,
            in_the_way=self._in_the_way(counts) if obstacle else None,
            may_write=not obstacle and not faulty,
            open_one=open_proposal(self.cycle),
            again=again,
            undone=undone,
            undone_hidden=undone_hidden,
            total=len(result.pool),
            rules=presenting.rule_lines(result.rules, self.vocabulary),
            pins=presenting.pin_rows(result.rules, self.closed),
            changes=presenting.changes(self.published, result.rules, self.vocabulary),
            under_published=presenting.under_published(
                judge_pool(self.pool, self.published), result
            ),
            figures=presenting.figures(None, result),
            charts=presenting.mix_charts(result, self.vocabulary),
        )

    def _propose(self, form: RulesForm, words: ProposeForm):
        unchanged = not form.is_bound or not form.query()
        return proposing.propose(
            cycle=self.cycle,
            rules=form.rules(),
            rationale=words.cleaned_data["rationale"],
            name=words.cleaned_data["name"],
            publish_at=words.publish_at,
            scenario=self.scenario if unchanged else None,
            by=self.request.hat,
        )

    def _require_as_seen(self, seen: str, result: Result) -> None:
        """Raise WrongState when the numbers are not those that the page showed."""
        if seen != _mark(result):
            raise WrongState(
                _("The numbers have changed since you opened this page. Look at them again.")
            )

    def _obstacle(self) -> str:
        """Return why nothing can be proposed now, or nothing."""
        try:
            readiness.require_ready(self.cycle)
        except WrongState as error:
            return str(error)
        return ""

    def _in_the_way(self, counts: Mapping[str, int]) -> dict[str, Any] | None:
        """Return the applications that have no recommendation yet, once that is what stands in the way."""
        total = readiness.unfinished_in(self.cycle, counts)
        if not total or not self.cycle.has_closed():
            return None
        statuses = readiness.unfinished_statuses(self.cycle)
        seen = unfinished_seen_by(self.request.hat, self.cycle, statuses)[
            : FEW if total <= FEW else 0
        ]
        return in_the_way(self.cycle, statuses, total, seen)

    def _words(self) -> dict[str, str]:
        """Return name and rationale of the proposal that is proposed again, else the scenario's name."""
        given = self.request.GET.get(AGAIN, "")
        if given.isascii() and given.isdecimal() and len(given) <= LONGEST_PK:
            before = (
                proposals_visible_to(self.request.hat).filter(cycle=self.cycle, pk=given).first()
            )
            if before is not None:
                return {"name": before.name, "rationale": before.rationale}
        return {"name": self.scenario.name if self.scenario else ""}

    def _hidden_fields(self, form: RulesForm) -> list[tuple[str, Any]]:
        fields = form.hidden_fields_of()
        return [*fields, (SCENARIO, str(self.scenario.pk))] if self.scenario else fields


def _mark(result: Result) -> str:
    """Return what names the numbers that a page shows."""
    counts = result.counts
    return ":".join(
        [str(counts.get(name, 0)) for name in ("selected", "waitlisted", "not_selected")]
        + [str(result.cost)]
    )
