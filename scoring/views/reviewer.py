"""The reviewer's page: the sheet beside the application, and saving it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.models import Application
from applications.rules import has_declared
from core.exceptions import DomainError
from core.times import clock
from core.views import HatView
from scoring.domain import calibration, conflicts, reading, sheets
from scoring.forms.sheets import COMMENT, NOTE, POINTS, SheetForm, field_name
from scoring.models import ScoreSheet
from scoring.queries import FOR_WRITE, WRITTEN, sheet_for_page, sheets_visible_to
from scoring.queries.pages import own_sheets
from scoring.queries.sheets import FOR_SUBMIT, own_for_page, own_of
from scoring.views.sheet_page import SheetPage

KINDS = (POINTS, COMMENT, NOTE)


class SheetView(SheetPage):
    """Application and rubric side by side: read-only for the lead, to be filled in by the reviewer."""

    permission_required = "scoring.view_sheet"

    def get_object(self) -> ScoreSheet:
        """Return the own sheet with whether a practice round comes first, else what the hat may see."""
        return own_for_page(self.request.hat, self.kwargs["pk"]) or super().get_object()

    def get(self, request, *args, **kwargs):
        """Show the page; while a required practice round is not finished, its own list."""
        if self._must_practise():
            messages.warning(request, calibration.must_sentence())
            return HttpResponseRedirect(reverse("scoring:practice_round"))
        return super().get(request, *args, **kwargs)

    def _must_practise(self) -> bool:
        """Tell whether the own sheet waits for a practice round (1 query where one is required)."""
        sheet = self.object
        if not self.is_own or sheet.is_submitted or not sheet.practice_required:
            return False
        cycle = sheet.assignment.application.cycle
        return calibration.must_calibrate(self.request.hat, cycle) is not None


class ReadView(HatView):
    """The reviewer has read what changed in the application."""

    permission_required = "scoring.score"

    def get_queryset(self):
        """Return what the hat may see."""
        return sheets_visible_to(self.request.hat)

    def get(self, request, *args, **kwargs):
        """Show the sheet: reading is noted by the button."""
        return HttpResponseRedirect(reverse("scoring:sheet", args=[self.object.pk]))

    def post(self, request, *args, **kwargs):
        """Take the marks away."""
        reading.mark_read(self.object.assignment)
        messages.success(request, _("The changes are marked as read."))
        return HttpResponseRedirect(reverse("scoring:sheet", args=[self.object.pk]))


class SaveSheetView(SheetPage):
    """Save or submit the sheet; an autosave answers in JSON."""

    permission_required = "scoring.score"

    def dispatch(self, request, *args, **kwargs):
        """Tell who typed on a review that has ended meanwhile why, and give the text back."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except Http404:
            posted = request.hat is not None and request.method == "POST"
            sentence = conflicts.why_closed(kwargs["pk"], by=request.hat) if posted else ""
            if not sentence:
                raise
            return self.closed(sentence)

    def get_object(self) -> ScoreSheet:
        """Return the own sheet with what a save needs (to submit: what the email says), else any."""
        if self.request.method != "POST":
            return super().get_object()
        rows = own_sheets(self.request.hat)
        if "submit" in self.request.POST:
            rows = rows.select_related(*FOR_SUBMIT)
        else:
            rows = rows.select_related(*FOR_WRITE).only(*WRITTEN)
        return own_of(self.request.hat, self.kwargs["pk"], rows) or super().get_object()

    def render(self, status: int = 200, **extra: Any) -> HttpResponse:
        """Return the page, with the sheet as it is stored now."""
        self.object = sheet_for_page(self.object.pk)
        if self.object.assignment.ended_at is not None:
            return self.closed(conflicts.refusal(self.object.assignment.ended_kind))
        return super().render(status=status, **extra)

    def closed(self, sentence: str) -> HttpResponse:
        """Refuse with the sentence; a page shows again what was typed, and nothing else."""
        if self.request.headers.get("X-Autosave"):
            name = self.request.POST.get("autosave", "")
            refusal = {"message": sentence, "errors": {name: [sentence]}}
            return JsonResponse(refusal, status=422)
        typed = [
            (name, text)
            for name, text in self.request.POST.items()
            if name.startswith(KINDS) and text.strip()
        ]
        context = {"sentence": sentence, "typed": typed}
        return render(self.request, "scoring/closed.html", context, status=409)

    def post(self, request, *args, **kwargs):
        """Store what was given; `submit` locks the sheet afterwards."""
        if not self.object.started_at and not has_declared(request.hat, self.application):
            message = _("Say first whether you have a conflict of interest. Nothing was stored.")
            return self.closed(message)
        if request.headers.get("X-Autosave"):
            return self.autosave()
        form = SheetForm(self.rubric, {}, {}, request.POST, notes={})
        form.is_valid()
        try:
            whole = "submit" in request.POST and not form.errors
            saved = self.hand_in(form) if whole else self.save(form)
            if saved.has_conflicts or form.errors:
                return self.refuse(saved)
            if saved.refusal:
                raise saved.refusal
        except DomainError as error:
            form = self.form(request.POST)
            form.is_valid()
            form.add_error(None, str(error))
            return self.render(form=form, status=409)
        return self.leave()

    @property
    def application(self) -> Application:
        """The application that the sheet judges."""
        return self.object.assignment.application

    def save(self, form: SheetForm) -> sheets.SavedSheet:
        """Store the form's readable values."""
        return sheets.save(self.object, **_given(form), by=self.request.hat)

    def hand_in(self, form: SheetForm) -> sheets.SavedSheet:
        """Store the form's values and submit the sheet."""
        return sheets.hand_in(self.object, sheets.Given(**_given(form)), by=self.request.hat)

    def leave(self) -> HttpResponse:
        """Say what happened and go where the work is."""
        if "submit" in self.request.POST:
            messages.success(self.request, _("Your scores are submitted. Thank you."))
            return HttpResponseRedirect(reverse("scoring:mine"))
        time = clock(timezone.now())
        messages.success(self.request, _("Saved at %(time)s.") % {"time": time})
        return HttpResponseRedirect(reverse("scoring:sheet", args=[self.object.pk]))

    def refuse(self, saved: sheets.SavedSheet) -> HttpResponse:
        """Show the page again with what was typed and the other versions."""
        form = self.form(self.request.POST)
        form.is_valid()
        found = _conflicts(saved)
        known = _versions(saved) | {name: one.version for name, one in found.items()}
        labels = [(form.fields[name].label, conflict) for name, conflict in found.items()]
        return self.render(form=form, conflicts=labels, known=known, status=409 if found else 422)

    def autosave(self) -> JsonResponse:
        """Save the one named field; say its version, the errors, or the other version."""
        name = self.request.POST.get("autosave", "")
        form = self.form(self.request.POST, only={name})
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
        if saved.has_conflicts:
            rows = {
                key: {"theirs": c.theirs, "version": c.version, "by": c.by, "at": c.at}
                for key, c in _conflicts(saved).items()
            }
            return JsonResponse({"conflicts": rows}, status=409)
        return JsonResponse(
            {
                "saved_at": clock(timezone.now()),
                "versions": _versions(saved),
                "errors": {},
                "total": saved.sheet.total,
            }
        )


def _given(form: SheetForm) -> dict[str, Any]:
    return {
        "points": form.values(POINTS),
        "comments": form.values(COMMENT),
        "notes": form.values(NOTE),
        "point_bases": form.bases(POINTS),
        "comment_bases": form.bases(COMMENT),
        "note_bases": form.bases(NOTE),
    }


def _parts(saved: sheets.SavedSheet):
    return zip(KINDS, (saved.points, saved.comments, saved.notes), strict=True)


def _versions(saved: sheets.SavedSheet) -> dict[str, int]:
    return {
        field_name(prefix, code): version
        for prefix, part in _parts(saved)
        for code, version in part.versions.items()
    }


def _conflicts(saved: sheets.SavedSheet) -> dict[str, Any]:
    return {
        field_name(prefix, code): conflict
        for prefix, part in _parts(saved)
        for code, conflict in part.conflicts.items()
    }
