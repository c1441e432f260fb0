"""Everything about one application for the practice's own pages, loaded once a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from accounts.models import Organisation
from applications import content as contents
from applications.completeness import Missing, Rows, missing_items
from applications.documents import missing_documents
from applications.enums import Status
from applications.models import Answer, Application, Attachment, Practice
from applications.queries import (
    answers_of,
    attachments_in_force,
    correction_notes,
    practice_in,
)
from core.canonical import canonical_json, digest
from core.fields import last_change
from programs.models import HpiQuartile
from programs.queries import hpi_for_zips, plans_for_counties
from programs.schema import ProgramDefinition, Section


@dataclass
class Dossier:
    """An application with its practice and answers; what is derived is worked out when asked for."""

    application: Application
    practice: Practice
    answers: Mapping[str, Answer] = field(default_factory=dict)
    attachments: Sequence[Attachment] = ()

    @classmethod
    def load(cls, application: Application) -> "Dossier":
        """Read profile, sites, members, answers and files (5 queries; 2 more for the missing list)."""
        practice = practice_in(application)
        return cls(
            application, practice, answers_of(application), attachments_in_force(application)
        )

    @property
    def definition(self) -> ProgramDefinition:
        """The program definition that this application was made with, in the language of the page."""
        return self.application.cycle.localized

    @cached_property
    def content(self) -> dict[str, Any]:
        """The content as one document."""
        return contents.build(
            self.application, self.practice, self.answers, self.quartiles, self.attachments
        )

    @cached_property
    def quartiles(self) -> Mapping[str, HpiQuartile]:
        """The HPI quartiles of the sites by ZIP code."""
        zips = {site.zip_code for site in self.practice.sites.all()}
        return hpi_for_zips(zips) if zips else {}

    @property
    def digest(self) -> str:
        """SHA-256 of the content as it is now: what a signer has read."""
        return digest(canonical_json(self.content))

    @cached_property
    def plans_here(self) -> Sequence[Organisation]:
        """The plans that operate in a county of a site."""
        counties = {site.county for site in self.practice.sites.all()}
        return list(plans_for_counties(counties)) if counties else []

    @cached_property
    def missing(self) -> list[Missing]:
        """What stands between this application and submission."""
        plans = {plan.name for plan in self.plans_here}
        rows = Rows(
            sites=[site.pk for site in self.practice.sites.all()],
            members=[count.pk for count in self.practice.member_counts.all()],
        )
        shown = self.application.cycle.localized
        return [
            *missing_items(self.content, shown, plans, rows),
            *missing_documents(self.attachments, self.definition),
        ]

    @cached_property
    def notes(self) -> Mapping[str, str]:
        """What the last return asks for by section key; empty unless it is being corrected."""
        returned = self.application.status == Status.RETURNED
        return correction_notes(self.application) if returned else {}

    @property
    def held(self) -> Sequence[Mapping[str, Any]]:
        """Key, person's id and name of each text that a newer version kept out."""
        return getattr(self.practice, "held_read", ())

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
            return self._touched_facts(section.kind) if self.started(section) else None
        rows = [self.answers[q.key] for q in section.questions if q.key in self.answers]
        last = max(rows, key=lambda row: row.updated_at, default=None)
        return (last.updated_by, last.updated_at) if last else None

    def _touched_facts(self, kind: str) -> tuple[str, datetime] | None:
        """Who changed the practice's own facts of one kind last; its rows first, then as a whole."""
        practice = self.practice
        versions = {
            "practice": [{k: v for k, v in practice.versions.items() if ":" not in k}],
            "sites": [site.versions for site in practice.sites.all()],
            "members": [count.versions for count in practice.member_counts.all()],
        }[kind]
        found = [change for change in map(last_change, versions) if change]
        if found:
            return max(found, key=lambda change: change[1])
        return (practice.updated_by, practice.updated_at) if practice.updated_by else None
