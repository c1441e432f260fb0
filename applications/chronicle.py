"""What happened to an application, in words: the practice's own view and the staff's. No queries."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts.enums import OrganisationKind
from applications.diffing import Difference, SectionChanges, changes_between, difference
from applications.documents import label_of
from applications.enums import Status
from applications.history import Happening
from applications.models import ApplicationTransition
from applications.reading import answer_text
from applications.whereabouts import EVENTS, events
from applications.workflow import TRANSITIONS
from core.times import day, long
from programs.schema import ProgramDefinition, Question, Section

PUBLIC_STEPS = (*EVENTS, "return")
ALL_STEPS = tuple(TRANSITIONS)


@dataclass(frozen=True)
class Entry:
    """One entry of the history: when, who, what, and what changed by it.

    `section` is the title of the part of the form, `key` its key (empty when there is none).
    """

    at: datetime
    who: str
    title: str
    section: str = ""
    key: str = ""
    note: str = ""
    differences: list[Difference] = field(default_factory=list)
    changes: list[SectionChanges] = field(default_factory=list)


def for_practice(found: Sequence[Happening], definition: ProgramDefinition) -> list[Entry]:
    """Return the practice's whole history in its own words; what changed nothing is left out."""
    told: dict[str, Callable[[Happening, ProgramDefinition], Entry]] = {
        "answer": _answer,
        "member": _member,
        "profile": _profile,
        "site": _site,
        "step": _public_step,
        "late": _late,
        "file": _file,
        "plan": _plan,
        "start": _start,
    }
    entries = [told[one.source](one, definition) for one in found]
    return [
        entry
        for one, entry in zip(found, entries, strict=True)
        if entry.differences or one.source in ("step", "late", "file", "start")
    ]


def for_staff(
    found: Sequence[Happening], definition: ProgramDefinition, signed: Mapping[int, str]
) -> list[Entry]:
    """Return the steps in the staff's words; `signed` are the signed contents by their number.

    A second or later submission says what changed since the one before.
    """
    entries = []
    for one in found:
        number = one.detail["number"]
        again = one.detail["name"] == "submit" and number in signed and number - 1 in signed
        changes = changes_between(signed[number - 1], signed[number], definition) if again else []
        title = _("Submitted again") if again else str(Status(one.detail["to"]).label)
        entries.append(Entry(one.at, one.actor, title, note=one.detail["reason"], changes=changes))
    return entries


def submissions_to_compare(found: Sequence[Happening]) -> set[int]:
    """Return the numbers of the submissions that `for_staff` compares."""
    again = {
        one.detail["number"]
        for one in found
        if one.detail["name"] == "submit" and one.detail["number"] > 1
    }
    return again | {number - 1 for number in again}


def _who(happening: Happening) -> str:
    """Return the person's name; histories keep "name (role, organisation)"."""
    return happening.actor.partition(" (")[0] or _("The portal")


def _of_kind(definition: ProgramDefinition, kind: str) -> Section:
    return next(section for section in definition.sections if section.kind == kind)


def _entry(happening: Happening, section: Section, title: str, found: list[Difference]) -> Entry:
    return Entry(
        happening.at, _who(happening), title, section.title, section.key, differences=found
    )


def _answer(happening: Happening, definition: ProgramDefinition) -> Entry:
    before, after = happening.before or {}, happening.after or {}
    key = after.get("key", before.get("key", ""))
    for section in definition.sections:
        for question in section.questions:
            if question.key == key:
                old = _shown(question, before.get("value"), definition)
                new = _shown(question, after.get("value"), definition)
                long_text = question.kind == "long_text"
                found = [difference(key, "", old, new, long=long_text)] if old != new else []
                return _entry(happening, section, question.label, found)
    return Entry(happening.at, _who(happening), key)


def _shown(question: Question, value: object, definition: ProgramDefinition) -> str:
    return answer_text(question, value, definition) if value else ""


def _profile(happening: Happening, definition: ProgramDefinition) -> Entry:
    names = {
        "specialties": {c.value: c.label for c in definition.specialties},
        "practice_types": {c.value: c.label for c in definition.practice_types},
    }
    labels = {
        "dba": _("Doing business as"),
        "npi": _("Organizational NPI"),
        "specialties": _("Primary care specialties"),
        "practice_types": _("Practice type"),
        "ehr": _("Electronic health record (EHR)"),
        "website": _("Website"),
    }

    def shown(key: str, value: Any) -> str:
        if isinstance(value, list):
            return ", ".join(str(names[key].get(item, item)) for item in value)
        return value or ""

    found = _fields(happening, labels, shown)
    before, after = happening.before or {}, happening.after or {}
    if before.get("tin") != after.get("tin"):
        found.append(Difference("tin", _("The TIN changed. It is not shown here."), "changed"))
    return _entry(happening, _of_kind(definition, "practice"), _("Practice details"), found)


def _site(happening: Happening, definition: ProgramDefinition) -> Entry:
    labels = {
        "name": _("Site"),
        "street": _("Street"),
        "city": _("City"),
        "zip": _("ZIP code"),
        "county": _("County"),
        "npi": _("Site NPI"),
    }
    found = _fields(happening, labels, lambda _key, value: value or "")
    name = (happening.after or happening.before or {}).get("name") or _("A site without a name yet")
    return _entry(happening, _of_kind(definition, "sites"), _row_title(happening, name), found)


def _member(happening: Happening, definition: ProgramDefinition) -> Entry:
    labels = {
        "plan": _("Medi-Cal plan (MCP)"),
        "members": _("Assigned members"),
        "as_of": _("Counted on"),
    }

    def shown(key: str, value: Any) -> str:
        if key == "as_of" and value:
            return day(date.fromisoformat(value))
        return f"{value:,}" if isinstance(value, int) else value or ""

    found = _fields(happening, labels, shown)
    name = (happening.after or happening.before or {}).get("plan") or _("A plan not chosen yet")
    return _entry(happening, _of_kind(definition, "members"), _row_title(happening, name), found)


def _row_title(happening: Happening, name: str) -> str:
    if happening.after is None:
        return _("%(name)s: removed") % {"name": name}
    return (_("%(name)s: added") if happening.before is None else "%(name)s") % {"name": name}


def _fields(
    happening: Happening, labels: Mapping[str, str], shown: Callable[[str, Any], str]
) -> list[Difference]:
    """Return one difference whose cells are the fields that differ, or none."""
    before, after = happening.before or {}, happening.after or {}
    whole = happening.before is None or happening.after is None
    cells = []
    for key, label in labels.items():
        old, new = shown(key, before.get(key)), shown(key, after.get(key))
        if old != new:
            cells.append(difference(key, label, old, new, is_row=whole))
    return [Difference("", "", "changed", cells=cells, is_row=True)] if cells else []


def _public_step(happening: Happening, definition: ProgramDefinition) -> Entry:
    step = ApplicationTransition(
        name=happening.detail["name"],
        side=happening.detail["side"],
        reason=happening.detail["reason"],
        created_at=happening.at,
    )
    [public] = events([step])
    sides = {str(OrganisationKind.MCP): _("Your plan"), str(OrganisationKind.DHCS): _("DHCS")}
    who = sides.get(step.side, _who(happening))
    return Entry(happening.at, who, public["title"], note=public["reason"])


def _late(happening: Happening, definition: ProgramDefinition) -> Entry:
    until = long(datetime.fromisoformat(happening.detail["until"]))
    title = _("You may apply late, until %(until)s") % {"until": until}
    return Entry(happening.at, _("DHCS"), title, note=happening.detail["reason"])


def _file(happening: Happening, definition: ProgramDefinition) -> Entry:
    detail = happening.detail
    title = {
        "added": _("File added: %(name)s"),
        "removed": _("File removed: %(name)s"),
        "replaced": _("File %(old)s replaced by %(name)s"),
    }[detail["act"]] % {"name": detail["name"], "old": detail.get("old")}
    kind = label_of(detail["kind"], definition)
    return Entry(happening.at, _who(happening), title, kind, "documents")


def _plan(happening: Happening, definition: ProgramDefinition) -> Entry:
    label = _("Plan that scores this")
    names = happening.detail["before"] or "", happening.detail["after"] or ""
    found = [difference("designated_mcp", "", *names)]
    return _entry(happening, _of_kind(definition, "members"), label, found)


def _start(happening: Happening, definition: ProgramDefinition) -> Entry:
    return Entry(happening.at, _who(happening), _("Application started"))
