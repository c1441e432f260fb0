"""A whole program definition and the look-ups other apps use."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from programs.schema.base import Part, Text
from programs.schema.checks import find_faults
from programs.schema.eligibility import EligibilityCheck
from programs.schema.form import Choice, DocumentKind, Question, Section
from programs.schema.rubric import Criterion, Rubric
from programs.schema.rules import (
    Attestation,
    EmailKind,
    EmailText,
    Milestone,
    PaymentRules,
    ScoringRules,
    SelectionRules,
)
from programs.schema.samples import SampleApplication
from programs.schema.translations import translated

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=50)]
Choices = Annotated[tuple[Choice, ...], Field(min_length=1)]
LanguageCode = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]{2,4})?$")]


class ProgramDefinition(Part):
    """Everything that makes one program: form, rubric, rules, payment and texts.

    Raises `pydantic.ValidationError` when its parts do not fit together (see `checks`).
    """

    slug: Slug
    title: Text
    short_title: Text
    reference_prefix: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,9}$")]
    summary: Text
    sections: Annotated[tuple[Section, ...], Field(min_length=1)]
    rubric: Rubric
    populations: Choices
    practice_types: Choices
    specialties: Choices
    activity_areas: Choices
    optional_areas: tuple[Choice, ...] = ()
    scoring: ScoringRules
    selection: SelectionRules
    payment: PaymentRules
    attestations: Annotated[tuple[Attestation, ...], Field(min_length=1)]
    emails: dict[EmailKind, EmailText]
    documents: tuple[DocumentKind, ...] = ()
    eligibility: tuple[EligibilityCheck, ...] = ()
    samples: tuple[SampleApplication, ...] = ()
    translations: dict[LanguageCode, dict[Text, Text]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def refuse_faults(self) -> Self:
        """Refuse parts that contradict one another, naming every fault."""
        faults = find_faults({name: getattr(self, name) for name in type(self).model_fields})
        if faults:
            listed = "\n".join(f"{fault.path}: {fault.sentence}" for fault in faults)
            raise PydanticCustomError("program_faults", "{listed}", {"listed": listed})
        return self

    def in_language(self, code: str) -> Self:
        """The same program in the words of a language; without translations, itself."""
        texts = self.translations.get(code)
        return translated(self, texts) if texts else self

    def choices_of(self, question: Question) -> tuple[Choice, ...]:
        """The choices of a question, its own or those of the list it names; else empty."""
        if question.choices_from:
            return getattr(self, question.choices_from)
        return question.choices

    def questions(self) -> tuple[Question, ...]:
        """Every question of every section, in order."""
        return tuple(question for section in self.sections for question in section.questions)

    def question(self, key: str) -> Question:
        """The question with this key; KeyError when there is none."""
        return _only(key, (q for q in self.questions() if q.key == key))

    def section(self, key: str) -> Section:
        """The section with this key; KeyError when there is none."""
        return _only(key, (s for s in self.sections if s.key == key))

    def criteria(self) -> tuple[Criterion, ...]:
        """Every criterion of the rubric, in order."""
        return tuple(c for section in self.rubric.sections for c in section.criteria)

    def criterion(self, code: str) -> Criterion:
        """The criterion with this code; KeyError when there is none."""
        return _only(code, (c for c in self.criteria() if c.code == code))

    def sample(self, key: str) -> SampleApplication:
        """The sample application with this key; KeyError when there is none."""
        return _only(key, (sample for sample in self.samples if sample.key == key))

    def milestones_for(self, count: int) -> tuple[Milestone, ...]:
        """The milestones of a practice that has `count` of them; droppable ones go first."""
        milestones = self.payment.milestones
        if count == len(milestones):
            return milestones
        return tuple(milestone for milestone in milestones if not milestone.can_drop)


def _only(key, found):
    part = next(iter(found), None)
    if part is None:
        raise KeyError(key)
    return part
