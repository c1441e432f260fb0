"""The content of an application as one document: what is shown, signed, frozen and judged.

Scalars of answers are texts (dates as 2026-12-31, numbers as typed), choices of several are lists.
Pure functions over rows that the caller has loaded; no queries of their own.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from applications.documents import as_content
from applications.models import Answer, Application, Attachment, MemberCount, Practice, Site
from core.canonical import canonical_json
from programs.models import HpiQuartile
from programs.payment import PaymentError, potential_payment
from programs.priority import Facts
from programs.schema import Band, ProgramDefinition

TRIBAL_TYPE = "tribal_program"
FORMAT = "ept-application/1"


def build(
    application: Application,
    practice: Practice,
    answers: Mapping[str, Answer],
    quartiles: Mapping[str, HpiQuartile],
    attachments: Sequence[Attachment] = (),
) -> dict[str, Any]:
    """Return the whole content of `application` as a JSON-able document."""
    counts = list(practice.member_counts.all())
    return {
        "format": FORMAT,
        "reference": application.reference,
        "cycle": application.cycle.slug,
        "program_sha256": application.cycle.version_id,
        "practice": _profile(practice),
        "sites": [_site(site, quartiles) for site in practice.sites.all()],
        "members": [_count(count) for count in counts],
        "members_total": sum(count.members or 0 for count in counts),
        "designated_mcp": application.designated_mcp.name if application.designated_mcp else "",
        "answers": {key: answer.value for key, answer in answers.items() if answer.value},
        "attachments": as_content(attachments),
    }


def is_as_signed(content: Mapping[str, Any], document: str) -> bool:
    """Tell whether `content` is what was signed as `document` (canonical JSON)."""
    before = json.loads(document)
    now = json.loads(canonical_json(content))
    return all(before.get(key) == value for key, value in now.items())


def signed(
    content: Mapping[str, Any],
    definition: ProgramDefinition,
    *,
    name: str,
    title: str,
    at: datetime,
) -> dict[str, Any]:
    """Return `content` with who signed it, when (UTC), and which attestations were confirmed."""
    signature = {
        "name": name,
        "title": title,
        "at": at.astimezone(UTC).isoformat(timespec="seconds"),
        "attestations": [item.key for item in definition.attestations],
    }
    return {**content, "signed": signature}


def facts_of(content: Mapping[str, Any]) -> Facts:
    """Return what the selection rules look at. The HPI quartile is the lowest among the sites."""
    quartiles = [site["hpi_quartile"] for site in content["sites"] if site["hpi_quartile"]]
    types = tuple(content["practice"]["practice_types"])
    return Facts(
        population=content["answers"].get("population", ""),
        practice_types=types,
        tribal=TRIBAL_TYPE in types,
        members=content["members_total"],
        hpi_quartile=min(quartiles, default=None),
        county=content["sites"][0]["county"] if content["sites"] else "",
        mcp=content["designated_mcp"],
    )


def frozen_columns(content: Mapping[str, Any], bands: Sequence[Band]) -> dict[str, Any]:
    """Return the columns of the application that are frozen at submission."""
    facts = facts_of(content)
    return {
        "population": facts.population,
        "practice_types": list(facts.practice_types),
        "tribal": facts.tribal,
        "members": facts.members,
        "hpi_quartile": facts.hpi_quartile,
        "county": facts.county,
        "potential_payment": _payment(facts.members, bands),
    }


def _payment(members: int, bands: Sequence[Band]) -> Decimal | None:
    """Dollars over the whole program; None where the table has no amount, for staff to settle."""
    try:
        return potential_payment(members, bands)
    except PaymentError:
        return None


def facts_from_columns(application: Application) -> Facts:
    """Return the frozen facts of a submitted application."""
    return Facts(
        population=application.population,
        practice_types=tuple(application.practice_types),
        tribal=application.tribal,
        members=application.members or 0,
        hpi_quartile=application.hpi_quartile,
        county=application.county,
        mcp=application.designated_mcp.name if application.designated_mcp else "",
    )


def _profile(practice: Practice) -> dict[str, Any]:
    return {
        "name": practice.organisation.name,
        "dba": practice.dba,
        "npi": practice.npi,
        "tin": practice.masked_tin,
        "specialties": sorted(practice.specialties),
        "practice_types": sorted(practice.practice_types),
        "ehr": practice.ehr,
        "website": practice.website,
    }


def _site(site: Site, quartiles: Mapping[str, HpiQuartile]) -> dict[str, Any]:
    rating = quartiles.get(site.zip_code)
    return {
        "name": site.name,
        "street": site.street,
        "city": site.city,
        "zip": site.zip_code,
        "county": site.county,
        "npi": site.npi,
        "hpi_quartile": rating.quartile if rating else None,
        "hpi_source": rating.source if rating else "",
        "hpi_as_of": rating.as_of.isoformat() if rating else "",
    }


def _count(count: MemberCount) -> dict[str, Any]:
    return {
        "plan": count.plan.name if count.plan else "",
        "members": count.members or 0,
        "as_of": count.as_of.isoformat() if count.as_of else "",
    }
