"""The lead's page of the practice round: open it, see how far everybody is, compare, close it."""

from typing import Any

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from core.views import ActionView
from programs.choosing import choose_cycle, to_score
from scoring import presenting_calibration as presenting
from scoring import presenting_fairness
from scoring.calibrating import agreement
from scoring.domain import calibration
from scoring.fairness import Refused
from scoring.forms.calibration import RoundForm
from scoring.queries.calibration import given_in, people_of, rounds_visible_to, sheets_in

EARLIER = 10


class CalibrationView(ActionView):
    """The plan's round in the chosen cycle, and the form that opens one."""

    permission_required = "scoring.manage_calibration"
    template_name = "scoring/calibration.html"
    success_message = _("The practice round is open. Your reviewers are told by email.")

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    @cached_property
    def rounds(self) -> list:
        """The plan's last rounds in the cycle, the newest first."""
        mine = rounds_visible_to(self.request.hat)
        return list(mine.filter(cycle=self.cycle)[:EARLIER]) if self.cycle else []

    def shown(self):
        """Return the round that the address names, else the newest one, else None."""
        asked = self.request.GET.get("round", "")
        return next(
            (one for one in self.rounds if str(one.pk) == asked), next(iter(self.rounds), None)
        )

    def get_form(self, data=None, files=None):
        """Return the form over the program's samples; None where there are none."""
        if self.cycle is None or not self.cycle.definition.samples:
            return None
        return RoundForm(self.cycle.definition, data)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the shown round with its results, and the form when none is open."""
        self.request.place = reverse("scoring:overview")
        practice = self.shown()
        is_open = any(one.closed_at is None for one in self.rounds)
        return super().get_context(
            **{
                "cycle": self.cycle,
                "practice": practice,
                "rounds": self.rounds,
                "is_open": is_open,
                "has_samples": bool(self.cycle and self.cycle.definition.samples),
                **(_results(practice) if practice else {}),
                **extra,
            }
        )

    def post(self, request, *args, **kwargs):
        """Open a round; without samples there is nothing to open."""
        if self.get_form() is None:
            return self.render(form=None, status=409)
        return super().post(request, *args, **kwargs)

    def perform(self, form):
        """Open it."""
        chosen = form.cleaned_data
        return calibration.open_round(
            self.request.hat.organisation,
            cycle=self.cycle,
            samples=chosen["samples"],
            required=chosen["required"],
            by=self.request.hat,
        )

    def get_success_url(self) -> str:
        """Return the same page."""
        return reverse("scoring:calibration")


class CloseCalibrationView(ActionView):
    """Close a round of the own plan."""

    permission_required = "scoring.manage_calibration"
    http_method_names = ["post"]
    success_message = _("The practice round is closed. Its results stay here.")

    def get_queryset(self):
        """Return the plan's rounds."""
        return rounds_visible_to(self.request.hat)

    def perform(self, form):
        """Close it."""
        return calibration.close_round(self.object)

    def get_success_url(self) -> str:
        """Return the page of the round."""
        return reverse("scoring:calibration")


def _results(practice) -> dict[str, Any]:
    """Return progress and comparison of a round (3 queries)."""
    given, people = given_in(practice), people_of(practice.plan)
    found = agreement(given)
    progress = presenting.progress(practice, people, sheets_in(practice), given)
    refused = isinstance(found, Refused)
    return {
        "progress": progress,
        "finished": sum(row["done"] == row["all"] for row in progress),
        "results": presenting.samples_of(practice, given),
        "agreement": "" if refused else presenting_fairness.two(found.value),
        "reading": None if refused else presenting_fairness.reading(found),
        "close_effects": [
            _t("Nobody can change or submit a practice sheet any more."),
            _t("Reviewers can score real applications, whether they finished or not."),
            _t("The results stay on this page."),
        ],
    }
