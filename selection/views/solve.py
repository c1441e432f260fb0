"""The solve page: the lowest threshold, the smallest points, and a search for the best cohort."""

import time
from typing import Any

import rules as permissions
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from core.exceptions import DomainError
from selection.domain import cohort_search
from selection.engine import Rules
from selection.engine.solving import MOST_LIFTED, GoOn, lifted_by, smallest_points
from selection.forms.scenarios import RulesForm, changes_of
from selection.models import CohortSearch
from selection.presenting import solving
from selection.queries.cohort_searches import searches_visible_to
from selection.views.rules_page import SCENARIO, RulesPage

SECONDS = 1.5  # what takes longer is for a worker
LINE, FITS, FIXED = "line", "fits", "fixed"
TARGET_FIELDS = ("least_", "most_")
TYPED = ("budget", "threshold")
SEARCHES_SHOWN = 5


class SolveView(RulesPage):
    """What is asked for in the address, and the answers to it at once."""

    template_name = "selection/solve/page.html"

    def get(self, request, *args, **kwargs):
        """Show the answers; a share to add is put into the address first."""
        if request.GET.get("add"):
            return self._with_share(request.GET.copy())
        form = self.form()
        usable = not form.is_bound or form.is_valid()
        context = self._answers(form.rules()) if usable and len(self.pool) else {}
        return self.render(
            status=200 if usable else 422,
            form=form,
            scenario=self.scenario,
            fits=self.fits,
            targets=form.target_rows(),
            hidden_fields=_not_typed(form),
            criteria=self.vocabulary.choices(),
            handed_over=len(self.pool),
            usable=usable,
            workbench_url=self._workbench(form.rules()) if usable else "",
            may_search=permissions.has_perm("selection.start_search", request.hat),
            searches=self._searches(),
            **context,
        )

    @property
    def fits(self) -> bool:
        """Whether the threshold is the lowest within the budget, and not the fixed one."""
        return self.asked.get(LINE, FITS) != FIXED

    def _with_share(self, query: QueryDict) -> HttpResponse:
        """Give a criterion its fields of shares."""
        name = f"least_{query.pop('add')[-1]}"
        query.setdefault(name, "")
        return redirect(f"{self.request.path}?{query.urlencode()}#asked")

    def _answers(self, rules: Rules) -> dict[str, Any]:
        lowest = solving.lowest_answer(self.pool, rules)
        return {
            "lowest": self._usable(lowest),
            "points": self._usable(self._points(rules)),
            "lifted": len([target for target in rules.targets if target.minimum is not None]),
        }

    def _points(self, rules: Rules) -> dict[str, Any] | None:
        """Return the answer in points, None when no share is asked for."""
        if not rules.targets:
            return None
        fit = self.fits and rules.budget is not None
        try:
            lifted_by(rules.targets)
        except ValueError:
            text = _("Ask for a least share of %(most)d groups at most; this asks for more.")
            return {"rules": None, "sentence": text % {"most": MOST_LIFTED}}
        found = smallest_points(self.pool, rules, rules.targets, fit=fit, go_on=_for(SECONDS))
        return solving.points_answer(self.pool, rules, found, self.vocabulary)

    def _usable(self, answer: dict[str, Any] | None) -> dict[str, Any] | None:
        if answer is None or answer["rules"] is None:
            return answer
        return answer | {"use_url": self._workbench(answer["rules"])}

    def _workbench(self, rules: Rules) -> str:
        return workbench_url(self, rules)

    def _searches(self) -> list[CohortSearch]:
        mine = searches_visible_to(self.request.hat).filter(
            cycle=self.cycle, started_by=self.request.hat.user_id
        )
        return list(mine[:SEARCHES_SHOWN])


class StartSearchView(RulesPage):
    """Ask a worker for the best cohort, or for points that take long."""

    permission_required = "selection.start_search"
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        """Start, and go to the search's page; say why not on the solve page."""
        form = self.form()
        back = reverse("selection:solve", args=[self.cycle.slug])
        if form.is_bound and not form.is_valid():
            query = request.POST.copy()
            query.pop("csrfmiddlewaretoken", None)
            return HttpResponseRedirect(f"{back}?{query.urlencode()}")
        rules = form.rules()
        points = request.POST.get("kind") == cohort_search.POINTS
        try:
            search = cohort_search.start(
                cycle=self.cycle,
                rules=rules,
                by=request.hat,
                scenario=self.scenario if rules == self.base else None,
                kind=cohort_search.POINTS if points else cohort_search.COHORT,
                fit=points and request.POST.get(LINE) != FIXED and rules.budget is not None,
            )
        except DomainError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(back + self.query(form))
        return redirect("selection:search", cycle=self.cycle.slug, pk=search.pk)


def workbench_url(page: RulesPage, rules: Rules) -> str:
    """Return the workbench's address with these rules, on top of the page's scenario."""
    query = QueryDict(mutable=True)
    if page.scenario:
        query[SCENARIO] = str(page.scenario.pk)
    query.update(changes_of(page.base, rules, page.closed))
    address = reverse("selection:workbench", args=[page.cycle.slug])
    return f"{address}?{query.urlencode()}" if query else address


def _for(seconds: float) -> GoOn:
    """Return what lets a search go on for so many seconds."""
    end = time.monotonic() + seconds
    return lambda _tried, _below: time.monotonic() < end


def _not_typed(form: RulesForm) -> list[tuple[str, str]]:
    """Return the fields of the rules that the page does not show, as hidden inputs."""
    return [
        (name, value)
        for name, value in form.hidden_fields_of()
        if name not in TYPED and not name.startswith(TARGET_FIELDS)
    ]
