"""A heartbeat of an open section: who else is here, and how far the application is."""

from typing import Any

from django.http import Http404, JsonResponse
from django.utils.translation import gettext as _

from applications import company
from applications.domain import presence
from applications.views.base import OwnApplicationView, section_rows, settled, state_words


class PresenceView(OwnApplicationView):
    """Note that this person has the section open; say who else is in the application.

    With `progress`, also the state of every section: for after a save, as it costs more.
    """

    http_method_names = ["post"]

    def post(self, request, *args, **kwargs):
        """Answer in JSON: `here`, `sections` (names by key), `progress` when it was asked for."""
        key = self.kwargs["key"]
        if key not in {section.key for section in self.cycle.definition.sections}:
            raise Http404
        if self.object.is_editable:
            presence.note(self.object, section=key, by=request.hat)
        people = presence.people_here(self.object)
        answer: dict[str, Any] = {
            "here": company.line(people, key, request.hat),
            "sections": company.by_section(people, request.hat),
        }
        if request.POST.get("progress"):
            answer["progress"] = self.progress(key)
        return JsonResponse(answer)

    def progress(self, key: str) -> dict[str, Any]:
        """Return the state of this section, of all, and how many need nothing more."""
        rows = section_rows(self.dossier, key)
        words = _("%(done)d of %(all)d sections need nothing more")
        return {
            "state": next(state_words(row) for row in rows if row["current"]),
            "sections": {row["key"]: row["state_label"] for row in rows},
            "done": words % {"done": len(settled(rows)), "all": len(rows)},
        }
