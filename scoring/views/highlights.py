"""Marking passages of the application: by script in place, without it by a form and a reload."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from core.exceptions import DomainError
from core.forms import PortalForm
from scoring.domain import highlights
from scoring.domain.conflicts import needs_declaration
from scoring.forms.highlights import HighlightForm, NoteForm
from scoring.models import Highlight
from scoring.passages import drawn, listed
from scoring.queries import sheet_for_page
from scoring.queries.pages import highlights_of
from scoring.views.sheet_page import SheetPage

LONGEST_NUMBER = 9


class HighlightsView(SheetPage):
    """Mark a passage, change the note (`change`: its id) or take the mark away (`remove`: its id)."""

    permission_required = "scoring.score"

    def get(self, request, *args, **kwargs):
        """Show the list, which is a part of the sheet's page."""
        return self.back()

    def post(self, request, *args, **kwargs):
        """Act; answer in JSON to the script, else with the page."""
        if needs_declaration(self.object.assignment):
            return self.back()
        try:
            entry, message = self.act()
        except DomainError as error:
            return self.refuse(str(error))
        if self.wants_json:
            return JsonResponse({"message": message, **self.fresh(entry)})
        messages.success(request, message)
        return self.back()

    @property
    def wants_json(self) -> bool:
        """Whether the page's script asks."""
        return bool(self.request.headers.get("X-Autosave"))

    def back(self) -> HttpResponse:
        """Return to the list on the sheet's page."""
        address = reverse("scoring:sheet", args=[self.object.pk])
        return HttpResponseRedirect(f"{address}#highlights")

    def act(self) -> tuple[str, str]:
        """Do what was asked; return the key of the answer concerned and what happened, in words."""
        data, by = self.request.POST, self.request.hat
        if "remove" in data:
            gone = highlights.remove(self.named(data["remove"]), by=by)
            return gone.entry, _("The highlight is removed.")
        if "change" in data:
            form, mark = _valid(NoteForm(data)), self.named(data["change"])
            base = _number(data.get("version", ""))
            changed = highlights.change_note(mark, **form.cleaned_data, base=base, by=by)
            return changed.entry, _("The note is saved.")
        form = _valid(HighlightForm(data))
        key = form.cleaned_data.pop("entry")
        added = highlights.add(self.object, entry=self.entries.get(key), **form.cleaned_data, by=by)
        return added.entry, _("The passage is highlighted. Only you see it.")

    def named(self, pk: str) -> Highlight:
        """Return the highlight of this sheet. Raises Http404."""
        number = _number(pk)
        if not number:
            raise Http404
        return get_object_or_404(self.object.highlights.select_related("sheet"), pk=number)

    @property
    def entries(self) -> dict[str, Any]:
        """The answers by key."""
        return {e.key: e for block in self.reading.blocks for e in block.entries}

    def fresh(self, key: str) -> dict[str, Any]:
        """Return the answer and the list as they are drawn now."""
        marks = highlights_of(self.object)
        found = {}
        if entry := self.entries.get(key):
            runs = drawn(entry, marks).runs
            found[key] = render_to_string("scoring/partials/passage.html", {"runs": runs}).strip(
                "\n"
            )
        rows = {"highlights": listed(self.reading.blocks, marks), "object": self.object}
        name = "scoring/partials/highlight_list.html"
        return {"texts": found, "list": render_to_string(name, rows, self.request)}

    def refuse(self, sentence: str) -> HttpResponse:
        """Say why; what was typed stays in the form."""
        if self.wants_json:
            return JsonResponse({"message": sentence, "errors": {}}, status=422)
        self.object = sheet_for_page(self.object.pk)
        typed = {name: self.request.POST.get(name, "") for name in ("entry", "quote", "note")}
        return self.render(status=422, highlight_error=sentence, highlight_typed=typed)


def _valid(form: PortalForm) -> PortalForm:
    """Return the form with what it read. Raises DomainError with its first sentence."""
    if not form.is_valid():
        raise DomainError(next(iter(form.errors.values()))[0])
    return form


def _number(text: str) -> int:
    """Return a whole number from a request, 0 for anything else."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else 0
