"""What the practice's pages show about a returned application."""

from typing import Any

from django.urls import reverse

from applications.correcting import noted
from applications.documents import SECTION as DOCUMENTS
from applications.dossier import Dossier
from applications.views.base import section_url


def notes_for(dossier: Dossier) -> list[dict[str, Any]]:
    """Return key, title, text and page of each section to correct; none unless it was returned."""
    application, definition = dossier.application, dossier.application.cycle.localized
    urls = {one.key: section_url(application, one) for one in definition.sections}
    urls[DOCUMENTS] = reverse("applications:documents")
    return [
        {"key": key, "title": title, "text": text, "href": urls[key]}
        for key, title, text in noted(dossier.notes, definition)
    ]
