"""Synthetic answers to whatever questions the program definition asks."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random

from django.utils.text import slugify

from applications.completeness import is_asked
from applications.models import Answer, Application
from core.times import PACIFIC
from programs.schema import ProgramDefinition, Question
from selection.seeding import words
from selection.seeding.practices import OWNERS_DOMAIN, Made
from selection.seeding.texts import narrative, person_name


def answers_to(
    definition: ProgramDefinition,
    application: Application,
    made: Made,
    *,
    at: datetime,
    sections: int | None = None,
) -> dict[str, Answer]:
    """Return the answers by key: to every question asked, or to the first `sections` sections only.

    The last of those is then answered by half.
    """
    asked = [section for section in definition.sections if section.kind == "questions"]
    values: dict[str, str | list[str]] = {}
    for index, section in enumerate(asked[:sections]):
        half = sections is not None and index == sections - 1
        for question in section.questions[: len(section.questions) // 2 + 1 if half else None]:
            if is_asked(question, values):
                value = _answer(question, definition, made, at, values)
                if value:
                    values[question.key] = value
    by = made.owner.user.full_name
    return {
        key: Answer(
            application=application, key=key, value=value, version=1, updated_at=at, updated_by=by
        )
        for key, value in values.items()
    }


def _answer(
    question: Question,
    definition: ProgramDefinition,
    made: Made,
    at: datetime,
    given: Mapping[str, str | list[str]],
) -> str | list[str]:
    rng, target = made.rng, made.target
    if question.kind == "long_text":
        group = words.GROUPS.get(target.population, "our patients")
        value = narrative(question.key, question.word_limit, group, made.city, rng)
    elif question.kind in ("short_text", "email"):
        value = _short(question.key, given, rng)
    elif question.kind == "integer":
        value = str(int(question.minimum or 0) + rng.randint(0, 5))
    elif question.kind == "decimal":
        value = _decimal(question, made)
    elif question.kind == "date":
        value = _day(at, rng).isoformat()
    elif question.kind == "yes_no":
        value = rng.choice(("yes", "no"))
    else:
        return _choice(question, definition, made)
    return value


def _choice(question: Question, definition: ProgramDefinition, made: Made) -> str | list[str]:
    rng = made.rng
    if question.choices_from == "populations":
        return made.target.population
    choices = [choice.value for choice in definition.choices_of(question)]
    if question.kind == "choice":
        return rng.choice(choices)
    fewest = 1 if question.required else 0
    return sorted(rng.sample(choices, min(max(rng.choice((0, 1, 1, 2, 3)), fewest), len(choices))))


def _short(key: str, given: Mapping[str, str | list[str]], rng: Random) -> str:
    """Return a name, or the address of the person who was named just before."""
    if key.endswith("_email"):
        name = given.get(key.removesuffix("_email") + "_name") or person_name(rng)
        return f"{slugify(str(name))}@{OWNERS_DOMAIN}"
    return person_name(rng)


def _decimal(question: Question, made: Made) -> str:
    """Return an average that goes along with the score, with one decimal at most."""
    lowest, highest = float(question.minimum or 0), float(question.maximum or 10)
    drawn = made.rng.gauss(made.target.mcp_score / 10, 1.2)
    return format(min(max(round(drawn, 1), lowest), highest), "g")


def _day(at: datetime, rng: Random) -> date:
    return (at - timedelta(days=rng.randint(1, 20))).astimezone(PACIFIC).date()
