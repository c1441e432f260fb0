"""The reviewer's pages: my reviews, and the sheet beside the application."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.enums import Role
from applications.enums import Status
from applications.resubmission import reading_of
from core.exceptions import DomainError
from core.times import clock
from core.views import HatView
from programs.choosing import choose_cycle, to_score
from scoring.domain import sheets
from scoring.forms.sheets import COMMENT, POINTS, SheetForm, field_name
from scoring.queries import (
    FOR_WRITE,
    WRITTEN,
    comments_of,
    my_sheets,
    scores_of,
    sheet_for_page,
    sheets_visible_to,
)


class MyReviewsView(HatView):
    """What is assigned to me: open ones first."""

    permission_required = "scoring.view_reviews"
    template_name = "scoring/mine.html"

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the sheets of the current cycle."""
        cycle = choose_cycle(self.request, to_score)
        rows = list(my_sheets(self.request.hat, cycle)) if cycle else []
        return super().get_context(
            cycle=cycle,
            waiting=[sheet for sheet in rows if not sheet.is_submitted],
            done=[sheet for sheet in rows if sheet.is_submitted],
            criteria=len(cycle.definition.criteria()) if cycle else 0,
            rubric_total=cycle.definition.rubric.total if cycle else 0,
            **extra,
        )


class SheetView(HatView):
    """Application and rubric side by side: read-only for the lead, to be filled in by the reviewer."""

    permission_required = "scoring.view_sheet"
    template_name = "scoring/sheet.html"

    def get_queryset(self):
        """Return what the hat may see."""
        return sheets_visible_to(self.request.hat)

    @cached_property
    def rubric(self):
        """The rubric of the application's program."""
        return self.object.assignment.application.cycle.definition.rubric

    def form(self, data=None, only=None) -> SheetForm:
        """Return the sheet as a form; one with `only` some fields is for saving and needs no values."""
        if only is not None:
            return SheetForm(self.rubric, {}, {}, data, only)
        return SheetForm(self.rubric, scores_of(self.object), comments_of(self.object), data, only)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the content to read, the criteria with their fields, and whether one may write."""
        application = self.object.assignment.application
        self.request.cycle = application.cycle
        form = extra.pop("form", None) or self.form()
        reading = reading_of(application)
        context = {
            "application": application,
            "cycle": application.cycle,
            "reviewer": self.object.assignment.reviewer,
            "reading": reading,
            "blocks": reading.blocks,
            "form": form,
            "sections": _with_fields(self.rubric, form),
            "versions": form.versions(extra.pop("known", None)),
            "writable": self._writable(application),
            "back_url": self._back(application),
            "missing": len(form.codes) - self.object.given,
            "rubric_total": self.rubric.total,
            "conflicts": [],
        }
        return super().get_context(**context | extra)

    def _back(self, application) -> str:
        """Return where this hat came from: its own reviews, the plan's application, or the queue."""
        hat = self.request.hat
        if self.object.assignment.reviewer_id == hat.pk:
            return reverse("scoring:mine")
        staff = hat.role in Role.see_all
        name = "selection:application" if staff else "scoring:application"
        return reverse(name, args=[application.pk])

    def _writable(self, application) -> bool:
        own = self.object.assignment.reviewer_id == self.request.hat.pk
        return own and not self.object.is_submitted and application.status == Status.IN_REVIEW


class SaveSheetView(SheetView):
    """Save or submit the sheet; an autosave answers in JSON."""

    permission_required = "scoring.score"

    def get_queryset(self):
        """Return what the hat may see, with what a save needs (to submit: what the email says too)."""
        visible = super().get_queryset()
        if self.request.method != "POST":
            return visible
        lean = visible.select_related(None).select_related(*FOR_WRITE)
        return lean if "submit" in self.request.POST else lean.only(*WRITTEN)

    def render(self, status: int = 200, **extra: Any) -> HttpResponse:
        """Return the page, with the sheet as it is stored now."""
        self.object = sheet_for_page(self.object.pk)
        return super().render(status=status, **extra)

    def post(self, request, *args, **kwargs):
        """Store what was given; `submit` locks the sheet afterwards."""
        if request.headers.get("X-Autosave"):
            return self.autosave()
        if "submit" in request.POST and self.object.is_submitted:
            return self.leave()
        form = SheetForm(self.rubric, {}, {}, request.POST)
        form.is_valid()
        try:
            saved = self.save(form)
            if saved.has_conflicts or form.errors:
                return self.refuse(saved)
            if "submit" in request.POST:
                sheets.submit(self.object, by=request.hat)
        except DomainError as error:
            form = self.form(request.POST)
            form.is_valid()
            form.add_error(None, str(error))
            return self.render(form=form, status=409)
        return self.leave()

    def save(self, form: SheetForm) -> sheets.SavedSheet:
        """Store the form's readable values."""
        return sheets.save(
            self.object,
            points=form.values(POINTS),
            comments=form.values(COMMENT),
            point_bases=form.bases(POINTS),
            comment_bases=form.bases(COMMENT),
            by=self.request.hat,
        )

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
        known = {
            field_name(prefix, code): version
            for prefix, part in ((POINTS, saved.points), (COMMENT, saved.comments))
            for code, version in part.versions.items()
        } | {name: conflict.version for name, conflict in found.items()}
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
        versions = [*saved.points.versions.values(), *saved.comments.versions.values()]
        return JsonResponse(
            {
                "saved_at": clock(timezone.now()),
                "versions": {name: versions[0]} if versions else {},
                "errors": {},
                "total": saved.sheet.total,
            }
        )


def _conflicts(saved: sheets.SavedSheet) -> dict[str, Any]:
    return {
        field_name(prefix, code): conflict
        for prefix, part in ((POINTS, saved.points), (COMMENT, saved.comments))
        for code, conflict in part.conflicts.items()
    }


def _with_fields(rubric, form: SheetForm) -> list[tuple[Any, list[tuple]]]:
    return [
        (
            section,
            [
                (
                    criterion,
                    form[field_name(POINTS, criterion.code)],
                    form[field_name(COMMENT, criterion.code)],
                )
                for criterion in section.criteria
            ],
        )
        for section in rubric.sections
    ]
