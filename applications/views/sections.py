"""One section of questions: save with a button, or answer by answer while typing."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from applications.completeness import PICKED
from applications.domain import answers
from applications.forms.sections import SectionForm
from applications.reading import answer_text
from applications.views.base import OwnApplicationView, section_rows
from core.exceptions import DomainError
from core.times import clock
from core.versioned import Saved
from programs.schema import ProgramDefinition


class SectionView(OwnApplicationView):
    """The questions of one section with the stored answers."""

    template_name = "applications/section.html"

    def form(self, data=None) -> SectionForm:
        """Return the section's form, bound when `data` is given."""
        section = self.section_or_404()
        return SectionForm(self.cycle.definition, section, self.dossier.answers, data)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the section, its neighbours and what is missing in it."""
        section = self.section_or_404()
        rows = section_rows(self.dossier, section.key)
        here = next(i for i, row in enumerate(rows) if row["current"])
        form = extra.pop("form", None) or self.form()
        context = {
            "section": section,
            "nav": rows,
            "state_label": rows[here]["state_label"],
            "form": form,
            "versions": form.versions(extra.pop("known", None)),
            "missing": self.dossier.missing_in(section),
            "previous": rows[here - 1] if here else None,
            "writable": self.object.is_editable,
            "conflicts": [],
        }
        return super().get_context(**context | extra)

    def post(self, request, *args, **kwargs):
        """Save; an autosave (`X-Autosave`) answers in JSON, the button with a page."""
        if request.headers.get("X-Autosave"):
            return self.autosave()
        form = self.form(request.POST)
        form.is_valid()
        try:
            saved = answers.save(
                self.object, values=form.values(), bases=form.bases(), by=request.hat
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return self.render(form=form, status=409)
        if saved.conflicts or form.errors:
            return self.refuse(form, saved)
        messages.success(request, _("Saved at %(time)s.") % {"time": clock(timezone.now())})
        return HttpResponseRedirect(self.next_url())

    def refuse(self, form: SectionForm, saved: Saved) -> HttpResponse:
        """Show the page again with what was typed, the errors, and the other versions."""
        labels = {question.key: question.label for question in form.questions}
        definition = self.cycle.definition
        words = {
            q.key: answer_text(q, saved.conflicts[q.key].theirs or "", definition)
            for q in form.questions
            if q.key in saved.conflicts
        }
        conflicts = [
            (labels[key], replace(found, theirs=words[key]))
            for key, found in saved.conflicts.items()
        ]
        known = saved.versions | {key: found.version for key, found in saved.conflicts.items()}
        status = 409 if conflicts else 422
        return self.render(form=form, conflicts=conflicts, known=known, status=status)

    def next_url(self) -> str:
        """Return home for "save and come back", else the next section."""
        if "leave" in self.request.POST:
            return reverse("applications:home")
        rows = section_rows(self.dossier, self.kwargs["key"])
        here = next(i for i, row in enumerate(rows) if row["current"])
        return rows[here + 1]["href"] if here + 1 < len(rows) else reverse("applications:home")

    def autosave(self) -> JsonResponse:
        """Save the one named answer; say the new version, the errors, or the other version."""
        name = self.request.POST.get("autosave", "")
        section = self.section_or_404()
        form = SectionForm(self.cycle.definition, section, {}, self.request.POST, only={name})
        if not form.questions:
            message = _("This page has changed. Reload it to go on.")
            return JsonResponse({"message": message, "errors": {}}, status=422)
        form.is_valid()
        try:
            saved = answers.save(
                self.object, values=form.values(), bases=form.bases(), by=self.request.hat
            )
        except DomainError as error:
            refusal = {"message": str(error), "errors": {name: [str(error)]}}
            return JsonResponse(refusal, status=422)
        if saved.conflicts:
            conflicts = _as_json(saved, form, self.cycle.definition)
            return JsonResponse({"conflicts": conflicts}, status=409)
        return JsonResponse(
            {
                "saved_at": clock(timezone.now()),
                "versions": saved.versions,
                "errors": dict(form.errors),
            }
        )


def _as_json(
    saved: Saved, form: SectionForm, definition: ProgramDefinition
) -> dict[str, dict[str, Any]]:
    """Return each conflict in words, and for choices also the stored values to tick."""
    rows = {}
    for question in form.questions:
        found = saved.conflicts.get(question.key)
        if found is None:
            continue
        theirs = found.theirs or ""
        row = {"version": found.version, "by": found.by, "at": found.at}
        row["theirs"] = answer_text(question, theirs, definition) if theirs else ""
        if question.kind in PICKED:
            row["values"] = theirs if isinstance(theirs, list) else [theirs] if theirs else []
        rows[question.key] = row
    return rows
