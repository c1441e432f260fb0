"""Highlights drawn into an answer: where a marked passage is now, and the text cut into runs. Pure.

Positions count characters (code points) of the answer as `plain` returns it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from applications.diffing import SectionChanges
from applications.reading import Block, Entry


class Marked(Protocol):
    """What is known of a highlight: the entry's key, the range, and the passage as it was marked."""

    pk: int
    entry: str
    start: int
    end: int
    quote: str
    note: str


@dataclass(frozen=True)
class Run:
    """A part of an answer: under the highlights `ids`, of which those in `starts` begin here."""

    text: str
    ids: tuple[int, ...] = ()
    starts: tuple[int, ...] = ()

    @property
    def joined(self) -> str:
        """The ids with spaces between, as the page's script reads them."""
        return " ".join(map(str, self.ids))


@dataclass(frozen=True)
class ReadEntry:
    """An answer to read: its runs, and whether it changed since the reader read it last."""

    entry: Entry
    runs: list[Run]
    changed: bool = False


@dataclass(frozen=True)
class ReadBlock:
    """A section to read: `groups` as in `applications.reading.Block`, with runs for texts."""

    block: Block
    groups: list[tuple[bool, list[ReadEntry]]]
    changed: bool = False


@dataclass(frozen=True)
class Listed:
    """A highlight in the list beside the text; `gone` when the answer no longer holds the passage."""

    highlight: Marked
    label: str
    gone: bool


def plain(text: str) -> str:
    """Return an answer as a page holds it: line ends are one character."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def locate(text: str, mark: Marked) -> tuple[int, int] | None:
    """Return where the passage is: at its place, else at the nearest same words; None when gone."""
    if text[mark.start : mark.end] == mark.quote:
        return mark.start, mark.end
    places = find_all(text, mark.quote)
    if not places:
        return None
    start = min(places, key=lambda place: abs(place - mark.start))
    return start, start + len(mark.quote)


def find_all(text: str, words: str) -> list[int]:
    """Return every position at which `words` begin in `text`; none for no words."""
    found: list[int] = []
    at = text.find(words) if words else -1
    while at >= 0:
        found.append(at)
        at = text.find(words, at + 1)
    return found


def runs_of(text: str, ranges: Iterable[tuple[int, int, int]]) -> list[Run]:
    """Cut `text` at the ends of `ranges` (id, start, end), which may nest and overlap.

    The runs' texts together are `text`. A range outside of it is cut to it; an empty one is left out.
    """
    kept = [(pk, max(start, 0), min(end, len(text))) for pk, start, end in ranges]
    kept = sorted(
        (one for one in kept if one[1] < one[2]), key=lambda one: (one[1], -one[2], one[0])
    )
    cuts = sorted({0, len(text), *(one[1] for one in kept), *(one[2] for one in kept)})
    return [
        Run(
            text[left:right],
            tuple(pk for pk, start, end in kept if start <= left and right <= end),
            tuple(pk for pk, start, _end in kept if start == left),
        )
        for left, right in pairwise(cuts)
    ]


def drawn(entry: Entry, marks: Iterable[Marked], *, changed: bool = False) -> ReadEntry:
    """Return the answer with those of `marks` that are its own."""
    text = plain(entry.answer)
    places = [(mark.pk, locate(text, mark)) for mark in marks if mark.entry == entry.key]
    ranges = [(pk, *place) for pk, place in places if place]
    return ReadEntry(entry, runs_of(text, ranges), changed)


def read_blocks(
    blocks: Iterable[Block], marks: Sequence[Marked], changes: Iterable[SectionChanges] = ()
) -> list[ReadBlock]:
    """Return the sections with highlights drawn in, and a mark on what is in `changes`."""
    changed = {one.key: {item.key for item in one.differences} for one in changes}
    return [
        ReadBlock(
            block,
            [
                (long, [drawn(e, marks, changed=e.key in changed.get(block.key, ())) for e in run])
                for long, run in block.groups
            ],
            block.key in changed,
        )
        for block in blocks
    ]


def listed(blocks: Iterable[Block], marks: Iterable[Marked]) -> list[Listed]:
    """Return the highlights in the order of the text, those whose passage is gone at the end."""
    entries = [entry for block in blocks for entry in block.entries]
    order = {entry.key: number for number, entry in enumerate(entries)}
    rows = []
    for mark in marks:
        entry = entries[order[mark.entry]] if mark.entry in order else None
        place = locate(plain(entry.answer), mark) if entry else None
        label = entry.label if entry else ""
        key = (place is None, order.get(mark.entry, len(entries)), place or (0, 0), mark.pk)
        rows.append((key, Listed(mark, label, place is None)))
    return [row for _key, row in sorted(rows, key=lambda one: one[0])]
