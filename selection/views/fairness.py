"""How fair the list of a scenario is: rates with intervals, and the list with plans' severity taken out."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from scoring.domain.fairness import plan_severity
from scoring.fairness import Refused
from scoring.queries.fairness import plan_scores, plans_named
from scoring.statistics import Severity
from selection.engine import Result
from selection.engine.levelling import Change, without_severity
from selection.presenting import fairness, severity_note
from selection.views.rules_page import RulesPage

SHOWN = 50


class FairnessView(RulesPage):
    """The fairness of the rules in the address: a page, or the part of a page that htmx asks for."""

    template_name = "selection/fairness/page.html"

    def get(self, request, *args, **kwargs) -> HttpResponse:
        """Show the figures; 422 with those of the base rules when the address has errors."""
        form = self.form()
        usable = not form.is_bound or form.is_valid()
        result = self.judged(form)
        context = {
            "form": form,
            "scenario": self.scenario,
            "is_changed": result.rules != self.base,
            "handed_over": len(self.pool),
            "back_url": reverse("selection:workbench", args=[self.cycle.slug]) + self.query(form),
            "page_url": request.path + self.query(form),
            **self._figures(result),
        }
        status = 200 if usable else 422
        if request.headers.get("HX-Request-Type") == "partial":
            panel = "selection/fairness/panel.html"
            response = render(request, panel, self.get_context(**context), status=status)
        else:
            response = self.render(status, **context)
        patch_vary_headers(response, ["HX-Request-Type"])
        return response

    def _figures(self, result: Result) -> dict[str, Any]:
        found = plan_severity(self.cycle)
        known: list[Severity] = [] if isinstance(found, Refused) else found
        names = plans_named({one.rater for one in known}) if known else {}
        changes = self._changes(result, known)
        entering = sum(change.enters for change in changes)
        return {
            "known": bool(known),
            "severity": severity_note(found)["sentence"],
            "overall": fairness.overall(result),
            "groups": fairness.rate_groups(result, self.vocabulary),
            "plans": fairness.plan_rows(
                result, {names[one.rater]: one for one in known}, self.vocabulary
            ),
            "changes": fairness.change_rows(changes[:SHOWN], self.hidden),
            "change_count": len(changes),
            "entering": entering,
            "leaving": len(changes) - entering,
            "shown": SHOWN,
        }

    def _changes(self, result: Result, known: list[Severity]) -> list[Change]:
        if not known:
            return []
        by_plan = {one.rater: one.adjusted for one in known}
        scores = plan_scores(self.cycle)
        severity = {pk: by_plan[plan] for pk, plan, _score in scores if plan in by_plan}
        return without_severity(result, severity, self.cycle.definition.rubric.total)
