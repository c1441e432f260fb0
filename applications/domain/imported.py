"""Writing the rows of applications that came on paper, many at once, inside the caller's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.utils import timezone
from django.utils.text import slugify

from accounts.enums import OrganisationKind
from accounts.models import Membership, Organisation
from applications import content as contents
from applications import emails, signals
from applications.domain.numbering import take_references
from applications.domain.rows import MEMBER_FIELDS, SITE_FIELDS
from applications.domain.transitions import apply_transitions
from applications.identifiers import encrypt, tin_digest
from applications.importing.paper import Paper, content_of, count_of, profile_of, sites_of
from applications.models import (
    Answer,
    Application,
    ImportedApplication,
    MemberCount,
    Practice,
    Site,
    Submission,
)
from core.canonical import canonical_json, digest
from core.fields import version_of
from core.models import FieldVersions
from programs.models import Cycle
from programs.queries import hpi_for_zips

BATCH = 1000
REASON = "Reached the plan on paper on %s"
FILLED = ("dba", "specialties", "practice_types", "ehr", "website")


def store_papers(
    papers: Sequence[Paper], *, cycle: Cycle, plan: Organisation, by: Membership
) -> list[str]:
    """Store each paper as practice, application, answers and signature; return the references.

    A practice with the same NPI is used: what it has typed stays, only what is empty is filled in.
    What is signed and scored is what the paper says. The caller holds the plan's lock and has judged
    the papers. Raises IntegrityError when another write took an NPI or a TIN meanwhile.
    """
    quartiles = hpi_for_zips({site["zip"] for paper in papers for site in paper.sites})
    documents = [content_of(paper, cycle=cycle, plan=plan, quartiles=quartiles) for paper in papers]
    bands = cycle.definition.payment.bands
    applications = [
        Application(
            cycle=cycle,
            practice_id=practice.pk,
            designated_mcp=plan,
            tin_digest=tin_digest(paper.facts["tin"]),
            **contents.frozen_columns(document, bands),
        )
        for paper, practice, document in zip(
            papers, _practices(papers, plan, by), documents, strict=True
        )
    ]
    # Other applications of the program wait for a number from here to the commit.
    references = take_references(cycle, len(papers))
    for application, document, reference in zip(applications, documents, references, strict=True):
        application.reference = document["reference"] = reference
    Application.objects.bulk_create(applications, batch_size=BATCH)
    _store_answers(papers, applications, by)
    _submit(papers, applications, documents, cycle=cycle, plan=plan, by=by)
    return references


def _practices(papers: Sequence[Paper], plan: Organisation, by: Membership) -> list[Practice]:
    """Return the practice of each paper, found by NPI and completed, or made."""
    known = {
        practice.npi: practice
        for practice in Practice.objects.select_for_update(of=("self",), no_key=True)
        .filter(npi__in=[paper.facts["npi"] for paper in papers])
        .order_by("pk")
    }
    made = _make([paper for paper in papers if paper.facts["npi"] not in known], plan, by)
    for paper in papers:
        if practice := known.get(paper.facts["npi"]):
            _complete(practice, paper, plan, by)
    return [(known | made)[paper.facts["npi"]] for paper in papers]


def _make(papers: Sequence[Paper], plan: Organisation, by: Membership) -> dict[str, Practice]:
    organisations = Organisation.objects.bulk_create(
        [
            Organisation(
                kind=OrganisationKind.PRACTICE,
                name=paper.name,
                slug=f"{slugify(paper.name)[:60] or 'practice'}-{uuid4().hex[:8]}",
            )
            for paper in papers
        ],
        batch_size=BATCH,
    )
    practices = []
    for paper, organisation in zip(papers, organisations, strict=True):
        practice = profile_of(paper, organisation)
        _set_tin(practice, paper.facts["tin"])
        practice.updated_by = by.user.full_name
        practices.append(practice)
    Practice.objects.bulk_create(practices, batch_size=BATCH)
    pairs = list(zip(papers, practices, strict=True))
    sites = [site for paper, practice in pairs for site in sites_of(paper, practice)]
    Site.objects.bulk_create(sites, batch_size=BATCH)
    counts = [count_of(paper, practice, plan) for paper, practice in pairs]
    MemberCount.objects.bulk_create(counts, batch_size=BATCH)
    return {practice.npi: practice for practice in practices}


def _complete(practice: Practice, paper: Paper, plan: Organisation, by: Membership) -> None:
    """Fill in what a known practice has left empty; nothing that it typed is changed.

    Every filled field gets a version, so that a page opened before does not write over it unseen.
    """
    filled = [name for name in FILLED if not getattr(practice, name) and paper.facts[name]]
    for name in filled:
        setattr(practice, name, paper.facts[name])
    if not practice.tin_digest:
        _set_tin(practice, paper.facts["tin"])
        filled.append("tin")
    _raise_versions(practice, filled, by)
    if not Site.objects.filter(practice=practice).exists():
        sites = sites_of(paper, practice)
        for site in sites:
            _raise_versions(site, [name for name in SITE_FIELDS if getattr(site, name)], by)
        Site.objects.bulk_create(sites)
        filled.append("sites")
    if not MemberCount.objects.filter(practice=practice, plan=plan).exists():
        count = count_of(paper, practice, plan)
        _raise_versions(count, MEMBER_FIELDS, by)
        count.save()
        filled.append("members")
    if filled:
        practice.version += 1
        practice.updated_by = by.user.full_name
        practice.save()


def _raise_versions(row: FieldVersions, names: Sequence[str], by: Membership) -> None:
    now = timezone.now().isoformat()
    for name in names:
        row.versions[name] = [version_of(row.versions, name) + 1, by.user.full_name, now]


def _set_tin(practice: Practice, digits: str) -> None:
    practice.tin_encrypted = encrypt(digits)
    practice.tin_last4 = digits[-4:]
    practice.tin_digest = tin_digest(digits)


def _store_answers(
    papers: Sequence[Paper], applications: Sequence[Application], by: Membership
) -> None:
    Answer.objects.bulk_create(
        [
            Answer(application=application, key=key, value=value, updated_by=by.user.full_name)
            for paper, application in zip(papers, applications, strict=True)
            for key, value in paper.answers.items()
            if value is not None
        ],
        batch_size=BATCH,
    )


def _submit(
    papers: Sequence[Paper],
    applications: Sequence[Application],
    documents: Sequence[Mapping[str, Any]],
    *,
    cycle: Cycle,
    plan: Organisation,
    by: Membership,
) -> None:
    """Move on, keep what was signed and where it came from, and tell practices with people.

    The frozen columns are written with the applications: only the step itself is left to update.
    """
    now = timezone.now()
    pairs = list(zip(papers, applications, strict=True))
    steps: list[tuple[int, str, str, dict[str, object]]] = [
        (application.pk, "import", REASON % paper.facts["received_on"].isoformat(), {})
        for paper, application in pairs
    ]
    apply_transitions(steps, by=by)
    submissions = Submission.objects.bulk_create(
        [
            _submission(paper, application, document, cycle, by, now)
            for (paper, application), document in zip(pairs, documents, strict=True)
        ],
        batch_size=BATCH,
    )
    ImportedApplication.objects.bulk_create(
        [
            ImportedApplication(
                application=application,
                cycle=cycle,
                plan=plan,
                paper_id=paper.paper_id,
                row_sha256=paper.digest,
                imported_by=by.label,
                created_at=now,
            )
            for paper, application in pairs
        ],
        batch_size=BATCH,
    )
    signals.submitted.send(Application, applications=applications, by=by)
    _tell(submissions)


def _submission(
    paper: Paper,
    application: Application,
    document: Mapping[str, Any],
    cycle: Cycle,
    by: Membership,
    now: datetime,
) -> Submission:
    name, title = paper.facts["signed_name"], paper.facts["signed_title"]
    signed = contents.signed(document, cycle.definition, name=name, title=title, at=paper.signed_at)
    origin = {
        "paper_id": paper.paper_id,
        "received_on": paper.facts["received_on"].isoformat(),
        "signed_on": paper.facts["signed_on"].isoformat(),
        "imported_by": by.label,
    }
    content = canonical_json({**signed, "paper": origin})
    return Submission(
        application=application,
        number=1,
        content=content,
        sha256=digest(content),
        signed_name=name,
        signed_title=title,
        signed_by=f"On paper, imported by {by.label}"[:400],
        created_at=now,
    )


def _tell(submissions: Sequence[Submission]) -> None:
    """Confirm the receipt to the owners of practices that have people here."""
    with_people = set(
        Organisation.objects.filter(
            pk__in=[row.application.practice_id for row in submissions], memberships__is_active=True
        ).values_list("pk", flat=True)
    )
    for row in submissions:
        if row.application.practice_id in with_people:
            emails.submitted(row.application, row, tell_plan=False)
