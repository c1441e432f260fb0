"""The applications of the lead's plan, with filters, search and pages by key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from applications.enums import Status
from applications.models import Application
from applications.queries import applications_visible_to
from programs.choosing import choose_cycle, to_score
from scoring import rubric
from scoring.enums import Purpose
from scoring.forms.plan_list import NOBODY, PlanFilterForm
from scoring.needs import Need
from scoring.queries import counts_by_status, with_assignments
from scoring.queries.needs import moment, need_counts, with_need
from scoring.queries.plan_list import counties_in, matching, reviewed_by
from scoring.queries.team import members_visible_to
from scoring.views.lead_page import LeadPage

PAGE_SIZE = 50
KEPT = ("status", "need", "q", "reviewer", "county")
SHOWN = tuple(status for status in Status if status != Status.DRAFT)


@dataclass(frozen=True)
class Row:
    """An application of the list.

    `spread` is in points between the submitted sheets that count; None without two of them.
    """

    application: Application
    progress: str
    spread: int | None


class PlanApplicationsView(LeadPage):
    """Every application that names this plan, with state, reviewers, progress and spread."""

    permission_required = "scoring.view_plan"
    template_name = "scoring/applications.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the rows after the one named by `after`, the filters, and the chips."""
        mine = applications_visible_to(self.request.hat).filter(cycle=self.cycle)
        counts = counts_by_status(mine)
        at = moment(self.cycle, timezone.now()) if self.cycle else None
        needs = need_counts(mine, at) if at else {}
        form = self._form(mine)
        found = self._by_chips(self._by_form(mine, form), counts, at)
        rows = self._page(found)
        filtered = any(self.request.GET.get(name) for name in KEPT)
        criteria = len(self.cycle.definition.criteria()) if self.cycle else 0
        return super().get_context(
            cycle=self.cycle,
            form=form,
            rows=[_row(one, criteria) for one in rows[:PAGE_SIZE]],
            next_query=self._query(after=str(rows[PAGE_SIZE - 1].pk))
            if len(rows) > PAGE_SIZE
            else "",
            first_query=self._query() if self.request.GET.get("after") else "",
            status=self._asked("status", counts),
            need=self._asked("need", Need.values),
            chips=self._chips("status", [(s.value, s.label, counts.get(s, 0)) for s in SHOWN]),
            needs=self._chips("need", [(n.value, n.label, needs.get(n, 0)) for n in Need]),
            to_confirm=needs.get(Need.TO_CONFIRM, 0),
            total=sum(counts.values()),
            count=found.count() if filtered else sum(counts.values()),
            filtered=filtered,
            **extra,
        )

    def _form(self, mine: QuerySet[Application]) -> PlanFilterForm:
        return PlanFilterForm(
            self.request.GET if any(self.request.GET.get(name) for name in KEPT) else None,
            reviewers=members_visible_to(self.request.hat),
            counties=counties_in(mine),
        )

    def _by_form(self, mine: QuerySet[Application], form: PlanFilterForm) -> QuerySet[Application]:
        """Apply what the filter bar says; a field that it can't read filters nothing."""
        if not form.is_bound:
            return mine
        form.is_valid()
        said = form.cleaned_data
        found = matching(mine, said.get("q", ""))
        if reviewer := said.get("reviewer"):
            found = reviewed_by(found, None if reviewer == NOBODY else int(reviewer))
        if county := said.get("county"):
            found = found.filter(county=county)
        return found

    def _by_chips(self, found: QuerySet[Application], counts: Mapping[str, int], at):
        if status := self._asked("status", counts):
            found = found.filter(status=status)
        if at and (need := self._asked("need", Need.values)):
            found = with_need(found, need, at)
        return found

    def _asked(self, name: str, known) -> str:
        value = self.request.GET.get(name, "")
        return value if value in known else ""

    def _page(self, found: QuerySet[Application]) -> list[Application]:
        after = self.request.GET.get("after", "")
        if after.isdecimal() and len(after) < 18:
            found = found.filter(pk__gt=int(after))
        return list(with_assignments(found.order_by("pk"))[: PAGE_SIZE + 1])

    def _query(self, **changes: str) -> str:
        """Return the query string that keeps the filters, with changes; "?" when there is none."""
        kept = {name: self.request.GET.get(name, "") for name in KEPT}
        chosen = {name: value for name, value in (changes | kept | changes).items() if value}
        return f"?{urlencode(chosen)}"

    def _chips(self, name: str, choices: list[tuple[str, Any, int]]) -> list[dict[str, Any]]:
        """Return a chip for each choice that there is something of; the active one takes itself off."""
        base, current = reverse("scoring:applications"), self.request.GET.get(name, "")
        return [
            {
                "label": label,
                "count": count,
                "href": base + self._query(**{name: "" if value == current else value}),
                "active": value == current,
            }
            for value, label, count in choices
            if count or value == current
        ]


def _row(application: Application, criteria: int) -> Row:
    counting = [one for one in application.standing if one.purpose == Purpose.SCORE]
    totals = [one.sheet.total for one in counting if one.sheet.is_submitted]
    spread = rubric.spread(totals) if len(totals) > 1 else None
    return Row(application, _progress(application, criteria), spread)


def _progress(application: Application, criteria: int) -> str:
    standing = application.standing
    if not standing:
        return ""
    submitted = sum(one.sheet.is_submitted for one in standing)
    if submitted == len(standing):
        return _("Scores submitted")
    given = sum(one.sheet.given for one in standing if not one.sheet.is_submitted)
    return _("%(given)d of %(all)d criteria") % {
        "given": given,
        "all": criteria * (len(standing) - submitted),
    }
