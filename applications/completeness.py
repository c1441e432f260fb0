"""What an application still lacks: the one strict list, used at submit and shown all along."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from programs.schema import ProgramDefinition, Question, Section

PICKED = ("choice", "multi_choice", "yes_no")


@dataclass(frozen=True)
class Missing:
    """One thing to mend: the section it is in, the id of its field, a sentence, the section's title."""

    section: str
    anchor: str
    sentence: str
    title: str = ""


@dataclass(frozen=True)
class Rows:
    """The ids of the rows behind the content's sites and members, in the same order."""

    sites: Sequence[int] = ()
    members: Sequence[int] = ()


NO_ROWS = Rows()


def missing_items(
    content: Mapping[str, Any],
    definition: ProgramDefinition,
    plans_here: set[str],
    rows: Rows = NO_ROWS,
) -> list[Missing]:
    """Return everything that stands between `content` and submission, in the order of the form.

    `plans_here` are the names of the plans that operate in a county of a site; `rows` are the ids that
    lead to the fields of sites and members.
    """
    items: list[Missing] = []
    for section in definition.sections:
        if section.kind == "practice":
            items += _practice(section, content["practice"])
        elif section.kind == "sites":
            items += _sites(section, content["sites"], rows.sites)
        elif section.kind == "members":
            items += _counts(section, content["members"], rows.members)
            items += _members(section, content, plans_here)
        elif section.kind == "questions":
            items += _questions(section, content["answers"])
    return items


def word_count(text: str) -> int:
    """Return the number of words: runs of characters between white space."""
    return len(text.split())


def is_asked(question: Question, answers: Mapping[str, Any]) -> bool:
    """Tell whether the question applies, given the answer it depends on."""
    if question.only_if is None:
        return True
    given = answers.get(question.only_if.question) or ""
    wanted = question.only_if.includes
    return wanted in given if isinstance(given, list) else wanted == given


def _practice(section: Section, practice: Mapping[str, Any]) -> Iterator[Missing]:
    needed = (
        ("name", "id_name", _("Give the legal name of the practice.")),
        ("npi", "id_npi", _("Give the practice's organizational NPI.")),
        ("tin", "id_tin", _("Give the practice's TIN.")),
        ("specialties", "id_specialties_0", _("Choose at least one primary care specialty.")),
        ("practice_types", "id_practice_types_0", _("Choose at least one practice type.")),
        ("ehr", "id_ehr", _("Name the electronic health record (EHR) you use, or write “none”.")),
    )
    for key, anchor, sentence in needed:
        if not practice[key]:
            yield Missing(section.key, anchor, sentence, section.title)


def _sites(
    section: Section, sites: Sequence[Mapping[str, Any]], ids: Sequence[int]
) -> Iterator[Missing]:
    if not sites:
        yield Missing(section.key, "add", _("Add at least one site."), section.title)
    needed = (
        ("name", "name", _("Name site %(n)d.")),
        ("street", "street", _("Give the street address of %(site)s.")),
        ("city", "city", _("Give the city of %(site)s.")),
        ("zip", "zip_code", _("Give the ZIP code of %(site)s.")),
    )
    for number, site in enumerate(sites, start=1):
        words = {"n": number, "site": site["name"] or _("site %(n)d") % {"n": number}}
        for key, field, sentence in needed:
            if not site[key]:
                anchor = _anchor("site", ids, number, field)
                yield Missing(section.key, anchor, sentence % words, section.title)


def _counts(
    section: Section, members: Sequence[Mapping[str, Any]], ids: Sequence[int]
) -> Iterator[Missing]:
    needed = (
        ("plan", "plan", _("Choose the plan of entry %(n)d.")),
        ("members", "members", _("Give the number of members of %(plan)s.")),
        ("as_of", "as_of", _("Give the day on which the members of %(plan)s were counted.")),
    )
    today = timezone.localdate().isoformat()
    for number, row in enumerate(members, start=1):
        words = {"n": number, "plan": row["plan"] or _("entry %(n)d") % {"n": number}}
        for key, field, sentence in needed:
            if not row[key]:
                anchor = _anchor("member", ids, number, field)
                yield Missing(section.key, anchor, sentence % words, section.title)
        if row["as_of"] > today:
            anchor = _anchor("member", ids, number, "as_of")
            sentence = _("The members of %(plan)s are counted on a day in the future.")
            yield Missing(section.key, anchor, sentence % words, section.title)


def _anchor(kind: str, ids: Sequence[int], number: int, field: str) -> str:
    """Return the id of a row's field; of the list, when the row has no page of its own."""
    return f"id_{kind}-{ids[number - 1]}-{field}" if number <= len(ids) else "rows"


def _members(
    section: Section, content: Mapping[str, Any], plans_here: set[str]
) -> Iterator[Missing]:
    plans = {row["plan"] for row in content["members"] if row["plan"]}
    chosen = content["designated_mcp"]
    title = section.title
    if not content["members"]:
        sentence = _("Add your members for at least one plan.")
        yield Missing(section.key, "add", sentence, title)
    if not chosen:
        sentence = _("Choose the plan that scores this.")
        yield Missing(section.key, "id_designated_mcp", sentence, title)
    elif chosen not in plans:
        sentence = _("%(plan)s scores this application, so it must be in your members table.")
        yield Missing(section.key, "id_designated_mcp", sentence % {"plan": chosen}, title)
    elif content["sites"] and chosen not in plans_here:
        sentence = _("%(plan)s does not operate in a county of your sites. Choose another plan.")
        yield Missing(section.key, "id_designated_mcp", sentence % {"plan": chosen}, title)


def _questions(section: Section, answers: Mapping[str, Any]) -> Iterator[Missing]:
    for question in section.questions:
        if not is_asked(question, answers):
            continue
        value = answers.get(question.key)
        anchor = f"id_{question.key}{'_0' if question.kind in PICKED else ''}"
        if not value:
            if question.required:
                sentence = _("Answer “%(label)s”.") % {"label": question.label}
                yield Missing(section.key, anchor, sentence, section.title)
        elif question.word_limit and word_count(str(value)) > question.word_limit:
            sentence = _("“%(label)s” has %(count)d words; the limit is %(limit)d.") % {
                "label": question.label,
                "count": word_count(str(value)),
                "limit": question.word_limit,
            }
            yield Missing(section.key, anchor, sentence, section.title)
