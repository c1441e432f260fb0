"""What a returned application asks for, section by section. No queries."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from applications.documents import SECTION as DOCUMENTS
from programs.schema import ProgramDefinition, Section

Notes = Mapping[str, str]


def correctable(definition: ProgramDefinition) -> list[tuple[str, str]]:
    """Return key and title of everything that a return can name: the form's sections and the files."""
    sections = [(one.key, one.title) for one in definition.sections if one.kind != "sign"]
    return [*sections, (DOCUMENTS, _("Documents"))]


def noted(notes: Notes, definition: ProgramDefinition) -> list[tuple[str, str, str]]:
    """Return key, title and note of everything with a note, in the order of the form."""
    found = correctable(definition)
    return [(key, title, notes[key]) for key, title in found if key in notes]


def marked(
    rows: Sequence[dict[str, Any]], sections: Sequence[Section], notes: Notes
) -> list[dict[str, Any]]:
    """Return the checklist rows of a returned application, one a section in the form's order.

    Where notes name sections these read "To correct", with the note; all others are "Locked". The page
    to sign keeps its state. Without notes everything stays as it is.
    """
    if not notes:
        return list(rows)
    return [_mark(row, one, notes) for row, one in zip(rows, sections, strict=True)]


def _mark(row: dict[str, Any], section: Section, notes: Notes) -> dict[str, Any]:
    if section.kind == "sign":
        return row
    if section.key in notes:
        return row | {"state_label": _("To correct"), "tone": "turn"}
    return row | {"state_label": _("Locked"), "tone": "neutral", "note": ""}
