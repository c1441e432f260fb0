"""The automatic assignment: try it, look at what it would do, apply or discard it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.exceptions import DomainError
from core.times import PACIFIC
from core.views import ActionView
from scoring.domain import applying, automatic
from scoring.domain.unplaced import why
from scoring.enums import RunState
from scoring.forms.assigning import AutomaticForm
from scoring.forms.people import why_no_more
from scoring.models import AssignmentRun
from scoring.queries import limits, runs_visible_to
from scoring.queries.assigning import UNDER_WAY, named_applications
from scoring.queries.runs import PAIRS, Load, left_out_of, loads_of, pairs_of, spread_of
from scoring.queries.work import away_until_on
from scoring.views.assign_words import figure
from scoring.views.assigning import AssignManyView

UNPLACED = 50


class AssignAutomaticView(AssignManyView):
    """Prepare a dry run; the answer is its page."""

    def post(self, request, *args, **kwargs):
        """Prepare, or show the page with the reason why not."""
        form = AutomaticForm(self.each, request.POST)
        if self.cycle is None or not form.is_valid():
            return self.render(automatic_form=form, status=422)
        try:
            run = automatic.prepare(
                request.hat.organisation,
                cycle=self.cycle,
                reviewers_each=form.cleaned_data["reviewers_each"],
                by=request.hat,
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return self.render(automatic_form=form, status=409)
        return HttpResponseRedirect(reverse("scoring:assign_run", args=[run.pk]))


class RunView(ActionView):
    """One run: progress while it is prepared or applied; loads, pairs and what was impossible."""

    permission_required = "scoring.assign_plan"
    template_name = "scoring/assign_run.html"
    object: AssignmentRun

    def get_queryset(self):
        """Return the runs of the lead's plan."""
        return runs_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what the run would do, once that is known."""
        self.request.place = reverse("scoring:assign_many")
        run = self.object
        self.request.cycle = run.cycle
        context: dict[str, Any] = {
            "run": run,
            "under_way": run.state in UNDER_WAY,
            "percent": round(100 * run.progress),
            "reviews": len(run.pairs),
            "form": None,
        }
        if run.pairs or run.unplaced:
            context |= self._plan(run)
        return super().get_context(**context | extra)

    def _plan(self, run: AssignmentRun) -> dict[str, Any]:
        loads = loads_of(run)
        people = {one.hat.pk: one.hat for one in loads}
        first = self._first(run)
        low, high = spread_of(loads)
        whys = _whys(run, loads)
        return {
            "figures": _figures(run, low, high),
            "loads": [_bar(one, high, whys[one.hat.pk]) for one in loads],
            "pairs": pairs_of(run, first, self.request.hat, people),
            "left_out": left_out_of(run, self.request.hat, people),
            "unplaced": self._unplaced(run),
            "unplaced_hidden": max(0, len(run.unplaced) - UNPLACED),
            "pager": _pager(first, len(run.pairs)),
        }

    def _unplaced(self, run: AssignmentRun) -> list[tuple[dict[str, Any], str]]:
        """Return the first rows with the reason; what is closed to the lead has no reference."""
        rows = run.unplaced[:UNPLACED]
        seen = named_applications(self.request.hat, [row["application"] for row in rows])
        closed = {"reference": "–"}
        return [(row if row["application"] in seen else row | closed, why(row)) for row in rows]

    def _first(self, run: AssignmentRun) -> int:
        text = self.request.GET.get("from", "")
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else 0
        return number if number < len(run.pairs) else 0

    def get(self, request, *args, **kwargs):
        """Show the run."""
        return self.render()

    def get_success_url(self) -> str:
        """Return the run's page."""
        return reverse("scoring:assign_run", args=[self.object.pk])


class ApplyRunView(RunView):
    """Give the reviews of a run."""

    def perform(self, form):
        """Apply, and say what happened."""
        run = applying.apply(self.object, by=self.request.hat)
        if run.state == RunState.APPLYING:
            return run
        given = len(run.pairs) - len(run.left_out)
        text = ngettext("%(n)d review is given.", "%(n)d reviews are given.", given)
        messages.success(self.request, text % {"n": given})
        return run


class DiscardRunView(RunView):
    """Drop a run that was not applied."""

    def perform(self, form):
        """Discard."""
        automatic.discard(self.object)
        messages.success(self.request, _("The dry run is discarded. Nothing was assigned."))

    def get_success_url(self) -> str:
        """Return the assignment page."""
        return reverse("scoring:assign_many")


def _figures(run: AssignmentRun, low: int, high: int) -> list[dict[str, str]]:
    missing = sum(row["missing"] for row in run.unplaced)
    loads = _("%(low)d to %(high)d open reviews; limits and absences count")
    loads %= {"low": low, "high": high}
    figures = [
        figure(_("Reviews given"), len(run.pairs) - len(run.left_out))
        if run.state == RunState.APPLIED
        else figure(_("Reviews to give"), len(run.pairs)),
        figure(_("Difference between loads"), high - low, loads),
        figure(_("Not possible"), missing),
    ]
    if run.preferred.get("possible"):
        of_all = _("of %(n)s that could match") % {"n": f"{run.preferred['possible']:,}"}
        figures.append(figure(_("Preferences met"), run.preferred["met"], of_all))
    return figures


def _whys(run: AssignmentRun, loads: list[Load]) -> dict[int, str]:
    """Return by hat id why a person gets no more: away on the run's day, or at the limit after it."""
    away = away_until_on(run.plan, run.created_at.astimezone(PACIFIC).date())
    limited, found = limits(run.plan), {}
    for one in loads:
        limit = limited.get(one.hat.user_id)
        reached = limit if limit is not None and one.after >= limit else None
        found[one.hat.pk] = why_no_more(away.get(one.hat.user_id), reached)
    return found


def _bar(load: Load, high: int, why_not: str) -> dict[str, Any]:
    """Return a row of the load table: lengths in percent of the largest load after the run."""
    most = max(high, 1)
    return {
        "load": load,
        "why": why_not,
        "more": load.after - load.before,
        "before": f"{100 * load.before / most:.2f}%",
        "after": f"{100 * load.after / most:.2f}%",
    }


def _pager(first: int, count: int) -> dict[str, str] | None:
    if count <= PAIRS:
        return None
    last = min(first + PAIRS, count)
    words = {"first": f"{first + 1:,}", "last": f"{last:,}", "count": f"{count:,}"}
    return {
        "summary": _("%(first)s to %(last)s of %(count)s reviews") % words,
        "previous": f"?from={max(0, first - PAIRS)}#pairs" if first else "",
        "next": f"?from={last}#pairs" if last < count else "",
    }
