"""One search for the best cohort: how far it is, what it found, and cancelling it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from selection.domain import cohort_search
from selection.engine import Pool, Rules
from selection.engine.solving import lifted_by, with_points
from selection.enums import SearchState
from selection.forms.scenarios import changes_of
from selection.models import CohortSearch
from selection.presenting import searches
from selection.presenting.vocabulary import Vocabulary
from selection.queries.cohort_searches import searches_visible_to
from selection.queries.conflicts import closed_to
from selection.queries.pool import pool_of
from selection.views.cycle_page import CyclePage

SHOWN = 100


class SearchPage(CyclePage):
    """A page or an act on one search of a cycle."""

    permission_required = "selection.view_workbench"
    object: CohortSearch

    def get_queryset(self):
        """Return the searches of the cycle that the hat may see."""
        return searches_visible_to(self.request.hat).filter(cycle__slug=self.kwargs["cycle"])


class SearchView(SearchPage):
    """How far a search is, asked again every 2 seconds; then what it found, beside the rules' own cohort."""

    template_name = "selection/solve/search.html"

    @cached_property
    def pool(self) -> Pool:
        """Every application handed over."""
        return pool_of(self.cycle)

    @cached_property
    def rules(self) -> Rules:
        """The rules of the search."""
        return Rules.from_json(self.object.rules)

    @cached_property
    def hidden(self) -> dict[int, str]:
        """The applications that a conflict of interest closes to the person: references by id (1 query)."""
        return closed_to(self.request.hat, self.cycle)

    @property
    def has_hidden_pins(self) -> bool:
        """Whether the rules pin what is closed to the person: no address may hold such rules."""
        closed = self.hidden.values()
        return any(pin.reference in closed for pin in self.rules.pins)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add progress or result."""
        search = self.object
        vocabulary = Vocabulary.of(self.cycle.localized, self.pool)
        points = cohort_search.asked_of(search)["kind"] == cohort_search.POINTS
        context = {
            "search": search,
            "is_points": points,
            "under_way": search.state in SearchState.live,
            "cancelling": search.cancel_asked_at is not None and search.state in SearchState.live,
            "mine": search.started_by_id == self.request.hat.user_id,
            "tone": searches.TONES[SearchState(search.state)],
            "progress": searches.progress_words(search),
            "solve_url": self._address("selection:solve", self.rules),
        }
        if search.state == SearchState.IMPOSSIBLE:
            context["hints"] = searches.hints(search.result, self.rules, vocabulary)
        elif points and search.result:
            context |= self._points(search.result, vocabulary)
        elif search.result.get("enter") is not None:
            context |= self._cohort(search.result, vocabulary)
        return super().get_context(**context | extra)

    def _points(self, result: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
        if "points" not in result:
            return {"sentence": searches.unfinished_words(result)}
        solved = replace(
            with_points(self.rules, lifted_by(self.rules.targets), result["points"]),
            threshold=result["threshold"],
        )
        return {
            "rows": searches.point_rows(result, self.rules, vocabulary),
            "figures": searches.point_figures(result, self.rules),
            "use_url": self._address("selection:workbench", solved),
            "has_hidden_pins": self.has_hidden_pins,
        }

    def _cohort(self, result: dict[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
        gap = self.object.gap or 0.0
        return {
            "proven": gap == 0,
            "gap": searches.gap_words(gap),
            "rows": searches.cohort_rows(result, self.rules, vocabulary),
            "enter": self._named(result["enter"]),
            "enter_count": len(result["enter"]),
            "leave": self._named(result["leave"]),
            "leave_count": len(result["leave"]),
            "shown": SHOWN,
        }

    def _named(self, references: Sequence[str]) -> list[dict[str, Any]]:
        return searches.named_rows(self.pool, references[:SHOWN], self.hidden)

    def _address(self, name: str, rules: Rules) -> str:
        published = Rules.from_definition(self.cycle.definition.selection, self.cycle.budget)
        address = reverse(name, args=[self.cycle.slug])
        if self.has_hidden_pins:
            return address
        query: QueryDict = changes_of(published, rules)
        return f"{address}?{query.urlencode()}" if query else address


class CancelSearchView(SearchPage):
    """End a search of one's own."""

    permission_required = "selection.cancel_search"
    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        """Cancel, and show the search."""
        search = cohort_search.cancel(self.object)
        if search.state == SearchState.CANCELLED:
            messages.success(request, _("The search is cancelled."))
        return redirect("selection:search", cycle=self.cycle.slug, pk=search.pk)
