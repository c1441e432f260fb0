"""A definition in another language: texts people read are replaced, everything else is untouched.

Translations are data: for each language code a table from the English text to the text in that
language. Keys, codes and stored values are never looked up, so rules and hashes do not depend on
the language; a text without a translation stays English.
"""

from collections.abc import Iterator, Mapping
from string import Template
from typing import Any, NamedTuple

from pydantic import BaseModel

Translations = Mapping[str, Mapping[str, str]]
NOT_FOR_PEOPLE = frozenset(
    {
        "answers",
        "attribute",
        "choices_from",
        "code",
        "includes",
        "key",
        "kind",
        "link",
        "needed_to",
        "official",
        "others_sheets",
        "question",
        "reference_prefix",
        "samples",
        "slug",
        "source",
        "translations",
        "value",
        "waitlist_source",
    }
)


class ShownText(NamedTuple):
    """A text people read, and where it is, such as `sections[2].title`."""

    path: str
    text: str


def shown_texts(part: BaseModel, path: str = "") -> Iterator[ShownText]:
    """Every text of a part of a definition that people read, with its path; empty ones are left out."""
    for name, value in part:
        if name not in NOT_FOR_PEOPLE:
            yield from _texts_in(value, f"{path}.{name}" if path else name)


def _texts_in(value: Any, path: str) -> Iterator[ShownText]:
    if isinstance(value, BaseModel):
        yield from shown_texts(value, path)
    elif isinstance(value, str) and value:
        yield ShownText(path, value)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _texts_in(item, f"{path}.{key}")
    elif isinstance(value, tuple) and not all(isinstance(item, str) for item in value):
        for i, item in enumerate(value):
            yield from _texts_in(item, f"{path}[{i}]")


def translated(part: Any, texts: Mapping[str, str]) -> Any:
    """The same part with its texts replaced by those of `texts`; what has none stays as it is.

    Lists of plain texts (keys of questions and sections) stay as they are.
    """
    if isinstance(part, str):
        return texts.get(part, part)
    if isinstance(part, BaseModel):
        found = ((n, v, translated(v, texts)) for n, v in part if n not in NOT_FOR_PEOPLE)
        changes = {name: new for name, old, new in found if new is not old}
        return part.model_copy(update=changes) if changes else part
    if isinstance(part, Mapping):
        return {key: translated(item, texts) for key, item in part.items()}
    if isinstance(part, tuple) and not all(isinstance(item, str) for item in part):
        return tuple(translated(item, texts) for item in part)
    return part


def placeholders(text: str) -> set[str]:
    """The `$names` of a text; empty when it is not a template that can be read."""
    template = Template(text)
    return set(template.get_identifiers()) if template.is_valid() else set()


def wrong_placeholders(translations: Translations) -> Iterator[tuple[str, str]]:
    """Pairs of language and English text whose translation has other `$placeholders`."""
    for language, texts in translations.items():
        for english, text in texts.items():
            if placeholders(text) != placeholders(english):
                yield language, english
