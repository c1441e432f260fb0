"""What changed between two texts, and between two contents that were signed. Pure functions.

Texts are compared word by word with the longest-match method of `difflib`; what would take too long
(a pasted megabyte, one word ten thousand times) is shown as replaced as a whole.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import groupby

from django.utils.translation import gettext as _

from applications.reading import Block, Entry, read_document
from programs.schema import ProgramDefinition

SAME, ADDED, REMOVED, FOLDED = "same", "added", "removed", "folded"
WORD = re.compile(r"\s*\S+|\s+\Z")
EDGE = re.compile(r"(\s*)(.*)", re.DOTALL)

MOST_WORDS = 4_000  # of either text, without their common beginning and end
MOST_PAIRS = 40_000  # pairs of equal words: what the comparison looks at
SHORT_ISLAND = 2  # unchanged words between two changes that read better as one change
KEPT_WORDS = 8  # unchanged words shown beside a change
WORTH_FOLDING = 12  # words; a shorter run is shown
MOST_SHOWN = 600  # words of one added or removed run


@dataclass(frozen=True)
class Change:
    """A run of words: `same`, `added`, `removed`, or `folded` (left out, with no text).

    `words` counts them. In a folded run `was` says what it is part of.
    """

    kind: str
    text: str = ""
    words: int = 0
    was: str = ""

    @property
    def lead(self) -> str:
        """White space before the first word, so that a mark begins with a word."""
        return "" if self._is_blank else EDGE.match(self.text)[1]  # type: ignore[index]

    @property
    def body(self) -> str:
        """The words; line ends that were added or removed by themselves are shown as ¶."""
        if self._is_blank:
            return self.text.replace("\n", "¶\n")
        return EDGE.match(self.text)[2]  # type: ignore[index]

    @property
    def _is_blank(self) -> bool:
        return self.kind != SAME and not self.text.strip()


@dataclass(frozen=True)
class Difference:
    """One thing that differs: an answer, a fact or a row of a table, as people read it.

    `state` is `added`, `removed` or `changed`. A long answer has `parts`, a row that changed has
    `cells`; everything else is `before` → `after`, either of which may be empty.
    """

    key: str
    label: str
    state: str
    before: str = ""
    after: str = ""
    parts: list[Change] = field(default_factory=list)
    cells: list["Difference"] = field(default_factory=list)
    is_row: bool = False


@dataclass(frozen=True)
class SectionChanges:
    """The section with `key` and `title`, and what differs in it."""

    key: str
    title: str
    differences: list[Difference]


def word_diff(before: str, after: str) -> list[Change]:
    """Return how `before` becomes `after`, in reading order; removed words come before added ones.

    The texts of `same` and `removed` together are `before`, those of `same` and `added` are `after`.
    """
    old, new = WORD.findall(before), WORD.findall(after)
    start = _common(zip(old, new, strict=False))
    limit = min(len(old), len(new)) - start
    end = min(_common(zip(reversed(old), reversed(new), strict=False)), limit)
    inner_old, inner_new = old[start : len(old) - end], new[start : len(new) - end]
    runs: list[tuple[str, list[str], list[str]]] = [(SAME, old[:start], new[:start])]
    runs += _joined(_compared(inner_old, inner_new))
    runs.append((SAME, old[len(old) - end :], new[len(new) - end :]))
    return _changes(runs)


def excerpt(changes: Sequence[Change]) -> list[Change]:
    """Return `changes` to show: long unchanged runs and endless changed ones are folded."""
    shown: list[Change] = []
    last = len(changes) - 1
    for index, change in enumerate(changes):
        if change.kind == SAME:
            shown += _folded(change, at_start=index == 0, at_end=index == last)
        else:
            shown += _cut(change)
    return shown


def difference(
    key: str, label: str, before: str, after: str, *, long: bool = False, is_row: bool = False
) -> Difference:
    """Return what became of one answer or fact; a `long` one is compared word by word.

    `is_row` says that it came or went with its whole row.
    """
    state = "changed" if before and after else "added" if after else "removed"
    if long:
        return Difference(key, label, state, parts=excerpt(word_diff(before, after)))
    return Difference(key, label, state, before, after, is_row=is_row)


def changes_between(
    old_document: str, new_document: str, definition: ProgramDefinition
) -> list[SectionChanges]:
    """Return what differs between two signed contents (canonical JSON), by section of the form.

    Sections in which nothing differs are left out; the signature is not compared.
    """
    before = {block.key: block for block in read_document(old_document, definition)}
    sections = []
    for new in read_document(new_document, definition):
        old = before.get(new.key, Block(new.key, new.title))
        found = [*_of_rows(old, new), *_of_entries(old, new)]
        sections.append(SectionChanges(new.key, new.title, found))
    return [section for section in sections if section.differences]


def _common(pairs: Iterator[tuple[str, str]]) -> int:
    count = 0
    for one, other in pairs:
        if one != other:
            break
        count += 1
    return count


def _compared(old: list[str], new: list[str]) -> list[tuple[str, list[str], list[str]]]:
    """Return runs (kind, old words, new words); kind is SAME, or "" where they differ."""
    if not old or not new or _too_much(old, new):
        return [("", old, new)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        (SAME if tag == "equal" else "", old[i1:i2], new[j1:j2])
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
    ]


def _too_much(old: list[str], new: list[str]) -> bool:
    if max(len(old), len(new)) > MOST_WORDS:
        return True
    counts = Counter(new)
    return sum(counts[word] for word in old) > MOST_PAIRS


def _joined(
    runs: list[tuple[str, list[str], list[str]]],
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Join two changes and the few unchanged words between them, when the changes are longer."""
    held: tuple[str, list[str], list[str]] | None = None
    for index, (kind, old, new) in enumerate(runs):
        inside = 0 < index < len(runs) - 1
        island = kind == SAME and inside and len(old) <= SHORT_ISLAND
        longer = island and all(_size(runs[at]) > 2 * len(old) for at in (index - 1, index + 1))
        if kind == SAME and not longer:
            if held:
                yield held
            held = None
            yield kind, old, new
        elif held:
            held = ("", held[1] + old, held[2] + new)
        else:
            held = ("", old, new)
    if held:
        yield held


def _size(run: tuple[str, list[str], list[str]]) -> int:
    return len(run[1]) + len(run[2])


def _changes(runs: list[tuple[str, list[str], list[str]]]) -> list[Change]:
    found = []
    for kind, old, new in runs:
        if kind == SAME:
            found.append((SAME, new))
        else:
            found += [(REMOVED, old), (ADDED, new)]
    changes = []
    for kind, group in groupby((run for run in found if run[1]), key=lambda run: run[0]):
        words = [word for _kind, run in group for word in run]
        changes.append(Change(kind, "".join(words), len(words)))
    return changes


def _folded(change: Change, *, at_start: bool, at_end: bool) -> list[Change]:
    if at_start and at_end:
        return [change]
    before, after = (0 if at_start else KEPT_WORDS), (0 if at_end else KEPT_WORDS)
    hidden = change.words - before - after
    if hidden < WORTH_FOLDING:
        return [change]
    words = WORD.findall(change.text)
    parts = (
        Change(SAME, "".join(words[:before]), before),
        Change(FOLDED, words=hidden, was=SAME),
        Change(SAME, "".join(words[before + hidden :]), after),
    )
    return [part for part in parts if part.words]


def _cut(change: Change) -> list[Change]:
    if change.words <= MOST_SHOWN + WORTH_FOLDING:
        return [change]
    words = WORD.findall(change.text)
    return [
        Change(change.kind, "".join(words[:MOST_SHOWN]), MOST_SHOWN),
        Change(FOLDED, words=change.words - MOST_SHOWN, was=change.kind),
    ]


def _of_entries(old: Block, new: Block) -> Iterator[Difference]:
    before, after = ({entry.key: entry for entry in block.entries} for block in (old, new))
    blank = Entry("", "", "")
    for key in [*after, *(key for key in before if key not in after)]:
        was, now = before.get(key, blank), after.get(key, blank)
        if was.answer != now.answer:
            label, long = now.label or was.label, now.long or was.long
            yield difference(key, label, was.answer, now.answer, long=long)


def _of_rows(old: Block, new: Block) -> Iterator[Difference]:
    """Compare two tables: a row is the same one when its first cell is, else when most others are."""
    left = [one for one in old.table if one not in new.table]
    for link, row in new.table:
        if (link, row) in old.table:
            continue
        was = _partner(row, [cells for _link, cells in left])
        if was is None:
            yield _row(new, row, "added")
        else:
            left = [one for one in left if one[1] is not was]
            yield _changed_row(new.heads, was, row)
    for _link, row in left:
        yield _row(old, row, "removed")


def _partner(row: list[str], candidates: list[list[str]]) -> list[str] | None:
    for other in candidates:
        if other[0] == row[0]:
            return other
    for other in candidates:
        equal = sum(one == two for one, two in zip(row[1:], other[1:], strict=True))
        if equal * 2 > len(row) - 1:
            return other
    return None


def _row(block: Block, row: list[str], state: str) -> Difference:
    text = ", ".join(cell for cell in row if cell)
    before, after = ("", text) if state == "added" else (text, "")
    return Difference(block.key, row[0], state, before, after, is_row=True)


def _changed_row(heads: list[str], was: list[str], now: list[str]) -> Difference:
    cells = [
        difference("", head, one, two)
        for head, one, two in zip(heads, was, now, strict=True)
        if one != two
    ]
    same_words = "" if cells else _("Another file with the same name and size")
    return Difference("", now[0], "changed", "", same_words, cells=cells, is_row=True)
