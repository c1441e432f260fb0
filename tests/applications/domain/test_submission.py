"""Starting, signing and withdrawing: what is written, and that a refusal writes nothing."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine

from accounts.enums import Role
from accounts.queries import people_of
from applications.domain import submission
from applications.domain.transitions import apply_transition
from applications.dossier import Dossier
from applications.enums import Status
from applications.models import Answer, Application, ApplicationTransition, Submission
from core.canonical import canonical_json, digest
from core.exceptions import DomainError, WrongState
from core.times import to_the_second
from notifications.models import OutboxEmail
from programs.models import HpiQuartile
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db
SIGNATURE = {"signed_name": "Ana Ruiz", "signed_title": "Owner"}


def submit(application, by, **changes):
    return submission.submit(application, **SIGNATURE | changes, by=by)


def nothing_written(application, status=Status.DRAFT):
    application.refresh_from_db()
    counts = [m.objects.count() for m in (Submission, ApplicationTransition, OutboxEmail)]
    return (application.status, counts) == (status, [0, 0, 0])


def test_a_submission_freezes_moves_logs_and_tells_every_owner(ready, owner, contributor, hat_of):
    second = hat_of(Role.PRACTICE_OWNER, ready.practice)
    HpiQuartile.objects.create(zip_code="93701", quartile=1, source="HPI 3", as_of="2026-01-01")
    signed = submit(ready, owner)
    ready.refresh_from_db()
    assert (ready.status, ready.population, ready.practice_types) == (
        Status.SUBMITTED,
        "children_youth",
        ["small_independent"],
    )
    assert (ready.members, ready.hpi_quartile, ready.county, ready.tribal) == (
        920,
        1,
        "Fresno",
        False,
    )
    assert ready.potential_payment == Decimal("280600.00")
    assert (ready.mcp_score, ready.priority_points, ready.decided_at) == (None, None, None)
    step = ApplicationTransition.objects.get()
    assert (step.name, step.from_status, step.to_status) == ("submit", "draft", "submitted")
    assert (step.actor, step.side, step.created_at) == (owner.label, "practice", ready.submitted_at)
    emails = OutboxEmail.objects.order_by("to").values_list("kind", "to", "dedupe_key")
    key = f"submission:{signed.pk}"
    expected = sorted(hat.user.email for hat in people_of(ready.practice))
    assert {owner.user.email, second.user.email} < set(expected)
    assert list(emails) == [("submitted", address, key) for address in expected]


def test_what_was_signed_is_the_canonical_content_with_its_hash(ready, owner):
    signed = submit(ready, owner)
    document = json.loads(signed.content)
    assert signed.content == canonical_json(document)
    assert signed.sha256 == digest(signed.content)
    assert (signed.number, signed.signed_name, signed.signed_title) == (1, "Ana Ruiz", "Owner")
    assert signed.signed_by == owner.label
    assert document["signed"] == {
        "name": "Ana Ruiz",
        "title": "Owner",
        "at": signed.created_at.isoformat(timespec="seconds"),
        "attestations": ["accurate", "authorized", "payments_depend", "no_member_information"],
    }
    stored = dict(Answer.objects.filter(application=ready).values_list("key", "value"))
    assert document["answers"] == stored
    assert document["reference"] == ready.reference


def test_an_incomplete_application_is_refused_with_the_list(ready, owner):
    Answer.objects.filter(application=ready, key="lead_name").delete()
    with pytest.raises(submission.Incomplete) as refusal:
        submit(ready, owner)
    assert [item.sentence for item in refusal.value.missing] == ["Answer “Project lead”."]
    assert str(refusal.value) == (
        "This application is not complete yet. Mend what is listed, then submit."
    )
    assert nothing_written(ready)


def test_the_closing_second_counts_and_the_next_is_refused_with_both_times(ready, owner):
    closes = ready.cycle.closes_at
    late = closes + timedelta(seconds=1)
    with time_machine.travel(late, tick=False), pytest.raises(WrongState) as refusal:
        submit(ready, owner)
    assert str(refusal.value) == (
        f"This cycle closed on {to_the_second(closes)}. Your change arrived on "
        f"{to_the_second(late)} and was not stored."
    )
    assert nothing_written(ready)
    with time_machine.travel(closes, tick=False):
        submit(ready, owner)
    ready.refresh_from_db()
    assert (ready.status, ready.submitted_at) == (Status.SUBMITTED, closes)


def test_submitting_again_returns_the_same_and_writes_nothing(ready, owner):
    first = submit(ready, owner)
    with time_machine.travel(ready.cycle.closes_at + timedelta(days=1)):
        second = submit(ready, owner, signed_name="Somebody Else")
    assert (second.pk, second.signed_name) == (first.pk, "Ana Ruiz")
    models = (Submission, ApplicationTransition, OutboxEmail)
    assert [model.objects.count() for model in models] == [1, 1, 1]


def test_what_the_plan_already_reviews_is_not_submitted_again(ready, owner):
    first = submit(ready, owner)
    apply_transition(ready, "start_review", by=owner)
    assert submit(ready, owner) == first
    assert Submission.objects.count() == 1


def test_nobody_signs_what_changed_after_they_read_it(ready, owner):
    seen = Dossier.load(ready).digest
    Answer.objects.filter(application=ready, key="lead_name").update(value="Somebody else")
    with pytest.raises(DomainError, match="changed after you opened this page"):
        submission.submit(ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner, seen=seen)
    assert Submission.objects.count() == 0
    read = Dossier.load(ready).digest
    signed = submission.submit(
        ready, signed_name="Ana Ruiz", signed_title="Owner", by=owner, seen=read
    )
    assert json.loads(signed.content)["answers"]["lead_name"] == "Somebody else"


def test_corrections_end_when_scoring_is_due(ready, owner):
    submit(ready, owner)
    apply_transition(ready, "return", by=owner, reason="x", changes={"return_note": "Fix it"})
    late = ready.cycle.scoring_due_at + timedelta(minutes=1)
    with time_machine.travel(late, tick=False), pytest.raises(WrongState, match="possible until"):
        submit(ready, owner)
    assert Submission.objects.count() == 1


def test_a_returned_application_is_signed_a_second_time_even_after_closing(ready, owner):
    first = submit(ready, owner)
    apply_transition(ready, "return", by=owner, reason="x", changes={"return_note": "Fix it"})
    Answer.objects.filter(application=ready, key="lead_name").update(value="Cy")
    with time_machine.travel(ready.cycle.closes_at + timedelta(days=5), tick=False):
        second = submit(ready, owner)
    assert (first.number, second.number) == (1, 2)
    assert json.loads(second.content)["answers"]["lead_name"] == "Cy"
    assert json.loads(Submission.objects.get(number=1).content)["answers"]["lead_name"] != "Cy"
    ready.refresh_from_db()
    assert (ready.status, ready.return_note) == (Status.SUBMITTED, "")
    assert ready.submitted_at == second.created_at
    keys = OutboxEmail.objects.order_by("pk").values_list("dedupe_key", flat=True)
    assert list(keys) == [f"submission:{first.pk}", f"submission:{second.pk}"]


def test_the_longest_names_can_sign(ready, owner):
    owner.user.full_name = "A" * 150
    owner.organisation.name = "B" * 200
    owner.user.save()
    owner.organisation.save()
    signed = submit(ready, owner)
    step = ApplicationTransition.objects.get()
    assert (signed.signed_by, step.actor) == (owner.label, owner.label)


@pytest.mark.django_db(transaction=True)
def test_eight_racing_signatures_make_one_submission(memory_broker, ready, owner, race):
    results = race(lambda n: submit(ready, owner, signed_name=f"Name {n}"), 8)
    assert [type(result) for result in results] == [Submission] * 8
    assert {result.pk for result in results} == {Submission.objects.get().pk}
    steps = ApplicationTransition.objects.values_list("name", flat=True)
    assert list(steps) == ["submit"]
    assert list(OutboxEmail.objects.values_list("to", flat=True)) == [owner.user.email]


def test_starting_makes_a_numbered_draft(stranger):
    cycle = CycleFactory(next_number=122)
    first = submission.start(cycle=cycle, practice=stranger.organisation, by=stranger)
    assert (first.status, first.reference) == (Status.DRAFT, "EPT1-000122-2")
    assert (first.practice, first.cycle, first.submitted_at) == (stranger.organisation, cycle, None)
    again = submission.start(cycle=cycle, practice=stranger.organisation, by=stranger)
    assert again == first
    cycle.refresh_from_db()
    assert (cycle.next_number, Application.objects.count()) == (123, 1)


@pytest.mark.parametrize("trait", ["upcoming", "closed"])
def test_starting_outside_the_times_is_refused_with_both(stranger, trait):
    cycle = CycleFactory(**{trait: True})
    with pytest.raises(WrongState) as refusal:
        submission.start(cycle=cycle, practice=stranger.organisation, by=stranger)
    assert str(refusal.value) == (
        f"{cycle.title} takes applications from {to_the_second(cycle.opens_at)} to "
        f"{to_the_second(cycle.closes_at)}."
    )
    cycle.refresh_from_db()
    assert (cycle.next_number, Application.objects.count()) == (1, 0)


def test_a_draft_is_found_again_after_closing(draft, owner):
    with time_machine.travel(draft.cycle.closes_at + timedelta(days=1)):
        found = submission.start(cycle=draft.cycle, practice=draft.practice, by=owner)
    assert found == draft


@pytest.mark.django_db(transaction=True)
def test_colleagues_who_start_at_once_get_the_same_draft(stranger, race):
    cycle, practice = CycleFactory(), stranger.organisation
    found = race(lambda n: submission.start(cycle=cycle, practice=practice, by=stranger), 6)
    assert {row.pk for row in found} == {Application.objects.get().pk}
    cycle.refresh_from_db()
    assert cycle.next_number == 2


@pytest.mark.django_db(transaction=True)
def test_practices_that_start_at_once_get_different_numbers(hat_of, race):
    cycle, hats = CycleFactory(), [hat_of(Role.PRACTICE_OWNER) for _ in range(6)]
    race(lambda n: submission.start(cycle=cycle, practice=hats[n].organisation, by=hats[n]), 6)
    references = Application.objects.order_by("reference").values_list("reference", flat=True)
    assert [reference[:11] for reference in references] == [f"EPT1-00000{n}" for n in range(1, 7)]


def test_a_withdrawn_application_is_kept_and_another_can_be_started(ready, owner):
    submit(ready, owner)
    gone = submission.withdraw(ready, reason="We merged", by=owner)
    assert (gone.status, gone.withdrawn_at is not None) == (Status.WITHDRAWN, True)
    step = ApplicationTransition.objects.get(name="withdraw")
    assert (step.from_status, step.reason, step.actor) == ("submitted", "We merged", owner.label)
    fresh = submission.start(cycle=ready.cycle, practice=ready.practice, by=owner)
    assert (fresh.pk == ready.pk, fresh.status) == (False, Status.DRAFT)
    assert Submission.objects.get().application_id == ready.pk
    with pytest.raises(WrongState, match="already “withdrawn by you”"):
        submission.withdraw(ready, reason="Again", by=owner)


def test_a_draft_cannot_be_withdrawn(draft, owner):
    with pytest.raises(WrongState, match="already “not submitted yet”"):
        submission.withdraw(draft, reason="x", by=owner)
    assert nothing_written(draft)
