"""An application's content as blocks to read: the same for practice, reviewer and DHCS."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from math import isfinite
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from applications.completeness import is_asked, word_count
from applications.documents import SECTION, label_of, size_text
from core import times
from programs.schema import ProgramDefinition, Question, Section


@dataclass(frozen=True)
class Entry:
    """A question and its answer. `answer` is text; `key` is its anchor; words counts long answers.

    `judged_by` holds the codes of the criteria that look at it, with spaces between.
    """

    key: str
    label: str
    answer: str
    long: bool = False
    words: int = 0
    judged_by: str = ""


@dataclass(frozen=True)
class Block:
    """One section to read: entries, or rows of a table with their heads.

    `links` are the addresses of the first cells of the rows, where these lead somewhere. `figure` is
    what the component `score_bars` draws.
    """

    key: str
    title: str
    edit_url: str = ""
    entries: list[Entry] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    figure: dict[str, Any] | None = None

    @property
    def table(self) -> list[tuple[str, list[str]]]:
        """The rows, each with the link of its first cell; without links these are empty."""
        return list(zip(self.links or [""] * len(self.rows), self.rows, strict=True))

    @property
    def labelled(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """`table` with the head of each cell beside it: what a narrow screen shows in place of columns."""
        return [(link, list(zip(self.heads, row, strict=True))) for link, row in self.table]

    @property
    def groups(self) -> list[tuple[bool, list[Entry]]]:
        """The entries in runs of short and long ones: (is it a run of long ones, the entries)."""
        return [(long, list(run)) for long, run in groupby(self.entries, key=lambda e: e.long)]


def read_document(text: str, definition: ProgramDefinition) -> list[Block]:
    """Return the blocks of a signed content (canonical JSON text)."""
    return read_content(json.loads(text), definition, {})


def read_content(
    content: Mapping[str, Any], definition: ProgramDefinition, urls: Mapping[str, str]
) -> list[Block]:
    """Return the blocks of `content`; `urls` maps section keys to the pages that edit them."""
    readers = {"practice": _practice, "sites": _sites, "members": _members}
    blocks = []
    for section in definition.sections:
        if section.kind == "sign":
            continue
        reader = readers.get(section.kind, _questions)
        parts = reader(section, content, definition)
        blocks.append(Block(section.key, section.title, urls.get(section.key, ""), **parts))
    if "attachments" in content:
        blocks.append(_documents(content["attachments"], definition, may_edit=SECTION in urls))
    return blocks


def answer_text(question: Question, value: object, definition: ProgramDefinition) -> str:
    """Return a stored answer in words: labels of choices, Yes or No, or the text itself."""
    if question.kind == "yes_no":
        return {"yes": _("Yes"), "no": _("No")}.get(str(value), str(value))
    if question.kind == "date":
        return day(str(value))
    labels = {choice.value: choice.label for choice in definition.choices_of(question)}
    if isinstance(value, list):
        return ", ".join(labels.get(str(item), str(item)) for item in value)
    return labels.get(str(value), str(value))


def day(text: str) -> str:
    """Return a stored date such as 2026-10-24 in words: Oct 24, 2026."""
    try:
        return times.day(date.fromisoformat(text))
    except ValueError:
        return text


def _practice(section: Section, content: Mapping, definition: ProgramDefinition) -> dict[str, Any]:
    practice = content["practice"]
    names = {
        "specialties": {c.value: c.label for c in definition.specialties},
        "practice_types": {c.value: c.label for c in definition.practice_types},
    }
    labels = (
        ("name", _("Legal name")),
        ("dba", _("Doing business as")),
        ("npi", _("Organizational NPI")),
        ("tin", _("Taxpayer ID (TIN)")),
        ("specialties", _("Primary care specialties")),
        ("practice_types", _("Practice type")),
        ("ehr", _("Electronic health record (EHR)")),
        ("website", _("Website")),
    )
    entries = []
    for key, label in labels:
        value = practice[key]
        if isinstance(value, list):
            value = ", ".join(names[key].get(str(item), str(item)) for item in value)
        if value or key not in ("dba", "website"):
            entries.append(Entry(key, label, value))
    return {"entries": entries}


def _sites(section: Section, content: Mapping, definition: ProgramDefinition) -> dict[str, Any]:
    heads = [_("Site"), _("Address"), _("County"), _("HPI quartile")]
    rows = [
        [
            site["name"],
            ", ".join(filter(None, [site["street"], f"{site['city']} {site['zip']}".strip()])),
            site["county"],
            _("%(q)s (%(source)s)") % {"q": site["hpi_quartile"], "source": site["hpi_source"]}
            if site["hpi_quartile"]
            else _("Not rated"),
        ]
        for site in content["sites"]
    ]
    return {"heads": heads, "rows": rows}


def _members(section: Section, content: Mapping, definition: ProgramDefinition) -> dict[str, Any]:
    rows = [[row["plan"], f"{row['members']:,}", day(row["as_of"])] for row in content["members"]]
    if rows:
        rows.append([_("Total"), f"{content['members_total']:,}", ""])
    chosen = Entry("designated_mcp", _("Plan that scores this"), content["designated_mcp"])
    heads = [_("Medi-Cal plan (MCP)"), _("Assigned members"), _("Counted on")]
    return {"heads": heads, "rows": rows, "entries": [chosen]}


def _documents(
    files: Sequence[Mapping[str, Any]], definition: ProgramDefinition, *, may_edit: bool
) -> Block:
    """The files, each a link to itself; what was signed before files existed has no such block."""
    return Block(
        SECTION,
        _("Documents"),
        reverse("applications:documents") if may_edit else "",
        heads=[_("File"), _("What it is"), _("Size")],
        rows=[
            [one["name"], label_of(one["kind"], definition), size_text(one["size"])]
            for one in files
        ],
        links=[reverse("applications:file", args=[one["id"]]) for one in files],
    )


def _questions(section: Section, content: Mapping, definition: ProgramDefinition) -> dict[str, Any]:
    answers = content["answers"]
    criteria = definition.criteria()
    entries = []
    for question in section.questions:
        if not is_asked(question, answers):
            continue
        value = answers.get(question.key)
        text = answer_text(question, value, definition) if value else ""
        long = question.kind == "long_text"
        words = word_count(text) if long else 0
        judged_by = " ".join(c.code for c in criteria if question.key in c.answers)
        entries.append(Entry(question.key, question.label, text, long, words, judged_by))
    figure = figure_of(section, answers)
    drawn = figure and any(item["value"] is not None for item in figure["items"])
    return {"entries": entries, "figure": figure if drawn else None}


def figure_of(section: Section, answers: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the properties of `score_bars` for the picture of a section; None when it has none.

    An answer that is missing or no number is drawn as no bar. Labels lose what they share before ": ".
    """
    figure = section.figure
    if figure is None:
        return None
    labels = {question.key: question.label for question in section.questions}
    items = []
    for key in figure.questions:
        text = str(answers.get(key) or "")
        items.append(
            {
                "key": key,
                "label": labels[key].partition(": ")[2] or labels[key],
                "text": text,
                "value": _number(text),
            }
        )
    return {
        "caption": figure.title,
        "items": items,
        "minimum": f"{figure.minimum:f}",
        "maximum": f"{figure.maximum:f}",
    }


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) else None
