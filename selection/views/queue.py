"""The queue and one application in it."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.content import facts_from_columns
from applications.correspondence import thread_of
from applications.domain.transitions import can_take
from applications.enums import Status
from applications.models import Application
from applications.queries import (
    applications_visible_to,
    by_score,
    late_accesses,
    steps_of,
)
from applications.resubmission import reading_of
from core.views import HatView
from programs.choosing import choose_cycle, to_decide
from programs.priority import matching_points
from scoring.basis import in_words
from scoring.domain.scores import too_late_to_return
from scoring.queries import sheets_of
from selection.filters import QueueFilter
from selection.presenting import choice_labels, queue_rows
from selection.queries import (
    after_in_score_order,
    decision_in_force,
    for_the_list,
    queue_for,
    status_counts,
)

PAGE_SIZE = 50


class QueueView(HatView):
    """Every submitted application of the cycle: filter, search, highest adjusted score first."""

    permission_required = "selection.view_queue"
    template_name = "selection/queue.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add one page of rows, the filters, the chips and the link to the next page."""
        cycle = choose_cycle(self.request, to_decide)
        definition = cycle.definition if cycle else None
        everything = queue_for(self.request.hat, cycle)
        found = QueueFilter(self.request.GET or None, everything, definition=definition)
        matching = found.qs if found.is_valid() else everything
        rows = list(by_score(for_the_list(self._after(matching)))[: PAGE_SIZE + 1])
        labels = choice_labels(definition) if definition else {}
        counts = status_counts(cycle) if cycle else {}
        filtered = any(self.request.GET.get(name) for name in found.filters)
        return super().get_context(
            cycle=cycle,
            filter=found,
            rows=queue_rows(rows[:PAGE_SIZE], labels),
            count=matching.count() if filtered else sum(counts.values()),
            next_url=self._next(rows),
            first_url=self._link() if self.request.GET.get("after") else "",
            chips=self._chips(counts) if cycle else [],
            rubric_total=definition.rubric.total if definition else 0,
            filtered=filtered,
            **extra,
        )

    def _after(self, applications):
        score, _dash, pk = self.request.GET.get("after", "").partition("-")
        if not pk.isdecimal() or len(pk) > 17 or len(score) > 4:
            return applications
        return after_in_score_order(
            applications, int(score) if score.isdecimal() else None, int(pk)
        )

    def _next(self, rows: list[Application]) -> str:
        if len(rows) <= PAGE_SIZE:
            return ""
        last = rows[PAGE_SIZE - 1]
        score = "" if last.adjusted_score is None else last.adjusted_score
        return self._link(after=f"{score}-{last.pk}")

    def _link(self, **changes: str) -> str:
        kept = {
            k: v for k, v in self.request.GET.items() if k not in ("after", "cycle") and v
        } | changes
        query = urlencode({k: v for k, v in kept.items() if v})
        return reverse("selection:queue") + (f"?{query}" if query else "")

    def _chips(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        current = self.request.GET.get("status", "")
        chips = [(_("All"), sum(counts.values()), "")]
        chips += [(s.label, counts[s], s.value) for s in Status if counts.get(s)]
        return [
            {
                "label": label,
                "count": count,
                "href": self._link(status=value),
                "active": current == value,
            }
            for label, count, value in chips
        ]


class ApplicationView(HatView):
    """Everything about one application, and how its three numbers came about."""

    permission_required = "selection.view_application"
    template_name = "selection/application.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add content, sheets, the numbers' origin, decision and history."""
        application = self.object
        self.request.cycle = application.cycle
        definition, reading = application.cycle.definition, reading_of(application)
        points = definition.selection.priority_points
        labels = choice_labels(definition)
        return super().get_context(
            cycle=application.cycle,
            definition=definition,
            labels=labels,
            reading=reading,
            blocks=reading.blocks,
            sheets=[s for s in sheets_of(application) if s.is_submitted],
            origin=[
                (labels.get(rule.value, rule.value), rule.points)
                for rule in matching_points(facts_from_columns(application), points)
            ],
            decision=decision_in_force(application),
            steps=steps_of(application),
            late_accesses=late_accesses(application),
            thread=thread_of(application, self.request.GET.get("before", "")),
            own_side="dhcs",
            can_return=can_take(application, "return", self.request.hat)
            and not too_late_to_return(application),
            can_send_back=can_take(application, "send_back", self.request.hat),
            basis=in_words(application.score_basis),
            **extra,
        )
