"""The emails about an application, whole."""

from datetime import UTC, datetime

import pytest

from accounts.enums import Role
from accounts.models import Membership
from applications import emails
from applications.enums import Status
from applications.models import Submission
from notifications.models import OutboxEmail
from tests.factories.accounts import OrganisationFactory
from tests.factories.applications import ApplicationFactory, PracticeFactory
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def application(hat_of):
    practice = PracticeFactory(organisation__name="Fresno & Sons “FM”").organisation
    plan = OrganisationFactory(kind="mcp", name="Valley Health Plan")
    cycle = CycleFactory(title="EPT Cohort 1")
    for role, name in ((Role.PRACTICE_OWNER, "Ana Ruiz"), (Role.PRACTICE_OWNER, "Zoe Wu")):
        address = f"{name[:3].lower()}@fresno.example"
        hat_of(role, practice, user__full_name=name, user__email=address)
    hat_of(Role.PRACTICE_CONTRIBUTOR, practice, user__full_name="Bo Li")
    hat_of(Role.PRACTICE_OWNER, practice, is_active=False)
    hat_of(Role.PRACTICE_OWNER)
    return ApplicationFactory(
        cycle=cycle,
        practice=practice,
        designated_mcp=plan,
        status=Status.SUBMITTED,
        reference="EPT1-000123-0",
        submission=False,
    )


def sent():
    return list(OutboxEmail.objects.order_by("pk"))


@pytest.mark.parametrize(
    ("number", "kind", "language", "subject", "line"),
    [
        (1, "arrived", "", "applies with Valley Health Plan", "Read it and assign it here:"),
        (2, "corrected", "", "sent its correction", "Read what changed and go on here:"),
        (2, "corrected", "es", "manda su corrección", "Lea lo que cambió y continúe aquí:"),
    ],
)
def test_the_plans_leads_are_told_once_what_came_in(
    application, hat_of, number, kind, language, subject, line
):
    plan = application.designated_mcp
    lead = hat_of(Role.MCP_LEAD, plan, user__language=language)
    hat_of(Role.MCP_REVIEWER, plan)
    hat_of(Role.MCP_LEAD)
    signed = Submission.objects.create(
        application=application,
        number=number,
        content="{}",
        sha256="ab" * 32,
        signed_name="Ana Ruiz",
        signed_title="Owner",
        signed_by="Ana Ruiz",
        created_at=datetime(2026, 2, 3, 18, 42, tzinfo=UTC),
    )
    for _click in range(2):
        emails.submitted(application, signed)
    [row] = OutboxEmail.objects.filter(to=lead.user.email)
    assert (row.kind, row.dedupe_key) == (kind, f"submission:{signed.pk}")
    assert row.subject == f"EPT1-000123-0: Fresno & Sons “FM” {subject}"
    assert "$" not in row.body
    assert f"{line}\n" in row.body
    assert row.body.endswith(f"/plan/{application.pk}/")
    assert set(OutboxEmail.objects.values_list("kind", flat=True)) == {"submitted", kind}


def test_what_the_plan_brought_in_is_no_news_to_it(application, hat_of):
    lead = hat_of(Role.MCP_LEAD, application.designated_mcp)
    signed = Submission.objects.create(
        application=application,
        number=1,
        content="{}",
        sha256="ab" * 32,
        signed_name="Ana Ruiz",
        signed_title="Owner",
        signed_by="Ana Ruiz",
        created_at=datetime(2026, 2, 3, 18, 42, tzinfo=UTC),
    )
    emails.submitted(application, signed, tell_plan=False)
    assert not OutboxEmail.objects.filter(to=lead.user.email).exists()


def test_the_receipt_goes_to_everybody_there_and_names_who_signed(application, settings):
    settings.SITE_BASE_URL = "https://portal.example/"
    signed = Submission.objects.create(
        application=application,
        number=1,
        content="{}",
        sha256="ab" * 32,
        signed_name="Ana Ruiz",
        signed_title="Owner",
        signed_by="Ana Ruiz (Practice owner, Fresno)",
        created_at=datetime(2026, 2, 3, 18, 42, tzinfo=UTC),
    )
    for _click in range(2):
        emails.submitted(application, signed)
    rows = sent()
    bo = Membership.objects.get(user__full_name="Bo Li").user.email
    assert [row.to for row in rows] == ["ana@fresno.example", bo, "zoe@fresno.example"]
    assert {(row.kind, row.dedupe_key) for row in rows} == {
        ("submitted", f"submission:{signed.pk}")
    }
    for row in rows:
        assert row.subject == "EPT1-000123-0: Fresno & Sons “FM” submitted its application"
        assert row.body == (
            "Your application EPT1-000123-0 to EPT Cohort 1 has arrived. It was submitted by "
            "Ana Ruiz on Tue, Feb 3, 2026, 10:42 am PT.\n"
            "\n"
            "What happens next: Valley Health Plan scores it. You can follow each step here:\n"
            f"https://portal.example/application/{application.pk}/receipt/\n"
            "\n"
            f"Receipt (SHA-256 of what you submitted): {'ab' * 32}"
        )


def test_a_returned_application_is_explained_to_every_owner(application, hat_of, settings):
    settings.SITE_BASE_URL = "https://portal.example"
    lead = hat_of(Role.MCP_LEAD, application.designated_mcp)
    reason = "The NPI is that of a clinician."
    emails.returned(application, key="transition:7", reason=reason, by=lead)
    rows = sent()
    assert [row.to for row in rows] == ["ana@fresno.example", "zoe@fresno.example"]
    for row in rows:
        assert (row.kind, row.dedupe_key) == ("returned", "transition:7")
        assert row.subject == "EPT1-000123-0: Fresno & Sons “FM” has something to correct"
        assert "$" not in row.body
        assert row.body.startswith(
            "Valley Health Plan returned your application EPT1-000123-0 to EPT Cohort 1, so that "
            "you can correct it.\n"
            "\n"
            "Reason: The NPI is that of a clinician.\n"
            "\n"
        )
        assert row.body.endswith("\nhttps://portal.example/home/")


def test_notes_follow_the_reason_in_the_order_of_the_form(application, hat_of):
    analyst = hat_of(Role.DHCS_ANALYST)
    analyst.organisation.name = "DHCS"
    notes = {"members": "Count again.", "practice": "Give the legal name."}
    emails.returned(application, key="transition:7", reason="Two facts.", by=analyst, notes=notes)
    body = sent()[0].body
    titles = {s.key: s.title for s in application.cycle.definition.sections}
    assert body.startswith("DHCS returned your application")
    assert (
        f"Reason: Two facts.\n\n{titles['practice']}: Give the legal name.\n\n"
        f"{titles['members']}: Count again.\n\n"
    ) in body


def test_a_text_with_dollar_signs_is_kept_as_typed(application, hat_of):
    lead = hat_of(Role.MCP_LEAD, application.designated_mcp)
    reason = "Costs $5, ${url} and $reference"
    emails.returned(application, key="transition:8", reason=reason, by=lead)
    assert "Reason: Costs $5, ${url} and $reference\n" in sent()[0].body


def test_a_practice_without_owners_gets_no_email(hat_of):
    application = ApplicationFactory(status=Status.RETURNED)
    hat_of(Role.PRACTICE_CONTRIBUTOR, application.practice)
    lead = hat_of(Role.MCP_LEAD, application.designated_mcp)
    emails.returned(application, key="transition:9", reason="x", by=lead)
    assert sent() == []
