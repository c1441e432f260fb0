"""The shape of a program definition: what a YAML file must hold to become a program."""

from programs.schema.base import Part, Source, SourcedPart
from programs.schema.definition import ProgramDefinition
from programs.schema.eligibility import EligibilityCheck
from programs.schema.form import Choice, DocumentKind, OnlyIf, Question, Section
from programs.schema.loading import (
    ProgramFileError,
    canonical_json,
    load_definition,
    read_program,
    sha256,
)
from programs.schema.rubric import Criterion, Level, Rubric, RubricSection
from programs.schema.rules import (
    EMAIL_KINDS,
    PLACEHOLDERS,
    Attestation,
    Band,
    EmailText,
    Milestone,
    PaymentRules,
    PriorityPoint,
    ScoringRules,
    SelectionRules,
    Target,
)
from programs.schema.samples import ReferencePoints, SampleApplication

__all__ = [
    "EMAIL_KINDS",
    "PLACEHOLDERS",
    "Attestation",
    "Band",
    "Choice",
    "Criterion",
    "DocumentKind",
    "EligibilityCheck",
    "EmailText",
    "Level",
    "Milestone",
    "OnlyIf",
    "Part",
    "PaymentRules",
    "PriorityPoint",
    "ProgramDefinition",
    "ProgramFileError",
    "Question",
    "ReferencePoints",
    "Rubric",
    "RubricSection",
    "SampleApplication",
    "ScoringRules",
    "Section",
    "SelectionRules",
    "Source",
    "SourcedPart",
    "Target",
    "canonical_json",
    "load_definition",
    "read_program",
    "sha256",
]
