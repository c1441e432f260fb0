"""The reviewer's lists: to score, done; the next one; giving one back."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.text import Truncator
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.views import ActionView, HatView
from programs.choosing import choose_cycle, to_score
from scoring.domain.calibration import to_practise
from scoring.domain.conflicts import needs_declaration, undeclared
from scoring.domain.declining import decline
from scoring.enums import Purpose
from scoring.forms.declaring import DeclineForm
from scoring.models import ScoreSheet
from scoring.queries.reviews import (
    STARTABLE,
    Turn,
    done_after,
    done_by,
    loads_of,
    next_for,
    reviews_of,
    to_do,
    to_do_after,
    with_reopening,
)

PAGE_SIZE = 50
WORDS = 12  # of the reason for reopening; the sheet shows all of it
TONES = {
    Turn.CORRECTED: "warning",
    Turn.STARTED: "info",
    Turn.NEW: "neutral",
    Turn.WAITING: "neutral",
    Turn.RETURNED: "neutral",
    Turn.CLOSED: "neutral",
}


class OwnList(HatView):
    """A list of the reviewer's own reviews in the chosen cycle."""

    permission_required = "scoring.view_reviews"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the cycle, and the load in it and in others."""
        loads = loads_of(self.request.hat)
        here = next((load for load in loads if self.cycle and load.cycle == self.cycle.pk), None)
        return super().get_context(
            cycle=self.cycle,
            loads=loads if len(loads) > 1 else [],
            waiting=here.waiting if here else 0,
            done=here.done if here else 0,
            criteria=len(self.cycle.definition.criteria()) if self.cycle else 0,
            rubric_total=self.cycle.definition.rubric.total if self.cycle else 0,
            **extra,
        )


class MyReviewsView(OwnList):
    """What waits for me, in the order in which I can do it."""

    template_name = "scoring/mine.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the rows after the one named by `after` (turn-id), and which are to be declared."""
        found = list(self._rows()[: PAGE_SIZE + 1]) if self.cycle else []
        shown = found[:PAGE_SIZE]
        asking = undeclared(sheet.assignment for sheet in shown)
        last = shown[-1] if len(found) > PAGE_SIZE else None
        return super().get_context(
            rows=[_row(sheet, asking) for sheet in shown],
            asking=len(asking),
            practice=to_practise(self.request.hat, self.cycle) if self.cycle else None,
            can_start=bool(shown) and shown[0].turn in STARTABLE,  # type: ignore[attr-defined]
            more=f"{last.turn}-{last.pk}" if last else "",  # type: ignore[attr-defined]
            paged=bool(self.request.GET.get("after")),
            **extra,
        )

    def _rows(self):
        rows = with_reopening(to_do(self.request.hat, self.cycle))
        turn, _dash, pk = self.request.GET.get("after", "").partition("-")
        if _is_number(turn) and _is_number(pk):
            return to_do_after(rows, int(turn), int(pk))
        return rows


class DoneView(OwnList):
    """What I submitted, the last first."""

    template_name = "scoring/done.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the rows after the one named by `after` (id)."""
        found = list(self._rows()[: PAGE_SIZE + 1]) if self.cycle else []
        shown = found[:PAGE_SIZE]
        more = shown[-1].pk if len(found) > PAGE_SIZE else ""
        paged = bool(self.request.GET.get("after"))
        return super().get_context(rows=shown, more=more, paged=paged, **extra)

    def _rows(self):
        rows = done_by(self.request.hat, self.cycle)
        after = self.request.GET.get("after", "")
        return done_after(rows, int(after)) if _is_number(after) else rows


class NextView(HatView):
    """Open the review that comes first; `skip` names one that is not asked for."""

    permission_required = "scoring.view_reviews"

    def get(self, request, *args, **kwargs):
        """The act has no page of its own."""
        return HttpResponseRedirect(reverse("scoring:mine"))

    def post(self, request, *args, **kwargs):
        """Go to it: to the questions about conflicts of interest when they are not answered."""
        skip = request.POST.get("skip", "")
        skipped = int(skip) if _is_number(skip) else None
        sheet = next_for(request.hat, choose_cycle(request, to_score), skipped)
        if sheet is None or sheet.pk == skipped:
            messages.info(request, _t("Nothing else waits for you to score."))
            return HttpResponseRedirect(reverse("scoring:mine"))
        name = "scoring:declare" if needs_declaration(sheet.assignment) else "scoring:sheet"
        return HttpResponseRedirect(reverse(name, args=[sheet.pk]))


class DeclineView(ActionView):
    """Give a review back to the lead, with a reason."""

    permission_required = "scoring.decline"
    template_name = "scoring/decline.html"
    form_class = DeclineForm
    success_message = _("You declined the review. Your lead has been told by email.")

    def get_queryset(self):
        """Return the reviewer's own standing reviews."""
        return reviews_of(self.request.hat)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the application by name only, and what the act does."""
        application = self.object.assignment.application
        self.request.cycle = application.cycle
        return super().get_context(
            application=application,
            cycle=application.cycle,
            decline_effects=[
                _t("The application leaves your lists."),
                _t("Your leads get an email with your reason."),
                _t("Points you gave so far count for nothing."),
            ],
            **extra,
        )

    def perform(self, form):
        """Decline."""
        reason = form.cleaned_data["reason"]
        return decline(self.object.assignment, reason=reason, by=self.request.hat)

    def get_success_url(self) -> str:
        """Return the list."""
        return reverse("scoring:mine")


def _row(sheet: ScoreSheet, asking: set[int]) -> dict[str, Any]:
    turn = Turn(sheet.turn)  # type: ignore[attr-defined]
    return {
        "sheet": sheet,
        "application": sheet.assignment.application,
        "state": turn.label,
        "tone": TONES[turn],
        "undeclared": sheet.assignment_id in asking,
        "reopened": Truncator(sheet.reopened_for or "").words(WORDS),  # type: ignore[attr-defined]
        "third": sheet.assignment.purpose == Purpose.THIRD_READER,
    }


def _is_number(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 18
