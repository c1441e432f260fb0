"""The application form as data: sections, questions and their choices."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from programs.schema.base import Key, Part, SourcedPart, Text

QuestionKind = Literal[
    "short_text",
    "long_text",
    "email",
    "integer",
    "decimal",
    "date",
    "yes_no",
    "choice",
    "multi_choice",
]
SectionKind = Literal["practice", "sites", "members", "questions", "sign"]
ChoiceList = Literal[
    "populations", "practice_types", "specialties", "activity_areas", "optional_areas"
]
CHOICE_LISTS: tuple[str, ...] = ChoiceList.__args__  # type: ignore[attr-defined]
CHOICE_KINDS = frozenset({"choice", "multi_choice"})
NUMBER_KINDS = frozenset({"integer", "decimal"})
TEXT_KINDS = frozenset({"short_text", "long_text"})


class Choice(Part):
    """One answer a person can pick; `value` is stored, `label` is shown."""

    value: Key
    label: Text
    description: str = ""
    source: Literal["", "C", "I", "R", "X", "N"] = ""

    @property
    def is_sample(self) -> bool:
        """True when DHCS has not published this choice."""
        return self.source in {"R", "X", "N"}


class OnlyIf(Part):
    """A question is asked only when the answer to `question` is or contains `includes`."""

    question: Key
    includes: str


class Question(SourcedPart):
    """One question. `word_limit` counts words; `minimum` and `maximum` bound numbers, inclusive."""

    key: Key
    label: Text
    help: str = ""
    kind: QuestionKind
    required: bool = False
    word_limit: int | None = Field(default=None, ge=1)
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    choices: tuple[Choice, ...] = ()
    choices_from: ChoiceList | None = None
    only_if: OnlyIf | None = None


class Section(SourcedPart):
    """A page of the application; kinds other than `questions` have forms of their own."""

    key: Key
    title: Text
    kind: SectionKind
    intro: str = ""
    questions: tuple[Question, ...] = ()
