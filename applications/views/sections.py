"""One section of questions: save with a button, or answer by answer while typing."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from applications.completeness import PICKED
from applications.domain import answers, holding
from applications.forms.sections import SectionForm
from applications.reading import answer_text, figure_of
from applications.views.base import OwnApplicationView, next_href, section_rows
from applications.views.held import held_here, ids_given, leftover_rows, tokens
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
        return SectionForm(self.cycle.localized, section, self.dossier.answers, data)

    def get_context(self, **extra: Any) -> dict[str, Any]:
        """Add the section, its neighbours, its picture, and who else is here."""
        section = self.section_or_404()
        form = extra.pop("form", None) or self.form()
        context = {
            "form": form,
            "versions": form.versions(extra.pop("known", None)),
            "copy_key": f"{self.request.user.pk}/application-{self.object.pk}",
            "unsaved": self.request.method == "POST",
            "conflicts": [],
            "settling": [],
            "refusal": "",
            "figure": figure_of(section, self.dossier.content["answers"]),
        }
        return super().get_context(**context | self.section_page(section) | self._kept() | extra)

    def _kept(self) -> dict[str, Any]:
        """Return the person's own text that is not in the application, as far as the server has it.

        `leftover` has the questions for the copies that only this browser has.
        """
        section, definition = self.section_or_404(), self.cycle.localized
        stored = self.dossier.content["answers"]
        return {
            "held": held_here(self.object, self.request.user, section, definition),
            "leftover": leftover_rows([section], stored),
        }

    def post(self, request, *args, **kwargs):
        """Save; an autosave (`X-Autosave`) answers in JSON, the button with a page."""
        if request.headers.get("X-Autosave"):
            return self.autosave()
        if "drop" in request.POST:
            return self.drop()
        form = self.form(request.POST)
        form.is_valid()
        try:
            saved = self.save(form)
        except DomainError as error:
            form.add_error(None, str(error))
            return self.render(form=form, lock=None, status=409)
        if saved.conflicts or form.errors:
            return self.refuse(form, saved)
        messages.success(request, self.said(form))
        return HttpResponseRedirect(self.next_url())

    def save(self, form: SectionForm) -> Saved:
        """Store what could be read."""
        return answers.save(
            self.object,
            values=form.values(),
            bases=form.bases(),
            by=self.request.hat,
            section=self.kwargs["key"],
            held=ids_given(self.request.POST),
        )

    def drop(self) -> HttpResponse:
        """Let go of a text of one's own that is not in the application."""
        for held in ids_given(self.request.POST, "drop"):
            holding.drop(self.object, held=held, by=self.request.hat)
        messages.success(self.request, _("Your other text is dropped."))
        return HttpResponseRedirect(self.request.path)

    def said(self, form: SectionForm) -> str:
        """Return what to say after a save: also which answers have too many words."""
        sentence = _("Saved at %(time)s.") % {"time": clock(timezone.now())}
        over = form.over_limit()
        if not over:
            return sentence
        more = ngettext(
            "%(n)d answer has more words than it may: %(labels)s. Shorten it before you submit.",
            "%(n)d answers have more words than they may: %(labels)s. Shorten them before you submit.",
            len(over),
        )
        labels = ", ".join(f"“{question.label}”" for question in over)
        return f"{sentence} {more % {'n': len(over), 'labels': labels}}"

    def refuse(self, form: SectionForm, saved: Saved) -> HttpResponse:
        """Show the page again with what was typed, the errors, and the other versions."""
        labels = {question.key: question.label for question in form.questions}
        definition = self.cycle.localized
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
        self.__dict__.pop("dossier", None)
        status = 409 if conflicts else 422
        found = tokens(self.object, self.request.user, saved.conflicts)
        return self.render(
            form=form, conflicts=conflicts, known=known, settling=found, held=[], status=status
        )

    def next_url(self) -> str:
        """Return home for "save and come back", else the next section."""
        if "leave" in self.request.POST:
            return reverse("applications:home")
        return next_href(self.dossier, section_rows(self.dossier, self.kwargs["key"]))

    def autosave(self) -> JsonResponse:
        """Save the one named answer; say the new version, the errors, or the other version."""
        name = self.request.POST.get("autosave", "")
        section = self.section_or_404()
        form = SectionForm(self.cycle.localized, section, {}, self.request.POST, only={name})
        if not form.questions:
            message = _("This page has changed. Reload it to go on.")
            return JsonResponse({"message": message, "errors": {}}, status=422)
        form.is_valid()
        try:
            saved = self.save(form)
        except DomainError as error:
            refusal = {"message": str(error), "errors": {name: [str(error)]}}
            return JsonResponse(refusal, status=422)
        if saved.conflicts:
            conflicts = _as_json(saved, form, self.cycle.localized)
            for key, token in tokens(self.object, self.request.user, saved.conflicts):
                conflicts[key]["held"] = token
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
    """Return each conflict in words, and the values that its control would hold."""
    rows = {}
    for question in form.questions:
        found = saved.conflicts.get(question.key)
        if found is None:
            continue
        theirs = found.theirs or ""
        values = theirs if isinstance(theirs, list) else [str(theirs)]
        rows[question.key] = {
            "version": found.version,
            "by": found.by,
            "at": found.at,
            "theirs": answer_text(question, theirs, definition) if theirs else "",
            "values": [one for one in values if one] if question.kind in PICKED else values,
        }
    return rows
