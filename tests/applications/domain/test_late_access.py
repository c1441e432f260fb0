"""Late access: who gets it, until when, and what it opens."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.enums import Role
from applications.domain import answers, late_access, submission
from applications.domain.locking import lock_on
from applications.enums import Status
from applications.models import Answer, Application, LateAccess, Submission
from core.exceptions import DomainError, WrongState
from core.times import long, to_the_second
from notifications.models import OutboxEmail
from programs.models import ProgramVersion
from programs.packaged import packaged_definition
from programs.schema import ProgramDefinition
from tests.factories.applications import ApplicationFactory, PracticeFactory, complete
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(hat_of):
    return hat_of(Role.DHCS_ADMINISTRATOR)


@pytest.fixture
def cycle():
    return CycleFactory(closed=True, title="EPT Cohort 1")


@pytest.fixture
def practice():
    return PracticeFactory(organisation__name="Fresno FM").organisation


def grant(practice, cycle, by, **changes):
    words = {"until": timezone.now() + timedelta(days=2), "reason": "The clinic burned."} | changes
    return late_access.grant(practice=practice, cycle=cycle, by=by, **words)


def test_a_grant_is_kept_and_every_owner_is_told(practice, cycle, administrator, hat_of):
    owners = [hat_of(Role.PRACTICE_OWNER, practice) for _ in range(2)]
    hat_of(Role.PRACTICE_CONTRIBUTOR, practice)
    access = grant(practice, cycle, administrator)
    stored = LateAccess.objects.get()
    assert (stored.practice, stored.cycle, stored.reason, stored.granted_by) == (
        practice,
        cycle,
        "The clinic burned.",
        administrator.label,
    )
    emails = OutboxEmail.objects.order_by("pk")
    assert {(e.to, e.kind, e.dedupe_key) for e in emails} == {
        (owner.user.email, "late_access", f"late_access:{access.pk}") for owner in owners
    }
    assert emails[0].subject == "Fresno FM may still apply to EPT Cohort 1"
    for shown in (long(access.until), "Why: The clinic burned.", "/home/"):
        assert shown in emails[0].body
    assert "$" not in emails[0].body


def test_a_program_stored_before_the_email_existed_mails_the_packaged_text(
    practice, administrator, hat_of
):
    definition = packaged_definition().model_dump(mode="json")
    for kind in ("late_access", "withdrawn", "message"):
        del definition["emails"][kind]
    ProgramDefinition.model_validate(definition)
    version = ProgramVersion.objects.create(
        slug="old", number=1, title="Old", definition=definition, sha256="ab" * 32
    )
    hat_of(Role.PRACTICE_OWNER, practice)
    grant(practice, CycleFactory(closed=True, version=version), administrator)
    assert OutboxEmail.objects.get().subject.startswith("Fresno FM may still apply to ")


@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        (lambda c: timezone.now() - timedelta(seconds=1), "This time has passed."),
        (lambda c: c.scoring_due_at + timedelta(seconds=1), "Scores are due "),
    ],
)
def test_the_end_lies_in_the_future_and_before_scoring_is_due(
    practice, cycle, administrator, moment, sentence
):
    with pytest.raises(DomainError, match=f"^{sentence}"):
        grant(practice, cycle, administrator, until=moment(cycle))
    assert [LateAccess.objects.count(), OutboxEmail.objects.count()] == [0, 0]


def test_before_the_closing_time_nobody_needs_late_access(practice, administrator):
    cycle = CycleFactory()
    with pytest.raises(DomainError, match="^The cycle is open until "):
        grant(practice, cycle, administrator, until=cycle.closes_at)
    grant(practice, cycle, administrator, until=cycle.closes_at + timedelta(seconds=1))


@pytest.mark.parametrize("status", sorted(set(Status.values) - {"draft", "withdrawn"}))
def test_who_has_submitted_needs_no_late_access(cycle, administrator, status):
    application = ApplicationFactory(cycle=cycle, status=status)
    with pytest.raises(WrongState, match="has submitted"):
        grant(application.practice, cycle, administrator)
    assert LateAccess.objects.count() == 0


def test_it_is_for_practices_only(cycle, administrator, hat_of):
    plan = hat_of(Role.MCP_LEAD).organisation
    with pytest.raises(DomainError, match="for practices"):
        grant(plan, cycle, administrator)


def test_a_practice_without_a_draft_starts_and_saves_and_submits(
    practice, cycle, administrator, hat_of
):
    owner = hat_of(Role.PRACTICE_OWNER, practice)
    with pytest.raises(WrongState):
        submission.start(cycle=cycle, practice=practice, by=owner)
    access = grant(practice, cycle, administrator)
    draft = submission.start(cycle=cycle, practice=practice, by=owner)
    plan = ApplicationFactory(cycle=cycle).designated_mcp
    Application.objects.filter(pk=draft.pk).update(designated_mcp=plan)
    draft.refresh_from_db()
    complete(draft)
    name = {"lead_name": "Bo Li"}
    answers.save(draft, values=name, bases={"lead_name": 1}, by=owner, section="contacts")
    assert Answer.objects.get(application=draft, key="lead_name").value == "Bo Li"
    assert lock_on(draft, "contacts") is None
    signature = {"signed_name": "Ana", "signed_title": "Owner", "by": owner}
    late = access.until + timedelta(seconds=1)
    with time_machine.travel(late, tick=False), pytest.raises(WrongState) as refusal:
        submission.submit(draft, **signature)
    assert to_the_second(access.until) in str(refusal.value)
    assert to_the_second(late) in str(refusal.value)
    with time_machine.travel(access.until, tick=False):
        submission.submit(draft, **signature)
    assert Submission.objects.get().application == draft


def test_another_practice_stays_locked_out(practice, cycle, administrator, hat_of):
    grant(practice, cycle, administrator)
    other = ApplicationFactory(cycle=cycle)
    owner = hat_of(Role.PRACTICE_OWNER, other.practice)
    with pytest.raises(WrongState, match="This cycle closed on"):
        answers.save(other, values={"lead_name": "x"}, bases={}, by=owner)
    assert Answer.objects.filter(application=other).count() == 0


def test_a_withdrawn_application_can_be_begun_again_late(cycle, administrator, hat_of):
    old = ApplicationFactory(cycle=cycle, status=Status.WITHDRAWN)
    owner = hat_of(Role.PRACTICE_OWNER, old.practice)
    grant(old.practice, cycle, administrator)
    fresh = submission.start(cycle=cycle, practice=old.practice, by=owner)
    assert (fresh.pk == old.pk, fresh.status) == (False, Status.DRAFT)
