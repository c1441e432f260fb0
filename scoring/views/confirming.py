"""Confirming many scores at once, with a preview, and taking them back before the hand over."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from applications.enums import Status
from applications.queries import applications_visible_to
from programs.choosing import choose_cycle, to_score
from scoring.basis import in_short
from scoring.domain import confirming
from scoring.domain.confirming import Outcome
from scoring.forms.recommending import as_seen, chosen_ids, seen_bases
from scoring.needs import Need
from scoring.queries.needs import moment, with_need
from scoring.views.lead_page import LeadPage

PAGE_SIZE = 50
READY, CONFIRMED = "ready", "confirmed"
LABELS = {READY: _("To confirm"), CONFIRMED: _("Confirmed, not handed over")}


class ConfirmManyView(LeadPage):
    """Scores that can be confirmed, and those that can be taken back: tick, look at the effects, save."""

    permission_required = "scoring.confirm_plan"
    template_name = "scoring/confirm_many.html"
    is_read = True

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    @cached_property
    def part(self) -> str:
        """Which part of the list the page is about, from the address or the posted page."""
        given = self.request.POST if self.request.method == "POST" else self.request.GET
        return CONFIRMED if given.get("part") == CONFIRMED else READY

    @cached_property
    def mine(self):
        """The plan's applications of the cycle that the lead may see."""
        found = applications_visible_to(self.request.hat).filter(
            cycle=self.cycle, designated_mcp=self.request.hat.organisation_id
        )
        return found.select_related("practice", "designated_mcp", "cycle", "planned").order_by("pk")

    def listed(self, part: str):
        """Return the applications of a part."""
        if self.cycle is None:
            return self.mine.none()
        if part == CONFIRMED:
            return self.mine.filter(status=Status.SCORED)
        return with_need(self.mine, Need.TO_CONFIRM, moment(self.cycle, timezone.now()))

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add a page of rows after the one named by `after` (id), and the chips."""
        self.request.place = reverse("scoring:applications")
        after = self.request.GET.get("after", "")
        matching = self.listed(self.part)
        if after.isdecimal() and after.isascii() and len(after) < 18:
            matching = matching.filter(pk__gt=int(after))
        found = list(matching[: PAGE_SIZE + 1])
        counts = {part: self.listed(part).count() for part in LABELS}
        more = found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else ""
        return super().get_context(
            cycle=self.cycle,
            undoing=self.part == CONFIRMED,
            part=self.part,
            counts=counts,
            chips=self._chips(counts),
            rows=[_shown(one) for one in self._effects(found[:PAGE_SIZE])],
            next_url=self._link(self.part, after=more) if more else "",
            rubric_total=self.cycle.definition.rubric.total if self.cycle else 0,
            **{"ticked": set(), "all_ticked": False, "refused": ""} | extra,
        )

    def post(self, request, *args, **kwargs):
        """Show what the act does to what was ticked; with `save`, do it."""
        ids = self._ids()
        if not ids:
            return self.render(refused=_t("Tick at least one application in the list."), status=422)
        if "save" in request.POST:
            return self._save(ids)
        return self._preview(ids)

    def _ids(self) -> set[int]:
        if "all" in self.request.POST:
            return set(self.listed(self.part).order_by().values_list("pk", flat=True))
        if "seen" in self.request.POST:
            return set(self._seen)
        return chosen_ids(self.request.POST.getlist("pick"))

    @cached_property
    def _seen(self) -> dict[int, str]:
        return seen_bases(self.request.POST.get("seen", ""))

    def _effects(self, rows) -> list[Outcome]:
        return confirming.undo_effects(rows) if self.part == CONFIRMED else confirming.effects(rows)

    def _preview(self, ids: set[int], *, again: bool = False):
        found = self._effects(self.mine.filter(pk__in=ids))
        done = [one for one in found if not one.problem]
        context = {
            "cycle": self.cycle,
            "undoing": self.part == CONFIRMED,
            "part": self.part,
            "done": [_shown(one) for one in done],
            "problems": [one for one in found if one.problem],
            "unknown": len(ids) - len(found),
            "seen": as_seen(done),
            "again": again,
            "back_url": self._link(self.part),
            "effects": _words_undoing(done) if self.part == CONFIRMED else _words(done),
            "rubric_total": self.cycle.definition.rubric.total if self.cycle else 0,
        }
        status = 409 if again else 200
        return render(self.request, "scoring/confirm_preview.html", context, status=status)

    def _save(self, ids: set[int]):
        act = confirming.take_back if self.part == CONFIRMED else confirming.confirm_many
        found = act(ids, seen=self._seen, by=self.request.hat)
        number = sum(1 for one in found if not one.problem)
        stale = {one.application.pk for one in found if one.stale}
        if number:
            messages.success(self.request, _done(self.part, number))
        if left := len(ids) - number - len(stale):
            text = ngettext(
                "%(n)d application was left alone: it has moved on.",
                "%(n)d applications were left alone: they have moved on.",
                left,
            )
            messages.warning(self.request, text % {"n": left})
        if stale:
            return self._preview(stale, again=True)
        return HttpResponseRedirect(self._link(self.part))

    def _link(self, part: str, **more: Any) -> str:
        asked = ({"part": part} if part != READY else {}) | more
        return reverse("scoring:confirm_many") + (f"?{urlencode(asked)}" if asked else "")

    def _chips(self, counts: dict[str, int]) -> list[dict[str, Any]]:
        return [
            {
                "label": str(label),
                "count": counts[part],
                "href": self._link(part),
                "active": part == self.part,
            }
            for part, label in LABELS.items()
        ]


def _shown(one: Outcome) -> dict[str, Any]:
    return {
        "application": one.application,
        "sheets": [(sheet.assignment.reviewer.user.full_name, sheet.total) for sheet in one.sheets],
        "score": one.official.score if one.official else None,
        "basis": in_short(one.official.basis) if one.official else "",
        "added": one.added,
        "adjusted": one.adjusted,
        "planned": one.planned,
    }


def _words(done: Sequence[Outcome]) -> list[str]:
    first = ngettext(
        "%(n)d application: its MCP score is confirmed.",
        "%(n)d applications: their MCP scores are confirmed.",
        len(done),
    )
    return [
        first % {"n": len(done)},
        _t("The sheets are locked. Nobody gets an email."),
        _t("Next you recommend each application or not. DHCS sees nothing until you hand over."),
        _t("You can take each score back until then."),
    ]


def _words_undoing(done: Sequence[Outcome]) -> list[str]:
    first = ngettext(
        "%(n)d application goes back to review. Its score sheets stay submitted.",
        "%(n)d applications go back to review. Their score sheets stay submitted.",
        len(done),
    )
    words = [first % {"n": len(done)}]
    if planned := sum(1 for one in done if one.planned):
        text = ngettext(
            "%(n)d prepared recommendation is taken back too.",
            "%(n)d prepared recommendations are taken back too.",
            planned,
        )
        words.append(text % {"n": planned})
    return [*words, _t("Nobody gets an email. You can confirm the scores again.")]


def _done(part: str, number: int) -> str:
    if part == CONFIRMED:
        text = ngettext("%(n)d score is taken back.", "%(n)d scores are taken back.", number)
    else:
        text = ngettext(
            "%(n)d score is confirmed. Now recommend the application or not.",
            "%(n)d scores are confirmed. Now recommend the applications or not.",
            number,
        )
    return text % {"n": number}
