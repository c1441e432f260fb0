"""What an application still lacks: the one strict list, used at submit and shown all along."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from programs.schema import ProgramDefinition, Question, Section

PICKED = ("choice", "multi_choice", "yes_no")


@dataclass(frozen=True)
class Missing:
    """One thing to mend: the section it is in, the id of its field, and a sentence."""

    section: str
    anchor: str
    sentence: str


def missing_items(
    content: Mapping[str, Any], definition: ProgramDefinition, plans_here: set[str]
) -> list[Missing]:
    """Return everything that stands between `content` and submission, in the order of the form.

    `plans_here` are the names of the plans that operate in a county of a site.
    """
    items: list[Missing] = []
    for section in definition.sections:
        if section.kind == "practice":
            items += _practice(section, content["practice"])
        elif section.kind == "sites":
            items += _sites(section, content["sites"])
        elif section.kind == "members":
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
            yield Missing(section.key, anchor, sentence)


def _sites(section: Section, sites: list[Mapping[str, Any]]) -> Iterator[Missing]:
    if not sites:
        yield Missing(section.key, "id_form-0-name", _("Add at least one site."))


def _members(
    section: Section, content: Mapping[str, Any], plans_here: set[str]
) -> Iterator[Missing]:
    plans = {row["plan"] for row in content["members"]}
    chosen = content["designated_mcp"]
    if not plans:
        yield Missing(section.key, "id_form-0-plan", _("Add your members for at least one plan."))
    if not chosen:
        yield Missing(section.key, "id_designated_mcp", _("Choose the plan that scores this."))
    elif chosen not in plans:
        sentence = _("%(plan)s scores this application, so it must be in your members table.")
        yield Missing(section.key, "id_designated_mcp", sentence % {"plan": chosen})
    elif content["sites"] and chosen not in plans_here:
        sentence = _("%(plan)s does not operate in a county of your sites. Choose another plan.")
        yield Missing(section.key, "id_designated_mcp", sentence % {"plan": chosen})


def _questions(section: Section, answers: Mapping[str, Any]) -> Iterator[Missing]:
    for question in section.questions:
        if not is_asked(question, answers):
            continue
        value = answers.get(question.key)
        anchor = f"id_{question.key}{'_0' if question.kind in PICKED else ''}"
        if not value:
            if question.required:
                sentence = _("Answer “%(label)s”.") % {"label": question.label}
                yield Missing(section.key, anchor, sentence)
        elif question.word_limit and word_count(str(value)) > question.word_limit:
            sentence = _("“%(label)s” has %(count)d words; the limit is %(limit)d.") % {
                "label": question.label,
                "count": word_count(str(value)),
                "limit": question.word_limit,
            }
            yield Missing(section.key, anchor, sentence)
