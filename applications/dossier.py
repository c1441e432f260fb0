"""Everything about one application for the practice's own pages, loaded once a request."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from applications import content as contents
from applications.completeness import Missing, missing_items
from applications.models import Answer, Application, Practice
from applications.queries import answers_of, practice_of
from core.canonical import canonical_json, digest
from programs.queries import hpi_for_zips, plans_for_counties
from programs.schema import ProgramDefinition, Section


@dataclass
class Dossier:
    """An application with its practice and answers; what is derived is worked out when asked for."""

    application: Application
    practice: Practice
    answers: Mapping[str, Answer] = field(default_factory=dict)

    @classmethod
    def load(cls, application: Application) -> "Dossier":
        """Read profile, sites, members and answers (5 queries; 2 more for the missing list)."""
        practice = practice_of(application.practice)
        return cls(application, practice, answers_of(application))

    @property
    def definition(self) -> ProgramDefinition:
        """The program definition that this application was made with."""
        return self.application.cycle.definition

    @cached_property
    def content(self) -> dict[str, Any]:
        """The content as one document."""
        zips = {site.zip_code for site in self.practice.sites.all()}
        quartiles = hpi_for_zips(zips) if zips else {}
        return contents.build(self.application, self.practice, self.answers, quartiles)

    @property
    def digest(self) -> str:
        """SHA-256 of the content as it is now: what a signer has read."""
        return digest(canonical_json(self.content))

    @cached_property
    def missing(self) -> list[Missing]:
        """What stands between this application and submission."""
        counties = {site.county for site in self.practice.sites.all()}
        plans = {plan.name for plan in plans_for_counties(counties)} if counties else set()
        return missing_items(self.content, self.definition, plans)

    def missing_in(self, section: Section) -> list[Missing]:
        """What is missing in one section."""
        return [item for item in self.missing if item.section == section.key]

    def started(self, section: Section) -> bool:
        """Tell whether anything was entered in the section."""
        if section.kind == "sites":
            return bool(self.content["sites"])
        if section.kind == "members":
            return bool(self.content["members"])
        if section.kind == "practice":
            return bool(self.practice.npi)
        return any(self.content["answers"].get(question.key) for question in section.questions)

    def touched(self, section: Section) -> tuple[str, Any] | None:
        """Return who changed the section last and when, or None."""
        if section.kind in ("practice", "sites", "members"):
            named = self.practice.updated_by
            return (named, self.practice.updated_at) if named and self.started(section) else None
        rows = [self.answers[q.key] for q in section.questions if q.key in self.answers]
        last = max(rows, key=lambda row: row.updated_at, default=None)
        return (last.updated_by, last.updated_at) if last else None
