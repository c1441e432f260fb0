"""One real application through the whole portal: apply, score, select, notify."""

import json
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application, ApplicationTransition, Submission
from core.canonical import digest
from notifications.models import OutboxEmail
from programs.models import Cycle, PlanCounty
from scoring.models import ScoreSheet
from selection.domain import releasing
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import answer_for
from tests.factories.programs import CycleFactory
from tests.signing import seen
from tests.stepup import confirm_identity

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory()


@pytest.fixture
def lead():
    hat = MembershipFactory(role=Role.MCP_LEAD)
    PlanCounty.objects.create(plan=hat.organisation, county="Fresno")
    return hat


def post(client, url, data, expect=302):
    response = client.post(url, data)
    assert response.status_code == expect, response.content.decode()[:4000]
    return response


def create_practice(client):
    post(client, reverse("applications:new_practice"), {"name": "Fresno Family Medicine"})
    page = client.get(reverse("applications:home"))
    assert "Start your application" in page.content.decode()
    post(client, reverse("applications:start"), {})
    return Application.objects.get()


def fill_in_practice(client, plan):
    profile = {
        "name": "Fresno Family Medicine",
        "npi": "1234567893",
        "tin": "94-1234567",
        "specialties": ["family_medicine"],
        "practice_types": ["small_independent"],
        "ehr": "OpenEMR",
    }
    post(client, reverse("applications:profile"), profile)
    site = {"name": "Main Street", "street": "1 Main Street", "city": "Fresno", "zip_code": "93701"}
    fill_in_row(client, "sites", site)
    count = {"plan": plan.pk, "members": "920", "as_of": "2026-01-31"}
    fill_in_row(client, "members", count, designated_mcp=plan.pk)


def fill_in_row(client, name, values, **more):
    """Add an empty entry by the button, then fill it in under the name that it was given."""
    url = reverse(f"applications:{name}")
    prefix = post(client, url, {"add": "1"}).url.partition("#")[2]
    post(client, url, {f"{prefix}-{key}": value for key, value in values.items()} | more)


def fill_in_answers(client, application):
    definition = application.cycle.definition
    for section in definition.sections:
        if section.kind != "questions":
            continue
        data = {q.key: answer_for(q, definition) for q in section.questions if q.required}
        post(client, reverse("applications:section", args=[application.pk, section.key]), data)


def sign(client, application, person):
    confirm_identity(client, person)
    review = client.get(reverse("applications:review", args=[application.pk]))
    assert "Submit application" in review.content.decode()
    attested = {f"attest_{a.key}": "on" for a in application.cycle.definition.attestations}
    names = {"signed_name": "Ana Ruiz", "signed_title": "Owner"}
    signature = {**attested, **names, **seen(application)}
    url = reverse("applications:submit", args=[application.pk])
    for _ in range(2):
        response = post(client, url, signature)
        assert response.url == reverse("applications:receipt", args=[application.pk])


def score(client, sheet):
    criteria = sheet.assignment.application.cycle.definition.criteria()
    data = {}
    for criterion in criteria:
        name = criterion.code.replace(".", "_")
        data[f"points_{name}"] = "5"
        data[f"comment_{name}"] = "Complete and specific."
    data["submit"] = "1"
    rules = sheet.assignment.application.cycle.definition.scoring.conflict_rules
    answers = {f"answer_{rule.key}": "no" for rule in rules if rule.kind == "declared"}
    post(client, reverse("scoring:declare", args=[sheet.pk]), answers)
    post(client, reverse("scoring:save", args=[sheet.pk]), data)


def test_application_goes_from_sign_up_to_decision_email(
    client, cycle, lead, as_hat, hat_of, analyst, approver, django_user_model
):
    owner = django_user_model.objects.create_user("ana@fresno.example", full_name="Ana Ruiz")
    client.force_login(owner)
    application = create_practice(client)
    fill_in_practice(client, lead.organisation)
    fill_in_answers(client, application)
    sign(client, application, owner)

    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert application.population == "children_youth"
    assert (application.members, str(application.potential_payment)) == (920, "280600.00")
    signed = Submission.objects.get()
    assert signed.sha256 == digest(signed.content)
    assert json.loads(signed.content)["practice"]["tin"] == "••-•••4567"
    assert "941234567" not in signed.content

    reviewer = hat_of(Role.MCP_REVIEWER, lead.organisation)
    lead_client = as_hat(lead)
    assert (
        application.reference in lead_client.get(reverse("scoring:applications")).content.decode()
    )
    post(lead_client, reverse("scoring:assign", args=[application.pk]), {"reviewer": reviewer.pk})
    sheet = ScoreSheet.objects.get()
    score(as_hat(reviewer), sheet)
    sheet.refresh_from_db()
    assert (sheet.total, sheet.given, sheet.is_submitted) == (90, 18, True)
    post(lead_client, reverse("scoring:confirm", args=[application.pk]), {})
    recommendation = {"recommended": "yes", "reason": "Strong plan.", "note": ""}
    post(lead_client, reverse("scoring:recommend", args=[application.pk]), recommendation)
    hand_over = reverse("scoring:hand_over")
    mark = re.search(r'name="mark" value="([^"]+)"', lead_client.get(hand_over).content.decode())
    post(lead_client, hand_over, {"mark": mark[1]})

    Cycle.objects.filter(pk=cycle.pk).update(closes_at=timezone.now() - timedelta(minutes=1))
    analyst_client, approver_client = as_hat(analyst), as_hat(approver)
    queue = analyst_client.get(reverse("selection:queue")).content.decode()
    assert application.reference in queue
    propose = reverse("selection:propose", args=[cycle.slug])
    page = analyst_client.get(propose).content.decode()
    assert "Propose 1 decision" in page
    seen_numbers = re.search(r'name="seen" value="([^"]+)"', page)[1]
    why = {"rationale": "The published rules, as announced.", "seen": seen_numbers}
    post(analyst_client, propose, why)
    run = cycle.proposals.get()
    confirm_identity(approver_client, approver.user)
    post(approver_client, reverse("selection:approve", args=[run.pk]), {})
    before = client.get(reverse("applications:home")).content.decode()
    assert "With DHCS for a decision" in before
    assert "is selected" not in before
    post(approver_client, reverse("selection:release", args=[run.pk]), {})
    releasing.carry_on(run.pk)

    application.refresh_from_db()
    assert application.status == Status.SELECTED
    assert (application.mcp_score, application.priority_points, application.adjusted_score) == (
        90,
        12,
        102,
    )
    steps = ApplicationTransition.objects.values_list("name", flat=True)
    assert list(steps) == ["submit", "start_review", "confirm_score", "recommend", "select"]
    sent = OutboxEmail.objects.order_by("pk").values_list("kind", "to")
    assert list(sent) == [
        ("submitted", owner.email),
        ("arrived", lead.user.email),
        ("assigned", reviewer.user.email),
        ("scored", lead.user.email),
        ("selected", owner.email),
    ]
    letter = OutboxEmail.objects.get(kind="selected")
    assert application.reference in letter.subject + letter.body
    assert "Your practice is selected" in client.get(reverse("applications:home")).content.decode()
    status = client.get(reverse("applications:status")).content.decode()
    letter_page = reverse("selection:letter", args=[application.pk])
    assert letter_page in status
    assert "Your practice is selected" in client.get(letter_page).content.decode()
