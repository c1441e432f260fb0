"""One act on many applications: choose, say what, look at every effect, do it, undo it."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from applications.queries import applications_visible_to
from core.exceptions import DomainError
from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_decide
from scoring.forms.recommending import chosen_ids
from selection.domain import bulk
from selection.domain.bulk_kinds import KINDS
from selection.filters import Asked, read
from selection.forms.queue import BULK_FORMS
from selection.models import BulkAct
from selection.presenting.bulk import TITLES, act_words, after_words, state_words, what_happens
from selection.presenting.queue import queue_url
from selection.queries.facets import flag_labels
from selection.queries.own_desk import bulk_acts, bulk_acts_visible_to, colleagues
from selection.queries.queue import found_by
from selection.views.claims import LONGEST_VIEW, posted_view, view_query

LATEST = 50


class BulkView(HatView):
    """From ticked rows to what is done: the words of the act, its effects, the act itself."""

    permission_required = "selection.work_queue"
    template_name = "selection/queue/bulk.html"
    is_read = True  # the list of earlier acts

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_decide)

    @cached_property
    def kind(self) -> str:
        """Which act is asked for; "" for none that is known."""
        kind = self.request.POST.get("kind", "")
        return kind if kind in KINDS else ""

    def get(self, request, *args, **kwargs):
        """List the latest acts on many applications."""
        self.template_name = "selection/queue/bulk_acts.html"
        now = timezone.now()
        acts = bulk_acts(self.cycle)[:LATEST] if self.cycle else []
        rows = [
            {"act": act, "title": act_words(act), "state": state_words(act, now)} for act in acts
        ]
        return self.render(cycle=self.cycle, acts=rows)

    def post(self, request, *args, **kwargs):
        """Ask for the words, show the effects, or do it, as far as the page has come."""
        ids = self._ids()
        if not ids or len(ids) > bulk.MOST or not self.kind:
            messages.error(request, self._why_not(ids))
            return HttpResponseRedirect(queue_url(posted_view(request)))
        form = self._form()
        asked_before = "words" in request.POST or not form.fields
        if not asked_before:
            return self._page(ids, self._form(bound=False))
        if not form.is_valid():
            return self._page(ids, form, status=422)
        if "change" in request.POST:
            return self._page(ids, form)
        if "save" in request.POST:
            return self._do(ids, form)
        return self._preview(ids, form)

    def _why_not(self, ids: set[int]) -> str:
        if not self.kind:
            return _("Choose what to do with the applications.")
        if not ids:
            return _("Tick at least one application in the list.")
        message = _("Choose at most %(n)s applications at once. Narrow the view first.")
        return message % {"n": f"{bulk.MOST:,}"}

    def _ids(self) -> set[int]:
        """Return what was chosen: all that the view holds (one more than allowed at most), or the ticked."""
        if "seen" in self.request.POST:
            return chosen_ids(self.request.POST["seen"].split())
        if "all" in self.request.POST:
            rows, _order, _search = found_by(
                posted_view(self.request), self.request.hat, self.cycle
            )
            return set(rows.order_by("pk").values_list("pk", flat=True)[: bulk.MOST + 1])
        return chosen_ids(self.request.POST.getlist("pick"))

    def _rows(self, ids: set[int]):
        seen = applications_visible_to(self.request.hat).filter(cycle=self.cycle, pk__in=ids)
        return seen.order_by("pk")

    def _form(self, *, bound: bool = True):
        more: dict[str, Any] = {}
        if self.kind in ("flag", "unflag") and self.cycle:
            more["labels"] = flag_labels(self.cycle)
        if self.kind == "claim":
            more |= {"colleagues": colleagues(self.request.hat), "by": self.request.hat}
        return BULK_FORMS[self.kind](self.request.POST if bound else None, **more)

    def _context(self, ids: set[int], form) -> dict[str, Any]:
        view = posted_view(self.request)
        return {
            "cycle": self.cycle,
            "kind": self.kind,
            "title": TITLES[self.kind],
            "form": form,
            "seen": " ".join(map(str, sorted(ids))),
            "number": len(ids),
            "query": view.query(),
            "back_url": queue_url(view),
        }

    def _page(self, ids: set[int], form, status: int = 200):
        return self.render(status=status, **self._context(ids, form))

    def _preview(self, ids: set[int], form, *, refused: str = ""):
        self.template_name = "selection/queue/bulk_preview.html"
        values = form.values()
        found = bulk.effects(self._rows(ids), kind=self.kind, values=values, by=self.request.hat)
        done = [one for one in found if not one.problem]
        return self.render(
            status=409 if refused else 200,
            **self._context(ids, form),
            done=done,
            problems=[one for one in found if one.problem],
            unknown=len(ids) - len(found),
            effects=what_happens(self.kind, len(done), values),
            note=values.get("note", ""),
            refused=refused,
        )

    def _do(self, ids: set[int], form):
        try:
            act = bulk.do(
                self._rows(ids),
                cycle=self.cycle,
                kind=self.kind,
                values=form.values(),
                by=self.request.hat,
            )
        except DomainError as error:
            return self._preview(ids, form, refused=str(error))
        return HttpResponseRedirect(act_url(act, posted_view(self.request)))


class OfOneAct(HatView):
    """A page of one act: `view` in its address is the query string of the queue it came from."""

    @cached_property
    def view(self) -> Asked:
        """The view that the act was done in; else the whole queue of the act's cycle."""
        asked = read(QueryDict(self.request.GET.get("view", "")[:LONGEST_VIEW]))
        return replace(asked, cycle=asked.cycle or self.object.cycle.slug)

    def ways(self) -> dict[str, str]:
        """Return the addresses of the act, of undoing it, and of the queue."""
        return {
            "act_url": act_url(self.object, self.view),
            "undo_url": act_url(self.object, self.view, "undo_bulk"),
            "queue_url": queue_url(self.view),
            "view_query": view_query(self.view),
        }


class BulkActView(OfOneAct):
    """What one act did to each application that the reader may see, and whether it can be undone."""

    permission_required = "selection.work_queue"
    template_name = "selection/queue/bulk_act.html"

    def get_queryset(self):
        """Return every act: what a reader may not see of it is left out of its rows."""
        return bulk_acts_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the rows and the state."""
        act, now = self.object, timezone.now()
        self.request.cycle = act.cycle
        left = bulk.left_alone(act)
        ids = [one["application"] for one in (*act.effects, *left)]
        seen = set(
            applications_visible_to(self.request.hat)
            .filter(pk__in=ids)
            .values_list("pk", flat=True)
        )
        rows = [
            {**one, "now": after_words(act, one)}
            for one in act.effects
            if one["application"] in seen
        ]
        return super().get_context(
            cycle=act.cycle,
            act=act,
            title=act_words(act),
            state=state_words(act, now),
            rows=rows,
            problems=[one for one in rows if one.get("outcome")],
            gone=[one for one in bulk.gone(act) if one["application"] in seen],
            left=[one for one in left if one["application"] in seen],
            hidden=len(act.effects) - len(rows),
            can_undo=bulk.can_undo(act, now),
            waits=act.carried_out_at is None and act.undone_at is None,
            note=act.values.get("note", ""),
            **self.ways(),
            **extra,
        )


class UndoBulkView(OfOneAct, ActionView):
    """Undo an act on many applications while that is possible."""

    permission_required = "selection.work_queue"
    template_name = "selection/queue/bulk_undo.html"
    success_message = gettext_lazy("Undone.")

    def get_queryset(self):
        """Return every act."""
        return bulk_acts_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add what it was."""
        self.request.cycle = self.object.cycle
        return super().get_context(
            cycle=self.object.cycle,
            act=self.object,
            title=act_words(self.object),
            **self.ways(),
            **extra,
        )

    def perform(self, form):
        """Undo it, and say at how many applications."""
        number = bulk.undo(self.object, by=self.request.hat)
        text = ngettext(
            "%(n)d application is as it was.", "%(n)d applications are as they were.", number
        )
        messages.info(self.request, text % {"n": number})
        self.object.refresh_from_db()
        if stay := len(bulk.gone(self.object)):
            text = ngettext(
                "%(n)d went back to its plan before that.",
                "%(n)d went back to their plans before that.",
                stay,
            )
            messages.warning(self.request, text % {"n": stay})

    def get_success_url(self) -> str:
        """Return to the act."""
        return act_url(self.object, self.view)


def act_url(act: BulkAct, view: Asked, name: str = "bulk_act") -> str:
    """Return the address of the act's page, or of undoing it, that keeps the view."""
    return reverse(f"selection:{name}", args=[act.pk]) + view_query(view)
