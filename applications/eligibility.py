"""The check before sign-up: what somebody answered, and what each answer means. No database.

Answers are a dict that fits into a session and into a URL: `specialties` (list of values), `members`
(whole number), `county` (name), `plan` (slug, or ""), and for each yes/no check its key ("yes" or "no")
and its key + "_on" (a day as 2026-12-31, or "").
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from programs.packaged import packaged_for_readers
from programs.schema import EligibilityCheck, ProgramDefinition

Answers = Mapping[str, Any]
DAY = "_on"
NAMES = {"specialties": "specialties", "members": "members", "county": "county"}


@dataclass(frozen=True)
class Verdict:
    """One check with its result: met or not yet, and what was answered in words."""

    check: EligibilityCheck
    met: bool
    answer: str

    @property
    def sentence(self) -> str:
        """What the result means."""
        return self.check.met if self.met else self.check.not_yet


def checks_of(definition: ProgramDefinition) -> tuple[EligibilityCheck, ...]:
    """Return the checks of a program; a version stored before there were any has the packaged ones."""
    packaged = packaged_for_readers()
    if not definition.eligibility and definition.slug == packaged.slug:
        return packaged.eligibility
    return definition.eligibility


def name_of(check: EligibilityCheck) -> str:
    """Return the name of the check's answer."""
    return NAMES.get(check.kind, check.key)


def verdicts(
    definition: ProgramDefinition, answers: Answers, plans_here: Collection[object]
) -> list[Verdict]:
    """Judge every answer, in the order of the checks; `plans_here` are the plans of the county."""
    return [
        Verdict(check, _is_met(check, answers, plans_here), _in_words(check, answers, definition))
        for check in checks_of(definition)
    ]


def holds_up(found: Sequence[Verdict], need: str) -> bool:
    """Tell whether something is not yet there that is needed to `need` ("start" or "submit")."""
    return any(not verdict.met and verdict.check.needed_to == need for verdict in found)


def dated_answers(definition: ProgramDefinition, answers: Answers) -> dict[str, str]:
    """Return the days that were given, by the key of the question of the form that they answer."""
    return {
        check.answers: answers[check.key + DAY]
        for check in checks_of(definition)
        if check.answers and answers.get(check.key) == "yes" and answers.get(check.key + DAY)
    }


def _is_met(check: EligibilityCheck, answers: Answers, plans_here: Collection[object]) -> bool:
    given = answers.get(name_of(check))
    if check.kind == "members":
        return (given or 0) >= check.minimum
    if check.kind == "county":
        return bool(given) and bool(plans_here)
    if check.kind == "specialties":
        return bool(given)
    return given == "yes"


def _in_words(check: EligibilityCheck, answers: Answers, definition: ProgramDefinition) -> str:
    given = answers.get(name_of(check))
    if check.kind == "members":
        return f"{given or 0:,}"
    if check.kind == "county":
        return _("%(county)s County") % {"county": given} if given else ""
    if check.kind == "specialties":
        labels = [
            choice.label for choice in definition.specialties if choice.value in (given or ())
        ]
        return ", ".join(labels) or _("None of these")
    return _("Yes") if given == "yes" else _("Not yet")
