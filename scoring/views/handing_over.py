"""Handing a plan's recommendations over to DHCS: look at everything first, then one act."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext

from core.exceptions import DomainError
from core.forms import PortalForm
from programs.choosing import choose_cycle, to_score
from scoring.domain import recommending
from scoring.queries.recommending import not_ready
from scoring.queries.settling import to_hand_over
from scoring.views.lead_page import LeadPage

PAGE_SIZE = 50


class HandOverForm(PortalForm):
    """The mark of what the lead saw."""

    mark = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)


class HandOverView(LeadPage):
    """Number, list and effects of what is ready; what is not ready and why; then the act."""

    permission_required = "scoring.recommend_plan"
    template_name = "scoring/hand_over.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add a page of what is ready, the counts of what is not, and the effects."""
        self.request.place = reverse("scoring:recommend_many")
        if self.cycle is None:
            return super().get_context(cycle=None, ready=0, refused=None, **extra)
        ready = to_hand_over(self.request.hat, self.cycle)
        counts = recommending.ready_counts(self.cycle, self.request.hat)
        page, rows = self._page(ready)
        return super().get_context(
            **{
                "cycle": self.cycle,
                "ready": counts.total,
                "recommended": counts.recommended,
                "rows": rows[:PAGE_SIZE],
                "next_page": page + 1 if len(rows) > PAGE_SIZE else None,
                "page": page,
                "form": HandOverForm(initial={"mark": counts.mark}),
                "effects": _effects(counts),
                "waiting": self._waiting(),
                "refused": None,
            }
            | extra
        )

    def post(self, request, *args, **kwargs):
        """Hand everything over that the lead saw; a second click says that it is done."""
        form = HandOverForm(request.POST)
        if self.cycle is None or not form.is_valid():
            return self.render(refused=form, status=422)
        try:
            number = recommending.hand_over(
                self.cycle, mark=form.cleaned_data["mark"], by=request.hat
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return self.render(refused=form, status=409)
        text = ngettext(
            "%(n)d application is handed over to DHCS.",
            "%(n)d applications are handed over to DHCS.",
            number,
        )
        if number:
            messages.success(request, text % {"n": number})
        else:
            messages.info(request, _t("Everything that was ready is handed over already."))
        return HttpResponseRedirect(reverse("scoring:recommend_many") + "?part=handed_over")

    def _page(self, ready) -> tuple[int, list]:
        text = self.request.GET.get("page", "")
        page = int(text) if text.isdecimal() and text.isascii() and 0 < len(text) < 5 else 1
        page = max(page, 1)
        start = (page - 1) * PAGE_SIZE
        return page, list(ready[start : start + PAGE_SIZE + 1])

    def _waiting(self) -> list[dict[str, Any]]:
        """Return what is not ready, why, and where it is mended."""
        counts = not_ready(self.request.hat, self.cycle)
        listed = reverse("scoring:applications")
        reasons = [
            (
                "void_sheet",
                _t("The score holds a void sheet: take it back"),
                f"{listed}?need=void_sheet",
            ),
            (
                "nothing_prepared",
                _t("Scored, and no recommendation is prepared"),
                reverse("scoring:recommend_many") + "?part=to_prepare",
            ),
            ("apart", _t("Two sheets differ too much"), reverse("scoring:disagreements")),
            (
                "in_review",
                _t("In review: the score is not confirmed"),
                f"{listed}?status=in_review",
            ),
            ("submitted", _t("Not in review yet"), f"{listed}?status=submitted"),
            ("returned", _t("With the practice for correction"), f"{listed}?status=returned"),
        ]
        return [
            {"reason": reason, "count": counts[key], "href": href}
            for key, reason, href in reasons
            if counts[key]
        ]


def _effects(counts: recommending.Ready) -> list[str]:
    text = ngettext(
        "%(n)d application goes to DHCS: %(yes)d recommended, %(no)d not recommended.",
        "%(n)d applications go to DHCS: %(yes)d recommended, %(no)d not recommended.",
        counts.total,
    )
    numbers = {
        "n": counts.total,
        "yes": counts.recommended,
        "no": counts.total - counts.recommended,
    }
    return [
        text % numbers,
        _t("DHCS reads the scores, your reasons and your notes."),
        _t("Scores and recommendations are locked for your plan. DHCS can send one back."),
        _t("Each practice sees that its application is with DHCS, not what you recommend."),
    ]
