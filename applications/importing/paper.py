"""One application that came on paper, as it was read: nothing stored yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, cast

from accounts.models import Organisation
from applications import content as contents
from applications.models import Answer, Application, MemberCount, Practice, Site
from core.times import PACIFIC
from programs.geography import county_of_zip
from programs.models import Cycle, HpiQuartile


@dataclass
class Paper:
    """A row of the file: what it says, and every reason why it can't be taken as it is.

    `digest` is the SHA-256 of the row's cells, with the TIN as a keyed hash. `facts` holds the fixed
    columns as values (dates, numbers, lists, an NPI of ten digits, a TIN of nine), `sites` and `answers`
    the rest; they are complete only when there are no `reasons`.
    """

    line: int
    paper_id: str = ""
    name: str = ""
    digest: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    sites: list[dict[str, str]] = field(default_factory=list)
    answers: dict[str, object] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)

    @property
    def signed_at(self) -> datetime:
        """Noon (Pacific) of the day of the signature: paper has no time of day."""
        day: date = self.facts["signed_on"]
        return datetime.combine(day, time(12), PACIFIC)


class _Rows:
    """Rows that are not stored, with the one method of a related manager that reading needs."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rows = rows

    def all(self) -> Sequence[Any]:
        """Return the rows."""
        return self.rows


class _PaperPractice:
    """A practice that is not stored, with the sites and counts of the paper."""

    def __init__(self, profile: Practice, sites: Sequence[Site], count: MemberCount) -> None:
        self.profile, self.sites, self.member_counts = profile, _Rows(sites), _Rows([count])

    def __getattr__(self, name: str) -> Any:
        return getattr(self.profile, name)


def profile_of(paper: Paper, organisation: Organisation) -> Practice:
    """Return the practice that the paper describes, without the TIN's secrets; not stored."""
    facts = paper.facts
    return Practice(
        organisation=organisation,
        dba=facts["dba"],
        npi=facts["npi"],
        tin_last4=facts["tin"][-4:],
        specialties=facts["specialties"],
        practice_types=facts["practice_types"],
        ehr=facts["ehr"],
        website=facts["website"],
    )


def sites_of(paper: Paper, practice: Practice) -> list[Site]:
    """Return the sites that the paper lists; not stored."""
    return [
        Site(
            practice=practice,
            name=site["name"],
            street=site["street"],
            city=site["city"],
            zip_code=site["zip"],
            county=county_of_zip(site["zip"]),
            npi=site["npi"],
        )
        for site in paper.sites
    ]


def count_of(paper: Paper, practice: Practice, plan: Organisation) -> MemberCount:
    """Return the members that the plan assigned, as the paper says; not stored."""
    facts = paper.facts
    return MemberCount(
        practice=practice, plan=plan, members=facts["members"], as_of=facts["members_as_of"]
    )


def content_of(
    paper: Paper,
    *,
    cycle: Cycle,
    plan: Organisation,
    quartiles: Mapping[str, HpiQuartile],
    reference: str = "",
) -> dict[str, Any]:
    """Return the content of the application in the one format that is shown, signed and frozen."""
    organisation = Organisation(name=paper.name)
    profile = profile_of(paper, organisation)
    practice = _PaperPractice(profile, sites_of(paper, profile), count_of(paper, profile, plan))
    application = Application(cycle=cycle, designated_mcp=plan, reference=reference)
    answers = {key: Answer(key=key, value=value) for key, value in paper.answers.items()}
    return contents.build(application, cast(Practice, practice), answers, quartiles)
