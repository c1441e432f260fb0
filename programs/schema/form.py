"""The application form as data: sections, questions and their choices."""

from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

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


class Figure(Part):
    """A picture of some number answers as bars from `minimum` to `maximum`, beside their table."""

    title: Text
    questions: tuple[Key, ...] = Field(min_length=1)
    minimum: Decimal
    maximum: Decimal


class Section(SourcedPart):
    """A page of the application; kinds other than `questions` have forms of their own."""

    key: Key
    title: Text
    kind: SectionKind
    intro: str = ""
    questions: tuple[Question, ...] = ()
    figure: Figure | None = None

    @model_validator(mode="after")
    def figure_draws_numbers_of_this_section(self) -> "Section":
        """A picture names questions of its own section that are answered with numbers."""
        numbers = {q.key for q in self.questions if q.kind in NUMBER_KINDS}
        unknown = [
            key for key in (self.figure.questions if self.figure else ()) if key not in numbers
        ]
        if unknown:
            message = f"The figure names {unknown[0]}, which is no number question of this section."
            raise ValueError(message)
        return self


class DocumentKind(SourcedPart):
    """A kind of file that a practice can add; `required` ones are asked for at submit."""

    key: Key
    label: Text
    help: str = ""
    required: bool = False
