"""Text that is not in the application, on the pages of those it concerns."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from applications.completeness import PICKED
from applications.dossier import Dossier
from applications.models import Application
from applications.queries import held_texts
from applications.reading import answer_text
from applications.views.base import section_url
from core.times import long
from programs.schema import ProgramDefinition, Section

HELD = "held:"


def ids_given(data: QueryDict, prefix: str = HELD) -> list[int]:
    """Return the ids of held texts that a request names in controls starting with `prefix`."""
    given = [value for name, value in data.items() if name.startswith(prefix)]
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 19]


def held_here(
    application: Application, person: User, section: Section, definition: ProgramDefinition
) -> list[dict[str, Any]]:
    """Return the person's held texts for questions of `section`, to read and to put back (1 query)."""
    questions = {question.key: question for question in section.questions}
    rows = []
    for held in held_texts(application).filter(person=person, key__in=questions):
        question = questions[held.key]
        values = held.value if isinstance(held.value, list) else [str(held.value)]
        rows.append(
            {
                "pk": held.pk,
                "key": held.key,
                "label": question.label,
                "text": answer_text(question, held.value, definition),
                "at": long(held.held_at),
                "base": held.base,
                "values": json.dumps(values),
            }
        )
    return rows


def tokens(application: Application, person: User, keys: Collection[str]) -> list[tuple[str, int]]:
    """Return (question key, id of the held text) for conflicting `keys`, to name in the next save."""
    mine = held_texts(application).filter(person=person, key__in=list(keys))
    return list(mine.values_list("key", "pk")) if keys else []


def held_lines(dossier: Dossier, reader: User) -> list[dict[str, str]]:
    """Return a sentence and a link for each text that is not in the application."""
    application = dossier.application
    places = {
        question.key: (section, question)
        for section in application.cycle.localized.sections
        for question in section.questions
    }
    lines = []
    for held in dossier.held:
        if held["key"] not in places:
            continue
        section, question = places[held["key"]]
        sentence = _("%(person)s has text for “%(question)s” that is not in the application.")
        if held["person"] == reader.pk:
            sentence = _("You have text for “%(question)s” that is not in the application.")
        words = {"person": held["name"], "question": question.label}
        href = f"{section_url(application, section)}#id_{question.key}"
        lines.append({"sentence": sentence % words, "href": href})
    return lines


def leftover_rows(sections: Iterable[Section], stored: Mapping[str, Any]) -> Sequence[dict]:
    """Return name, label and stored values of each question in words, to find local copies by."""
    return [
        {
            "name": question.key,
            "label": question.label,
            "values": json.dumps([str(stored.get(question.key) or "")]),
        }
        for section in sections
        for question in section.questions
        if question.kind not in PICKED
    ]
