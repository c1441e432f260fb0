"""The pages that say whether scoring is fair: a plan's own for its lead, all plans for DHCS."""

from typing import Any

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property

from accounts.enums import Role
from accounts.models import Organisation
from applications.queries import applications_visible_to
from core.views import HatView
from programs.choosing import choose_cycle, to_decide, to_score
from scoring import presenting_fairness as presenting
from scoring.domain import fairness
from scoring.fairness import Refused, Report, Standing
from scoring.queries.fairness import plans_named, reviewers_named

PAGE_SIZE = 50


class FairnessView(HatView):
    """Agreement, spread and severity of the lead's own plan."""

    permission_required = "scoring.view_statistics"
    template_name = "scoring/fairness.html"
    default_cycle = staticmethod(to_score)
    everyone = False
    place = above = "scoring:overview"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, self.default_cycle)

    def plan(self) -> Organisation | None:
        """Return the plan that the figures are of; None stands for all."""
        return self.request.hat.organisation

    def get(self, request, *args, **kwargs):
        """Show the page; who sees every plan has a page of their own."""
        if not self.everyone and request.hat.role in Role.see_all:
            return redirect("scoring:fairness_all")
        self.request.place = reverse(self.place)
        return self.render()

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the figures as texts and pictures, and one page of the applications."""
        if self.cycle is None:
            return super().get_context(
                cycle=None, everyone=self.everyone, back_url=reverse(self.above), **extra
            )
        kept = fairness.report_of(self.cycle, self.plan())
        definition, report = self.cycle.definition, kept.report
        return super().get_context(
            cycle=self.cycle,
            everyone=self.everyone,
            back_url=reverse(self.above),
            kept=kept,
            report=report,
            figures=presenting.figures(report),
            agreement=presenting.agreement_rows(
                report, definition.criteria(), definition.rubric.total
            ),
            refused=presenting.refusal(report.total.alpha if report.total else None),
            multiples=presenting.multiples(report, definition.criteria()),
            **self._raters(report, len(definition.criteria())),
            **self._standings(report),
            **extra,
        )

    def _raters(self, report: Report, criteria: int) -> dict[str, Any]:
        """Return who is strict or mild, and who scores everything the same (2 queries)."""
        plans = [] if isinstance(report.plans, Refused) else report.plans
        reviewers = [] if isinstance(report.reviewers, Refused) else report.reviewers
        extreme = sorted(reviewers, key=lambda one: -abs(one.adjusted))[: presenting.SHOWN_RATERS]
        hats = reviewers_named({one.rater for one in extreme} | {o.reviewer for o in report.same})
        names = {pk: hat.user.full_name for pk, hat in hats.items()}
        notes = {pk: hat.organisation.name for pk, hat in hats.items()} if self.everyone else {}
        titles = plans_named({one.rater for one in plans}) if plans else {}
        return {
            "reviewers": presenting.severity_rows(extreme, names, notes),
            "reviewers_refused": presenting.too_few_raters(report.reviewers),
            "reviewers_in_all": len(reviewers),
            "plans": presenting.severity_rows(plans, titles, {}),
            "plans_refused": presenting.too_few_raters(report.plans, plans=True),
            "plans_in_all": len(plans),
            "same": presenting.same_rows(report.same, names, criteria),
        }

    def _standings(self, report: Report) -> dict[str, Any]:
        """Return one page of the applications that the hat may see (1 query)."""
        by_change = self.request.GET.get("order") == "change"
        rows = presenting.by_change(report.standings) if by_change else report.standings
        start = self._start(len(rows))
        shown = rows[start : start + PAGE_SIZE]
        visible = applications_visible_to(self.request.hat).in_bulk(
            [row.application for row in shown]
        )
        return {
            "standings": [_line(row, visible[row.application]) for row in shown
                          if row.application in visible],
            "hidden": len(shown) - len(visible),
            "by_change": by_change,
            "in_all": len(rows),
            "first": start + 1,
            "last": start + len(shown),
            "previous": max(start - PAGE_SIZE, 0) if start else None,
            "following": start + PAGE_SIZE if start + PAGE_SIZE < len(rows) else None,
        }  # fmt: skip

    def _start(self, count: int) -> int:
        after = self.request.GET.get("after", "")
        number = int(after) if after.isdecimal() and len(after) < 9 else 0
        return number if number < count else 0


class AllFairnessView(FairnessView):
    """The same of all plans together, and each plan beside the others."""

    permission_required = "scoring.view_all_statistics"
    default_cycle = staticmethod(to_decide)
    everyone = True
    place, above = "scoring:fairness_all", "selection:workbench_home"

    def plan(self) -> None:
        """All plans."""
        return


def _line(row: Standing, application) -> dict[str, Any]:
    return {
        "application": application,
        "raw": row.raw,
        "adjusted": presenting.one(row.adjusted),
        "rank": row.rank,
        "adjusted_rank": row.adjusted_rank,
        "change": presenting.change_text(row.change),
        "moved": row.change != 0,
    }
