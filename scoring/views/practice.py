"""The reviewer's side of the practice round: the samples, and a practice sheet."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from core.exceptions import DomainError
from core.times import clock
from core.versioned import Saved
from core.views import HatView
from programs.choosing import choose_cycle, to_score
from scoring import presenting_calibration as presenting
from scoring.calibrating import blocks_of
from scoring.domain import calibration
from scoring.forms.calibration import PracticeForm
from scoring.forms.sheets import POINTS, field_name
from scoring.queries.calibration import given_in, newest_round, own_sheets, practice_scores


class PracticeRoundView(HatView):
    """The samples of the plan's round, and how far the person is."""

    permission_required = "scoring.practise"
    template_name = "scoring/practice_round.html"

    @cached_property
    def cycle(self):
        """The cycle that the page is about."""
        return choose_cycle(self.request, to_score)

    @cached_property
    def practice(self):
        """The open round of the plan, else the last one, else None."""
        return newest_round(self.request.hat, self.cycle) if self.cycle else None

    @cached_property
    def own(self) -> dict[str, Any]:
        """The person's practice sheets by sample."""
        return own_sheets(self.practice, self.request.hat) if self.practice else {}

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the samples with the state of the own sheets."""
        samples = self.cycle.definition.samples if self.practice else ()
        rows = [
            {"sample": sample, "sheet": self.own.get(sample.key)}
            for sample in samples
            if sample.key in self.practice.samples
        ]
        done = sum(
            row["sheet"] is not None and row["sheet"].submitted_at is not None for row in rows
        )
        return super().get_context(
            **{
                "cycle": self.cycle,
                "practice": self.practice,
                "rows": rows,
                "done": done,
                "is_open": self.practice is not None and self.practice.closed_at is None,
                **extra,
            }
        )


class PracticeSheetView(PracticeRoundView):
    """One sample beside the rubric; after it is submitted, own points beside the group's."""

    template_name = "scoring/practice_sheet.html"

    @cached_property
    def cycle(self):
        """The cycle chosen before: a sample is of one, so this page offers no other."""
        cycle = choose_cycle(self.request, to_score)
        self.request.cycles = []
        return cycle

    @cached_property
    def sample(self):
        """The sample in the address. Raises Http404 when the round does not have it."""
        key = self.kwargs["slug"]
        if self.practice is None or key not in self.practice.samples:
            raise Http404
        try:
            return self.cycle.definition.sample(key)
        except KeyError as error:
            raise Http404 from error

    def get_object(self):
        """Return the sample, so that an unknown one is 404 whatever is asked of it."""
        return self.sample

    @property
    def sheet(self):
        """The person's sheet on the sample, None before the first save."""
        return self.own.get(self.sample.key)

    def form(self, data=None, only=None) -> PracticeForm:
        """Return the sheet as a form."""
        scores = {} if only is not None else practice_scores(self.sheet)
        return PracticeForm(self.cycle.definition.rubric, scores, data, only)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the sample to read, the criteria with their fields, and after submit the comparison."""
        sample, sheet = self.sample, self.sheet
        submitted = sheet is not None and sheet.submitted_at is not None
        form = extra.pop("form", None) or self.form()
        given = given_in(self.practice) if submitted else []
        given_points = [row.points for row in form.scores.values() if row.points is not None]
        context = {
            "sample": sample,
            "sheet": sheet,
            "submitted": submitted,
            "blocks": blocks_of(sample, self.cycle.definition, _("About the practice")),
            "form": form,
            "versions": form.versions(extra.pop("known", None)),
            "sections": _sections(self.cycle.definition.rubric, form),
            "rubric_total": self.cycle.definition.rubric.total,
            "total": sum(given_points),
            "missing": len(form.codes) - len(given_points),
            "compared": self._compared(given, sheet) if submitted else None,
        }
        return super().get_context(**context | extra)

    def _compared(self, given, sheet) -> dict[str, Any] | None:
        """Return this sample's rows with the own points apart from the group's."""
        found = presenting.samples_of(self.practice, given, own=sheet.reviewer_id)
        return next((one for one in found if one["sample"].key == self.sample.key), None)

    def post(self, request, *args, **kwargs):
        """Store what was given; `submit` locks the sheet afterwards."""
        if request.headers.get("X-Autosave"):
            return self.autosave()
        form = self.form(request.POST)
        try:
            if not form.is_valid():
                return self.render(form=form, status=422)
            saved = self.save(form)
            if saved.conflicts:
                return self.refuse(form, saved)
            if "submit" in request.POST:
                calibration.submit(self.practice, self.sample.key, by=request.hat)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.again(form)
        if "submit" in request.POST:
            messages.success(request, _("Your practice sheet is submitted. Compare it below."))
        else:
            time = clock(timezone.now())
            messages.success(request, _("Saved at %(time)s.") % {"time": time})
        return HttpResponseRedirect(reverse("scoring:practice_sheet", args=[self.sample.key]))

    def save(self, form: PracticeForm) -> Saved:
        """Store the form's readable points."""
        return calibration.save(
            self.practice,
            self.sample.key,
            points=form.points(),
            bases=form.bases(),
            by=self.request.hat,
        )

    def again(self, form: PracticeForm) -> HttpResponse:
        """Show the page with what was typed, on what is stored now."""
        self.__dict__.pop("own", None)
        form.scores = practice_scores(self.sheet)
        return self.render(form=form, status=409)

    def refuse(self, form: PracticeForm, saved: Saved) -> HttpResponse:
        """Show the other versions beside what was typed; a second save keeps what is typed."""
        for code, conflict in saved.conflicts.items():
            name = field_name(POINTS, code)
            sentence = _(
                "In another window you gave %(points)s. Save again to keep what you see here."
            )
            form.add_error(name, sentence % {"points": conflict.theirs})
        return self.again(form)

    def autosave(self) -> JsonResponse:
        """Save the one named field; say its version, the errors, or the other version."""
        name = self.request.POST.get("autosave", "")
        sample, form = self.sample, self.form(self.request.POST, only={name})
        if not form.fields:
            message = _("This page has changed. Reload it to go on.")
            return JsonResponse({"message": message, "errors": {}}, status=422)
        if not form.is_valid():
            return JsonResponse({"errors": dict(form.errors)}, status=422)
        try:
            saved = self.save(form)
        except DomainError as error:
            refusal = {"message": str(error), "errors": {name: [str(error)]}}
            return JsonResponse(refusal, status=422)
        if saved.conflicts:
            rows = {
                field_name(POINTS, code): {
                    "theirs": c.theirs, "version": c.version, "by": c.by, "at": c.at,
                }
                for code, c in saved.conflicts.items()
            }  # fmt: skip
            return JsonResponse({"conflicts": rows}, status=409)
        self.__dict__.pop("own", None)
        stored = practice_scores(self.own.get(sample.key))
        return JsonResponse(
            {
                "saved_at": clock(timezone.now()),
                "versions": _version(name, saved),
                "errors": {},
                "total": sum(row.points or 0 for row in stored.values()),
            }
        )


def _version(name: str, saved: Saved) -> dict[str, int]:
    versions = list(saved.versions.values())
    return {name: versions[0]} if versions else {}


def _sections(rubric, form: PracticeForm) -> list[tuple[Any, list[tuple]]]:
    return [
        (section, [(c, form[field_name(POINTS, c.code)]) for c in section.criteria])
        for section in rubric.sections
    ]
