"""The workbench: rules in the address, and what they make of the applications of a cycle."""

import contextlib
from typing import Any

import numpy as np
import rules
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from core.views import HatView, signed_in
from programs.choosing import choose_cycle, to_decide
from scoring.domain import fairness
from selection import presenting
from selection.domain import readiness, scenarios
from selection.engine import Result
from selection.enums import Outcome
from selection.forms.comments import CommentForm
from selection.forms.scenarios import RulesForm
from selection.presenting import mixes, pictures, workbench
from selection.presenting.scenario_history import changes
from selection.presenting.unfinished import workbench_note
from selection.queries.scenarios import comments_on, scenarios_in, versions_of, visits_to
from selection.queries.unfinished import count_unfinished
from selection.views.rules_page import SCENARIO, RulesPage

PAGE = 100
HISTORY_SHOWN = 20
VISITS_SHOWN = 12
MENU_SHOWN = 8


class WorkbenchHome(HatView):
    """Goes to the workbench of the cycle to decide; without a cycle, says so."""

    permission_required = "selection.view_workbench"
    template_name = "selection/workbench/none.html"

    def get(self, request, *args, **kwargs):
        """Go on with the same query string, which may hold rules."""
        cycle = choose_cycle(request, to_decide)
        if cycle is None:
            return self.render()
        query = request.GET.copy()
        query.pop("cycle", None)
        return redirect(_with(reverse("selection:workbench", args=[cycle.slug]), query))


class WorkbenchView(RulesPage):
    """Everything on one page; a change of the rules redraws the result only."""

    template_name = "selection/workbench/page.html"

    def get(self, request, *args, **kwargs):
        """Show the rules and their result; as a part of the page when a change asks for it."""
        if request.GET.get("add"):
            return self._with_criterion(request.GET.copy())
        form = self.form()
        result = self.judged(form)
        context = self._result(form, result)
        status = 422 if form.is_bound and form.errors else 200
        if request.headers.get("HX-Request-Type") == "partial":
            response = render(request, "selection/workbench/part.html", context, status=status)
            response["HX-Push-Url"] = self._address(form)
        else:
            response = self.render(status, **context, **self._around())
        patch_vary_headers(response, ["HX-Request-Type"])
        return response

    def _with_criterion(self, query: QueryDict) -> HttpResponse:
        """Give a criterion its field: an address with it, worth the points asked for (none: 0)."""
        key = query.pop("add")[-1]
        kind = query.pop("add_kind", ["points"])[-1]
        name = "least" if kind == "least" else "points"
        if f"{name}_{key}" not in query:
            query[f"{name}_{key}"] = "10" if name == "least" else "5"
        there = _with(self.request.path, query) + "#rules"
        if "HX-Request" in self.request.headers:
            return HttpResponse(headers={"HX-Redirect": there})
        return redirect(there)

    def _address(self, form: RulesForm) -> str:
        if form.is_bound and not form.is_valid():
            return _with(self.request.path, self.request.GET)
        return self.request.path + self.query(form)

    def _result(self, form: RulesForm, result: Result) -> dict[str, Any]:
        near, near_count = workbench.near_rows(result, self.hidden)
        places = np.flatnonzero(result.is_in[result.order])
        is_changed = form.is_bound and form.is_valid() and bool(form.query())
        return {
            "form": form,
            "cycle": self.cycle,
            "scenario": self.scenario,
            "result_rules": result.rules,
            "summary": workbench.summary(result),
            "figures": workbench.figures(result),
            "cut": _cut_with_address(workbench.cut(result), self, form),
            "ties": workbench.ties(result),
            "histogram": pictures.histogram(result),
            "curve": pictures.curve(result),
            "map": pictures.county_map(result),
            "mixes": mixes.mixes(result, self.vocabulary),
            "near": near,
            "near_count": near_count,
            "within": workbench.WITHIN,
            "rows": workbench.rows_in(result, self.hidden, places[: workbench.LIST_SHOWN]),
            "in_count": len(places),
            "list_url": reverse("selection:workbench_list", args=[self.cycle.slug]),
            "query": self.query(form),
            "is_changed": is_changed,
            "others": self._others(self.query(form)),
            **self._may(),
        }

    def _others(self, query: str) -> list[dict[str, Any]]:
        """Return where one goes on with these rules."""
        acts = [("compare", _("Compare…"), False), ("solve", _("Solve…"), False)]
        if rules.has_perm("selection.prepare_decisions", self.request.hat):
            acts.append(("propose", _("Propose…"), True))
        found = []
        for name, label, primary in acts:
            if url := _if_there(f"selection:{name}", self.cycle.slug):
                found.append({"label": label, "url": url + query, "primary": primary})
        return found

    def _may(self) -> dict[str, Any]:
        hat = self.request.hat
        may_edit = rules.has_perm("selection.edit_scenario", hat, self.scenario)
        return {
            "may_edit": may_edit,
            "may_own": rules.has_perm("selection.own_scenario", hat, self.scenario),
            "may_propose": rules.has_perm("selection.prepare_decisions", hat),
        }

    def _around(self) -> dict[str, Any]:
        """Return what stays when the rules change: the other scenarios, and talk about this one."""
        hat = self.request.hat
        menu = list(scenarios_in(self.cycle, hat)[: MENU_SHOWN + 1])
        context = {
            "menu": menu[:MENU_SHOWN],
            "has_more": len(menu) > MENU_SHOWN,
            "criteria": self.vocabulary.choices(),
            "severity": presenting.severity_note(fairness.plan_severity(self.cycle)),
            "fairness_url": _if_there("selection:fairness", self.cycle.slug),
            "unfinished": self._unfinished(),
            "comments": [],
            "visits": [],
            "history": [],
            "comment_form": CommentForm(),
        }
        if self.scenario:
            scenarios.visited(self.scenario, by=hat)
            versions = list(versions_of(self.scenario)[: HISTORY_SHOWN + 1])
            context |= {
                "comments": list(comments_on(self.scenario)),
                "visits": list(visits_to(self.scenario)[:VISITS_SHOWN]),
                "history": changes(versions, self.vocabulary, self.closed)[:HISTORY_SHOWN],
            }
        return context

    def _unfinished(self) -> dict[str, str] | None:
        """Return who is still with a plan, and whether the figures count them (1 query)."""
        statuses = readiness.unfinished_statuses(self.cycle)
        return workbench_note(self.cycle, statuses, *count_unfinished(self.cycle, statuses))


class WorkbenchListView(RulesPage):
    """Everybody with one outcome under the rules of the address, in rank order, page by page."""

    template_name = "selection/workbench/list.html"

    def get(self, request, *args, **kwargs):
        """Show what comes after the rank in `after`."""
        form = self.form()
        result = self.judged(form)
        outcome = request.GET.get("outcome", "")
        outcome = outcome if outcome in Outcome.values else ""
        after = _number(request.GET.get("after", ""))
        places = workbench.places_of(result, outcome)
        coming = places[np.searchsorted(places, after) :]
        shown = coming[:PAGE]
        more = {"outcome": outcome} if outcome else {}
        next_url = ""
        if len(coming) > PAGE:
            next_url = self._url(form, **more, after=str(int(shown[-1]) + 1))
        return self.render(
            form=form,
            scenario=self.scenario,
            is_changed=form.is_bound and form.is_valid() and bool(form.query()),
            rows=workbench.rows_in(result, self.hidden, shown),
            count=len(places),
            tabs=self._tabs(form, result, outcome),
            next_url=next_url,
            first_url=self._url(form, **more) if after else "",
            back_url=reverse("selection:workbench", args=[self.cycle.slug]) + self.query(form),
        )

    def _tabs(self, form: RulesForm, result: Result, chosen: str) -> list[dict[str, Any]]:
        tabs = [("", _("All"), len(result.pool))]
        tabs += [(o.value, o.label, result.counts.get(o, 0)) for o in Outcome]
        return [
            {
                "label": label,
                "count": count,
                "href": self._url(form, **({"outcome": value} if value else {})),
                "current": value == chosen,
            }
            for value, label, count in tabs
        ]

    def _url(self, form: RulesForm, **more: str) -> str:
        return self.request.path + self.query(form, **more)


def _cut_with_address(
    found: dict[str, Any] | None, page: RulesPage, form: RulesForm
) -> dict[str, Any] | None:
    """Add the address of the same rules with the threshold that fits."""
    if found is None or found["fits"] is None:
        return found
    query = QueryDict(page.query(form).removeprefix("?"), mutable=True)
    query["threshold"] = str(found["fits"])
    return found | {"url": _with(page.request.path, query)}


def _if_there(name: str, slug: str) -> str:
    """Return the address of a page about the cycle, or nothing where the portal has no such page."""
    with contextlib.suppress(NoReverseMatch):
        return reverse(name, args=[slug])
    return ""


@signed_in
def old_address(request: HttpRequest) -> HttpResponse:
    """Send an address of the former threshold page to the workbench, with its rules."""
    return redirect(_with(reverse("selection:workbench_home"), request.GET))


def _with(path: str, query: QueryDict) -> str:
    return f"{path}?{query.urlencode()}" if query else path


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else 0


__all__ = ["SCENARIO", "WorkbenchHome", "WorkbenchListView", "WorkbenchView", "old_address"]
