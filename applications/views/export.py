"""The application's content as a file that other programs can read."""

import json

from django.http import HttpResponse

from applications.views.base import OwnApplicationView


class DraftJsonView(OwnApplicationView):
    """What the practice has written so far, as JSON. The TIN is masked, as everywhere."""

    def get(self, request, *args, **kwargs):
        """Return the content as it is now, for download."""
        text = json.dumps(self.dossier.content, ensure_ascii=False, indent=2, sort_keys=True)
        response = HttpResponse(text, content_type="application/json; charset=utf-8")
        name = f"{self.object.reference}-draft.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response
