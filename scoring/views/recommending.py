"""Recommending: one application or many, changing and undoing; and DHCS sending one back."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.domain.transitions import can_take
from applications.models import Application
from applications.queries import applications_visible_to
from core.views import ActionView
from programs.choosing import choose_cycle, to_score
from scoring.basis import in_short
from scoring.domain import recommending
from scoring.forms.recommending import (
    RecommendForm,
    ScoreRangeForm,
    SendBackForm,
    WordsForm,
    as_seen,
    chosen_ids,
    seen_bases,
)
from scoring.queries import recommending as reads
from scoring.queries.settling import with_spread
from scoring.views.lead import LeadAct
from scoring.views.lead_page import LeadPage

PAGE_SIZE = 50
LABELS = {
    reads.TO_PREPARE: _("To prepare"),
    reads.PREPARED: _("Prepared"),
    reads.VOID_SHEET: _("Score holds a void sheet"),
    reads.SENT_BACK: _("Sent back by DHCS"),
    reads.HANDED_OVER: _("Handed over"),
}
KEPT = ("part", "lowest", "highest", "order")


class RecommendView(LeadAct):
    """Prepare the recommendation of one application, or change it, from its page."""

    permission_required = "scoring.recommend"
    form_class = RecommendForm
    form_name = "recommend_form"
    success_message = _("Your recommendation is prepared. DHCS sees it once you hand it over.")

    def perform(self, form):
        """Prepare. Raises WrongState when nothing can be recommended now."""
        seen = form.cleaned_data["base"]
        return recommending.prepare_one(
            self.object, words=form.words(), seen=seen, by=self.request.hat
        )

    def render(self, status: int = 200, **extra: Any):
        """After a refusal the page shows what is prepared now, so the form is about that."""
        if status == 409:
            extra["form"].start_from(getattr(self.object, "planned", None))
        return super().render(status=status, **extra)


class UndoView(LeadAct):
    """Take a prepared recommendation back."""

    permission_required = "scoring.recommend"
    success_message = _("The prepared recommendation is taken back.")

    def perform(self, form):
        """Undo."""
        return recommending.undo(self.object, by=self.request.hat)


class RecommendManyView(LeadPage):
    """Every scored application of the plan; tick some, say the words, look at the effects, save."""

    permission_required = "scoring.recommend_plan"
    template_name = "scoring/recommend_many.html"
    is_read = True

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    @cached_property
    def asked(self) -> dict[str, str]:
        """What narrows and orders the list, from the address or from the posted page."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return {name: given.get(name, "") for name in KEPT if given.get(name)}

    @cached_property
    def range_form(self) -> ScoreRangeForm:
        """The filter by score, checked."""
        form = ScoreRangeForm(self.asked)
        form.is_valid()
        return form

    @property
    def part(self) -> str:
        """Which part of the list is shown; all of it is ""."""
        part = self.asked.get("part", "")
        return part if part in reads.PARTS else ""

    @property
    def lowest_first(self) -> bool:
        """Whether the list begins with the lowest score."""
        return self.asked.get("order") == "lowest"

    def matching(self, everything):
        """Return the applications that the filters leave."""
        given = getattr(self.range_form, "cleaned_data", {})
        if self.part:
            everything = everything.filter(reads.PARTS[self.part])
        if given.get("lowest") is not None:
            everything = everything.filter(mcp_score__gte=given["lowest"])
        if given.get("highest") is not None:
            everything = everything.filter(mcp_score__lte=given["highest"])
        return everything

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add a page of rows, the chips with their counts, the filter, and the form of the words."""
        everything = reads.recommendable(self.request.hat, self.cycle)
        matching = self.matching(everything)
        counts = reads.counts_by_part(everything)
        filtered = any(name in self.asked for name in ("lowest", "highest"))
        found = self._page(matching)
        rows = found[:PAGE_SIZE]
        over = reads.handed_over_at(row.pk for row in rows if row.status != "scored")
        return super().get_context(
            cycle=self.cycle,
            rows=[_shown(row, over) for row in rows],
            next_url=self._next(found),
            chips=self._chips(counts),
            counts=counts,
            filtered=filtered,
            count=matching.count() if filtered else None,
            asked=self.asked,
            lowest_first=self.lowest_first,
            order_url=self._link(order="" if self.lowest_first else "lowest"),
            range_form=self.range_form,
            rubric_total=self.cycle.definition.rubric.total if self.cycle else 0,
            **{"form": WordsForm(), "ticked": set(), "all_ticked": False} | extra,
        )

    def post(self, request, *args, **kwargs):
        """Show the effects of the words on what was ticked; with `save`, prepare them."""
        form = WordsForm(request.POST)
        everything = reads.recommendable(request.hat, self.cycle)
        ids = self._ids(everything)
        form.is_valid()
        if not ids:
            form.add_error(None, _t("Tick at least one application in the list."))
        if form.errors:
            everyone = "all" in request.POST
            return self.render(form=form, ticked=ids, all_ticked=everyone, status=422)
        if "save" in request.POST:
            return self._save(everything, ids, form)
        if "change" in request.POST:
            return self.render(form=WordsForm(initial=_initial(form)), ticked=ids)
        return self._preview(everything, ids, form)

    def _ids(self, everything) -> set[int]:
        if "all" in self.request.POST:
            part = self.matching(everything).filter(status="scored")
            return set(part.order_by().values_list("pk", flat=True))
        if "seen" in self.request.POST:
            return set(self._seen)
        return chosen_ids(self.request.POST.getlist("pick"))

    @cached_property
    def _seen(self) -> dict[int, str]:
        return seen_bases(self.request.POST.get("seen", ""))

    def _preview(self, everything, ids: set[int], form: WordsForm, *, again: bool = False):
        rows = reads.by_mcp_score(everything.filter(pk__in=ids))
        found = recommending.effects(rows, form.words())
        done = [one for one in found if not one.problem]
        context = {
            "cycle": self.cycle,
            "form": form,
            "words": form.words(),
            "done": done,
            "changing": sum(1 for one in done if one.before and not one.same),
            "same": sum(1 for one in done if one.same),
            "problems": [one for one in found if one.problem],
            "unknown": len(ids) - len(found),
            "asked": self.asked,
            "seen": as_seen(done),
            "again": again,
            "back_url": self._link(),
            "effects": _effects(done, form.words().recommended),
        }
        status = 409 if again else 200
        return render(self.request, "scoring/recommend_preview.html", context, status=status)

    def _save(self, everything, ids: set[int], form: WordsForm):
        found = recommending.prepare(ids, words=form.words(), seen=self._seen, by=self.request.hat)
        number = sum(1 for one in found if not one.problem)
        stale = {one.application.pk for one in found if one.stale}
        left = len(ids) - number - len(stale)
        text = ngettext(
            "%(n)d recommendation is prepared. Hand it over when you are ready.",
            "%(n)d recommendations are prepared. Hand them over when you are ready.",
            number,
        )
        if number:
            messages.success(self.request, text % {"n": number})
        if left:
            text = ngettext(
                "%(n)d application was left alone: it can't be recommended now.",
                "%(n)d applications were left alone: they can't be recommended now.",
                left,
            )
            messages.warning(self.request, text % {"n": left})
        if stale:
            return self._preview(everything, stale, form, again=True)
        return HttpResponseRedirect(self._link())

    def _page(self, matching) -> list[Application]:
        score, _dash, pk = self.request.GET.get("after", "").partition("-")
        if _number(score) and _number(pk) and len(score) < 4:
            matching = reads.after_mcp_score(
                matching, int(score), int(pk), lowest_first=self.lowest_first
            )
        ordered = reads.by_mcp_score(matching, lowest_first=self.lowest_first)
        return list(with_spread(ordered)[: PAGE_SIZE + 1])

    def _next(self, found: list[Application]) -> str:
        if len(found) <= PAGE_SIZE:
            return ""
        last = found[PAGE_SIZE - 1]
        return self._link(after=f"{last.mcp_score}-{last.pk}")

    def _link(self, **changes: str) -> str:
        query = urlencode({k: v for k, v in (self.asked | changes).items() if v})
        return reverse("scoring:recommend_many") + (f"?{query}" if query else "")

    def _chips(self, counts) -> list[dict[str, Any]]:
        apart = (reads.TO_PREPARE, reads.PREPARED, reads.VOID_SHEET, reads.HANDED_OVER)
        total = sum(counts[part] for part in apart)
        parts = [("", _t("All"), total)]
        parts += [(part, str(label), counts[part]) for part, label in LABELS.items()]
        return [
            {
                "label": label,
                "count": number,
                "href": self._link(part=part),
                "active": part == self.part,
            }
            for part, label, number in parts
            if number or part in ("", self.part) or part != reads.VOID_SHEET
        ]


class SendBackView(ActionView):
    """DHCS gives a handed-over application back to its plan, with a note."""

    permission_required = "scoring.send_back"
    template_name = "scoring/send_back.html"
    form_class = SendBackForm
    success_message = _("The leads of the plan have been told by email.")

    def get_queryset(self):
        """Return what the hat may see."""
        return applications_visible_to(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add whether it can go back now, and what the act does."""
        self.request.cycle = self.object.cycle
        return super().get_context(
            cycle=self.object.cycle,
            possible=can_take(self.object, "send_back", self.request.hat),
            back_url=self.get_success_url(),
            send_back_effects=[
                _t("Every lead of the plan gets an email with your note."),
                _t("The plan can change its recommendation, or reopen a score sheet."),
                _t("Decisions wait until the plan hands it over again."),
                _t(
                    "The practice gets no email. Its status page says “In review by your plan” again "
                    "until the plan hands it over."
                ),
            ],
            **extra,
        )

    def perform(self, form):
        """Send it back."""
        note = form.cleaned_data["note"]
        return recommending.send_back(self.object, note=note, by=self.request.hat)

    def get_success_url(self) -> str:
        """Return the application's page in the queue."""
        return reverse("selection:application", args=[self.object.pk])


def _shown(row, over: dict[int, Any]) -> dict[str, Any]:
    return {
        "application": row,
        "planned": getattr(row, "planned", None) if row.status == "scored" else None,
        "sent_back": row.status == "scored" and row.recommended is not None,
        "basis": in_short(row.score_basis),
        "handed_over_at": over.get(row.pk),
        "can_pick": row.status == "scored" and not row.holds_void,
        "holds_void": row.status == "scored" and row.holds_void,
    }


def _effects(done: list[recommending.Effect], recommended: bool) -> list[str]:
    number = len(done)
    if recommended:
        first = ngettext(
            "%(n)d application: you recommend it.",
            "%(n)d applications: you recommend them.",
            number,
        )
    else:
        first = ngettext(
            "%(n)d application: you do not recommend it.",
            "%(n)d applications: you do not recommend them.",
            number,
        )
    return [
        first % {"n": number},
        _t("DHCS and the practices see nothing until you hand over."),
        _t("You can change or undo each one until then."),
    ]


def _initial(form: WordsForm) -> dict[str, Any]:
    words = form.words()
    recommended = "yes" if words.recommended else "no"
    return {"recommended": recommended, "reason": words.reason, "note": words.note}


def _number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 18
