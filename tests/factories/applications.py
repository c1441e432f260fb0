"""Factories of practices and applications in any state."""

from datetime import date, timedelta
from itertools import count

import factory
from django.utils import timezone
from stdnum import luhn

from accounts.enums import OrganisationKind
from applications.dossier import Dossier
from applications.enums import Status
from applications.models import Answer, Application, MemberCount, Practice, Site, Submission
from applications.reference import reference_for
from core.canonical import canonical_json, digest
from programs.models import PlanCounty
from tests.factories.accounts import OrganisationFactory
from tests.factories.programs import CycleFactory

_numbers = count(1)


def npi(number: int) -> str:
    """Return a valid NPI that differs for every number."""
    body = f"1{number:08d}"
    return body + luhn.calc_check_digit("80840" + body)


class PracticeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Practice

    organisation = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.PRACTICE)
    npi = factory.LazyFunction(lambda: npi(next(_numbers)))
    tin_last4 = "4567"
    specialties = ["family_medicine"]
    practice_types = ["small_independent"]
    ehr = "OpenEMR"


class ApplicationFactory(factory.django.DjangoModelFactory):
    """A draft by default; `ApplicationFactory(status=…)` sets what the status needs."""

    class Meta:
        model = Application
        skip_postgeneration_save = True

    cycle = factory.SubFactory(CycleFactory)
    practice = factory.LazyAttribute(lambda o: PracticeFactory().organisation)
    designated_mcp = factory.SubFactory(OrganisationFactory, kind=OrganisationKind.MCP)
    reference = factory.LazyFunction(lambda: reference_for("EPT1", next(_numbers)))
    status = Status.DRAFT
    submitted_at = factory.LazyAttribute(
        lambda o: None if o.status == Status.DRAFT else timezone.now() - timedelta(days=3)
    )
    decided_at = factory.LazyAttribute(
        lambda o: timezone.now() if o.status in Status.decided else None
    )
    withdrawn_at = factory.LazyAttribute(
        lambda o: timezone.now() if o.status == Status.WITHDRAWN else None
    )
    population = factory.LazyAttribute(lambda o: "" if o.status == Status.DRAFT else "pregnant")
    members = factory.LazyAttribute(lambda o: None if o.status == Status.DRAFT else 920)
    mcp_score = factory.LazyAttribute(lambda o: 70 if _is_scored(o.status) else None)
    priority_points = factory.LazyAttribute(lambda o: None if o.mcp_score is None else 20)
    adjusted_score = factory.LazyAttribute(
        lambda o: None if o.mcp_score is None else o.mcp_score + o.priority_points
    )
    recommended = factory.LazyAttribute(
        lambda o: (
            {Status.NOT_RECOMMENDED: False}.get(o.status, True)
            if o.status in (*Status.handed_over, *Status.decided)
            else None
        )
    )

    @factory.post_generation
    def submission(self, create, extracted, **kwargs):
        if create and self.status != Status.DRAFT and extracted is not False:
            sign(self)


def sign(application: Application) -> Submission:
    """Store what was signed for an application that is in a later state already."""
    dossier = Dossier.load(application)
    content = canonical_json({**dossier.content, "signed": {"name": "Ana Ruiz"}})
    return Submission.objects.create(
        application=application,
        number=1,
        content=content,
        sha256=digest(content),
        signed_name="Ana Ruiz",
        signed_title="Owner",
        signed_by="Ana Ruiz (Practice owner)",
        created_at=application.submitted_at,
    )


def _is_scored(status: str) -> bool:
    return status in (*Status.with_score, *Status.decided)


def complete(application: Application) -> Application:
    """Fill in everything that the checklist asks for; return the same application."""
    practice = Practice.objects.get(pk=application.practice_id)
    plan = application.designated_mcp
    Site.objects.create(
        practice=practice,
        name="Main Street Clinic",
        street="1 Main Street",
        city="Fresno",
        zip_code="93701",
        county="Fresno",
    )
    PlanCounty.objects.get_or_create(plan=plan, county="Fresno")
    MemberCount.objects.create(practice=practice, plan=plan, members=920, as_of=date(2026, 1, 31))
    definition = application.cycle.definition
    Answer.objects.bulk_create(
        Answer(application=application, key=q.key, value=answer_for(q, definition))
        for q in definition.questions()
        if q.required
    )
    return application


def answer_for(question, definition):
    """Return an answer of the question's kind, as stored."""
    choices = definition.choices_of(question)
    return {
        "email": "ana.ruiz@practice.example",
        "integer": "5",
        "decimal": "6.5",
        "date": "2026-01-15",
        "yes_no": "yes",
        "choice": choices[0].value if choices else None,
        "multi_choice": [choices[0].value] if choices else None,
    }.get(question.kind, "We see 920 members and review panels every month.")
