"""The queue, its counted filters, and the columns that a person sees."""

from dataclasses import replace
from typing import Any

import rules
from django.contrib import messages
from django.http import HttpResponseRedirect, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.queries import plans
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_decide
from selection.domain import saved_views
from selection.filters import Asked, read
from selection.forms.queue import ColumnsForm, SearchForm, ViewForm
from selection.presenting import choice_labels
from selection.presenting.facets import chosen_chips, facets, named_values, total_words
from selection.presenting.queue import BY_KEY, USUAL, columns_for, heads, in_full, queue_url, tabs
from selection.presenting.queue_rows import table_rows
from selection.queries.facets import counts_for
from selection.queries.own_desk import Desk, desk_of
from selection.queries.paging import key_text, page, read_key
from selection.queries.queue import for_the_list, found_by

PAGE_SIZE = 50


class QueuePage(HatView):
    """What every page of the queue knows: the cycle, and what its address asks for."""

    permission_required = "selection.view_queue"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_decide)

    @cached_property
    def asked(self) -> Asked:
        """What the address asks for; a cycle that is not there is left out."""
        asked = read(self.request.GET)
        known = self.cycle is not None and self.cycle.slug == asked.cycle
        return asked if known else replace(asked, cycle="")

    def in_full(self, asked: Asked) -> Asked:
        """Return what is asked in words that show everybody the same."""
        return in_full(asked, self.cycle.slug if self.cycle else "", self.desk.columns)

    @cached_property
    def desk(self) -> Desk:
        """How the person sees the queue."""
        return desk_of(self.request.hat)

    @property
    def may_work(self) -> bool:
        """Whether the person may claim, flag and act on many."""
        return rules.has_perm("selection.work_queue", self.request.hat)

    def names(self, *, with_plans: bool) -> dict[str, dict[str, str]]:
        """Return what the facets' values are called (1 query with plans)."""
        known = plans().values_list("pk", "name") if with_plans else []
        return named_values(self.cycle.definition, known) if self.cycle else {}


class QueueView(QueuePage):
    """Every submitted application of the cycle that is asked for; highest adjusted score first."""

    template_name = "selection/queue/list.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add one page of rows with its links, tabs, chips and forms."""
        asked, cycle, hat = self.asked, self.cycle, self.request.hat
        found, order, search = found_by(asked, hat, cycle)
        backwards = "before" in self.request.GET
        key = read_key(self.request.GET.get("before" if backwards else "after", ""), order)
        rows = page(
            for_the_list(found), order, size=PAGE_SIZE, key=key, backwards=backwards and bool(key)
        )
        columns = columns_for(asked.columns, self.desk.columns)
        labels = choice_labels(cycle.definition) if cycle else {}
        query = asked.query()
        return super().get_context(
            cycle=cycle,
            rows=table_rows(rows.rows, columns, labels, query=query, may_pick=self.may_work),
            heads=heads(columns, asked, order),
            wide=any(column.key not in USUAL for column in columns),
            tabs=tabs(self.desk.views, asked, self.in_full),
            unseen=self.desk.unseen,
            chips=chosen_chips(asked, self.names(with_plans=bool(asked.values("plan")))),
            search_form=SearchForm(asked),
            view_form=ViewForm(initial={"query": self.in_full(asked).query()}),
            narrowed=asked.is_narrowed,
            limited=bool(asked.limits),
            by_relevance=order.key == "relevance",
            too_many_to_rank=bool(search and search.is_broad and asked.ordered_by is None),
            query=query,
            may_work=self.may_work,
            next_url=self._beside(rows.rows[-1], "after", order)
            if rows.has_next and rows.rows
            else "",
            previous_url=self._beside(rows.rows[0], "before", order)
            if rows.has_previous and rows.rows
            else "",
            first_url=queue_url(asked) if key else "",
            only_page=len(rows.rows) if not (rows.has_next or rows.has_previous) else None,
            **extra,
        )

    def _beside(self, row, side: str, order) -> str:
        return queue_url(self.asked, **{side: key_text(row, order)})


class FacetsView(QueuePage):
    """How many applications each choice would show: a part of the queue's page, or a page of its own."""

    template_name = "selection/queue/facets.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the counted choices."""
        counts = counts_for(self.asked, self.request.hat, self.cycle) if self.cycle else None
        shown = facets(self.asked, counts, self.names(with_plans=True)) if counts else []
        return super().get_context(
            cycle=self.cycle,
            state=next((facet for facet in shown if facet.name == "status"), None),
            facets=[facet for facet in shown if facet.name != "status"],
            chosen=sum(facet.chosen for facet in shown if facet.name != "status"),
            total=counts.total if counts else 0,
            total_words=total_words(counts) if counts else "",
            is_part=bool(self.request.htmx),
            frame="selection/queue/part.html" if self.request.htmx else "base.html",
            back_url=queue_url(self.asked),
            **extra,
        )


class ColumnsView(ActionView):
    """Choose which columns of the queue one sees, and in which order."""

    permission_required = "selection.view_queue"
    template_name = "selection/queue/columns.html"

    @property
    def asked(self) -> Asked:
        """The view to go back to."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return read(QueryDict(given.get("view", "")[:8000]))

    def get_form(self, data=None, files=None):
        """Return the form with what the person sees now."""
        chosen = columns_for(self.asked.columns, desk_of(self.request.hat).columns)
        return ColumnsForm(data, chosen=[column.key for column in chosen])

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the way back."""
        query = self.asked.query()
        return super().get_context(query=query, back_url=queue_url(self.asked), **extra)

    def post(self, request, *args, **kwargs):
        """Go back to the usual columns, or keep what was chosen."""
        if "usual" in request.POST:
            saved_views.choose_columns([], by=request.hat)
            messages.success(request, _("You see the usual columns again."))
            return HttpResponseRedirect(self.get_success_url())
        return super().post(request, *args, **kwargs)

    def perform(self, form):
        """Keep the columns."""
        keys = [key for key in form.chosen_keys() if key in BY_KEY]
        return saved_views.choose_columns(keys, by=self.request.hat)

    def get_success_url(self) -> str:
        """Return to the view, which shows the person's columns from now on."""
        return queue_url(replace(self.asked, columns=()))
