"""The application beside the rubric, section by section; what nobody marked is written once and kept."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from scoring.passages import ReadBlock

KEPT = 512  # sections of applications, some 20 kB each with all that belongs to them


@dataclass(frozen=True)
class _Plain:
    """A section without marks: two with the same content in the same language look the same."""

    language: str | None
    content: str
    item: ReadBlock = field(compare=False)


def pane(blocks: Iterable[ReadBlock]) -> SafeString:
    """Return the sections to read.

    A section in which nothing is highlighted or marked as changed is the same for everybody who may
    read it. It is kept by its whole content, never by who reads it.
    """
    return SafeString("".join(_section(item) for item in blocks))


def _section(item: ReadBlock) -> str:
    if item.changed or _is_marked(item):
        return _written(item)
    return _kept(_Plain(get_language(), repr(item.block), item))


def _is_marked(item: ReadBlock) -> bool:
    return any(run.ids for _long, group in item.groups for one in group for run in one.runs)


@lru_cache(maxsize=KEPT)
def _kept(plain: _Plain) -> str:
    return _written(plain.item)


def _written(item: ReadBlock) -> str:
    return render_to_string("scoring/partials/reading.html", {"item": item})
