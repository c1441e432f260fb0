"""A page that works on rules: those of a stored scenario or the published ones, changed by the address."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from selection.engine import Pool, Result, Rules, judge_pool
from selection.forms.scenarios import RulesForm
from selection.models import Scenario
from selection.presenting.vocabulary import Vocabulary
from selection.queries.conflicts import closed_to
from selection.queries.pool import pool_of
from selection.queries.scenarios import scenarios_in
from selection.views.cycle_page import CyclePage

SCENARIO = "scenario"
LONGEST_PK = 9


class RulesPage(CyclePage):
    """Has `scenario` (None for the published rules), `base`, `pool` and the form of the rules asked for."""

    permission_required = "selection.view_workbench"

    @property
    def asked(self) -> QueryDict:
        """What the rules are read from: the post, or the query string."""
        return self.request.POST if self.request.method == "POST" else self.request.GET

    @cached_property
    def scenario(self) -> Scenario | None:
        """The stored scenario that the address names. Raises Http404 when the hat may not see it."""
        given = self.asked.get(SCENARIO, "")
        if not given:
            return None
        if not (given.isascii() and given.isdecimal() and len(given) <= LONGEST_PK):
            raise Http404
        return get_object_or_404(scenarios_in(self.cycle, self.request.hat), pk=given)

    @cached_property
    def published(self) -> Rules:
        """The rules as the program publishes them."""
        return Rules.from_definition(self.cycle.definition.selection, self.cycle.budget)

    @cached_property
    def base(self) -> Rules:
        """The rules that the address changes."""
        return Rules.from_json(self.scenario.rules) if self.scenario else self.published

    @cached_property
    def pool(self) -> Pool:
        """Every application handed over."""
        return pool_of(self.cycle)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The words for what rules may name."""
        return Vocabulary.of(self.cycle.localized, self.pool)

    @cached_property
    def hidden(self) -> dict[int, str]:
        """The applications that a conflict of interest closes to the person: references by id."""
        return closed_to(self.request.hat, self.cycle)

    @property
    def closed(self) -> set[str]:
        """The references of `hidden`: no page shows their pins."""
        return set(self.hidden.values())

    def form(self, data: Mapping[str, Any] | None = None) -> RulesForm:
        """Return the form of the rules asked for."""
        given = self.asked if data is None else data
        return RulesForm(self.base, self.vocabulary, self.pool, given, self.hidden)

    def judged(self, form: RulesForm) -> Result:
        """Return the result of the form's rules; of the base's when the form has errors."""
        usable = not form.is_bound or form.is_valid()
        return judge_pool(self.pool, form.rules() if usable else self.base)

    def query(self, form: RulesForm, **more: str) -> str:
        """Return the shortest query string that says scenario and changes, with `?`; else nothing."""
        query = QueryDict(mutable=True)
        if self.scenario:
            query[SCENARIO] = str(self.scenario.pk)
        if form.is_bound and form.is_valid():
            query.update(form.query())
        query.update(more)
        return f"?{query.urlencode()}" if query else ""
