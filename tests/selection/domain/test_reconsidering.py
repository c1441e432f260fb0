"""Reconsiderations: who may ask, who may answer, and what an answer does."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import Role
from applications.enums import RECONSIDERATION, Scan
from applications.filetypes import FileRefused
from applications.models import ApplicationTransition, Attachment
from applications.queries import attachments_in_force, attachments_of
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.models import Assignment
from selection.deadlines import answer_by, reconsider_by
from selection.domain import reconsidering
from selection.enums import OfferStatus
from selection.models import Decision, DecisionRecord, LaterAct, Offer, Proposal, Reconsideration
from selection.queries.reconsiderations import is_overtaken, readers_for
from selection.record import verifier
from tests.applications.filing import EXE, PDF, upload
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.conflicting import check
from tests.selection.asking import GROUNDS, REASONS, a_decided_cohort

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files_folder(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "files")


@pytest.fixture
def decided(db):
    return a_decided_cohort(CycleFactory(closed=True))


def decide(decided, row, outcome, **kwargs):
    values = {"outcome": outcome, "reasons": REASONS, "by": decided.reader, **kwargs}
    return reconsidering.decide(row, **values)


def mails(row, part):
    return OutboxEmail.objects.filter(dedupe_key=f"reconsideration:{row.pk}{part}")


def later(monkeypatch, moment):
    monkeypatch.setattr(timezone, "now", lambda: moment)


def test_request_keeps_grounds_and_decision_and_every_owner_gets_a_receipt(decided):
    second = MembershipFactory(
        role=Role.PRACTICE_OWNER, organisation=decided.applications["near"].practice
    )
    row = decided.ask()
    decision = Decision.objects.get(application=decided.applications["near"])
    assert (row.decision, row.grounds, row.requested_by) == (
        decision, GROUNDS, decided.owners["near"].user,
    )  # fmt: skip
    owners = {decided.owners["near"].user.email, second.user.email}
    receipts = mails(row, ":received")
    assert set(receipts.values_list("to", flat=True)) == owners
    assert {m.kind for m in receipts} == {"reconsideration_received"}
    assert all(f"/reconsideration/{row.application_id}/" in m.body for m in receipts)
    assert DecisionRecord.objects.count() == 1


@pytest.mark.parametrize("name", ["near", "below", "refused"])
def test_who_is_not_selected_asks_once(decided, name):
    row = decided.ask(name)
    with pytest.raises(WrongState, match="asked on .* already"):
        decided.ask(name)
    assert list(Reconsideration.objects.all()) == [row]


def test_who_is_selected_has_nothing_to_ask(decided):
    with pytest.raises(WrongState, match="no decision here"):
        decided.ask("above")


def test_nothing_to_ask_before_a_release(decided):
    Decision.objects.update(in_force=False)
    with pytest.raises(WrongState, match="no decision here"):
        decided.ask()


def test_grounds_say_something(decided):
    with pytest.raises(DomainError, match="20 characters"):
        decided.ask(grounds=" too short   ")
    assert not Reconsideration.objects.exists()


def test_the_last_second_counts_and_the_next_one_does_not(decided, monkeypatch):
    until = reconsider_by(decided.proposal.cycle, decided.proposal.released_at)
    assert until - decided.proposal.released_at > timedelta(days=30)
    later(monkeypatch, until + timedelta(seconds=1))
    with pytest.raises(WrongState, match="You could ask until"):
        decided.ask()
    later(monkeypatch, until)
    assert decided.ask().requested_at == until


def test_files_come_along_and_are_no_part_of_the_application(decided):
    application = decided.applications["near"]
    row = decided.ask(files=[upload(name="a.pdf"), upload(name="b.pdf")])
    files = Attachment.objects.filter(application=application).order_by("pk")
    assert [(f.name, f.kind) for f in files] == [
        ("a.pdf", RECONSIDERATION), ("b.pdf", RECONSIDERATION),
    ]  # fmt: skip
    assert attachments_in_force(application) == attachments_of(application) == []
    reconsidering.add_files(row, files=[upload(name="c.pdf")], by=decided.owners["near"])
    assert files.all().count() == 3


def test_files_wait_for_the_virus_check(decided, settings):
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    row = decided.ask(files=[upload()])
    assert Attachment.objects.get(application=row.application).scan == Scan.PENDING


def test_one_refused_file_stores_nothing(decided, settings, tmp_path):
    files = [upload(PDF, "good.pdf"), upload(EXE, "bad.exe")]
    with pytest.raises(FileRefused, match="bad.exe"):
        decided.ask(files=files)
    assert not Reconsideration.objects.exists()
    assert not Attachment.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_second_request_leaves_no_file_behind(decided, tmp_path):
    decided.ask()
    with pytest.raises(WrongState):
        decided.ask(files=[upload()])
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_taken_back_with_its_files_and_asked_again(decided):
    row = decided.ask(files=[upload()])
    for _twice in range(2):
        reconsidering.take_back(row, by=decided.owners["near"])
    row.refresh_from_db()
    assert row.taken_back_at is not None
    assert Attachment.objects.get().ended_at == row.taken_back_at
    with pytest.raises(WrongState, match="taken back"):
        reconsidering.add_files(row, files=[upload()], by=decided.owners["near"])
    with pytest.raises(WrongState, match="taken back"):
        reconsidering.assign(row, to=decided.reader, by=decided.approver)
    assert decided.ask().pk != row.pk


def test_an_answered_request_is_not_taken_back(decided):
    row = decided.given()
    decide(decided, row, "waitlisted")
    with pytest.raises(WrongState, match="was answered"):
        reconsidering.take_back(row, by=decided.owners["near"])


def test_database_keeps_one_request_for_a_decision(decided):
    row = decided.ask()
    row.pk = None
    with pytest.raises(IntegrityError, match="selection_reconsidered_once"), transaction.atomic():
        row.save(force_insert=True)


def test_assigned_person_gets_one_email_that_tells_nothing(decided):
    row = decided.given()
    reconsidering.assign(row, to=decided.reader, by=decided.approver)
    row.refresh_from_db()
    assert (row.assigned_to, row.assigned_by) == (decided.reader.user, decided.approver.user)
    mail = mails(row, "").get()
    assert mail.to == decided.reader.user.email
    assert GROUNDS not in mail.body
    assert f"/reconsiderations/{row.pk}/" in mail.body


def _scored(decided, hat):
    reviewer = MembershipFactory(role=Role.MCP_REVIEWER, user=hat.user)
    Assignment.objects.create(
        application=decided.applications["near"], reviewer=reviewer, assigned_by="A lead"
    )


def _works_for_the_practice(decided, hat):
    practice = decided.applications["near"].practice
    MembershipFactory(role=Role.PRACTICE_CONTRIBUTOR, user=hat.user, organisation=practice)


def _works_for_the_plan(decided, hat):
    plan = decided.applications["near"].designated_mcp
    MembershipFactory(role=Role.MCP_LEAD, user=hat.user, organisation=plan)


def _has_a_conflict(decided, hat):
    check(decided.applications["near"], hat.user)


def _left(decided, hat):
    type(hat).objects.filter(pk=hat.pk).update(is_active=False)


TAINTS = [_scored, _works_for_the_practice, _works_for_the_plan, _has_a_conflict, _left]


@pytest.mark.parametrize("taint", TAINTS)
def test_who_took_part_or_is_near_does_not_answer(decided, taint):
    row = decided.ask()
    taint(decided, decided.reader)
    with pytest.raises(DomainError, match="can't answer this request"):
        reconsidering.assign(row, to=decided.reader, by=decided.approver)
    row.refresh_from_db()
    assert row.assigned_to is None


@pytest.mark.parametrize("taint", TAINTS)
def test_it_is_asked_again_when_the_answer_comes(decided, taint):
    row = decided.given()
    taint(decided, decided.reader)
    with pytest.raises(DomainError, match="can't answer this request"):
        decide(decided, row, "selected")
    assert not LaterAct.objects.exists()


@pytest.mark.parametrize("who", ["proposer", "approver"])
def test_who_made_the_decision_does_not_answer(decided, who):
    with pytest.raises(DomainError, match="can't answer this request"):
        reconsidering.assign(decided.ask(), to=getattr(decided, who), by=decided.approver)


def test_releaser_who_did_not_approve_does_not_answer(decided):
    hat = decided.reader
    Proposal.objects.filter(pk=decided.proposal.pk).update(released_by=hat.user)
    with pytest.raises(DomainError, match="can't answer this request"):
        decided.given()


def test_readers_are_analysts_and_approvers_of_the_office_once_each(decided):
    office = decided.reader.organisation
    MembershipFactory(role=Role.DHCS_ADMINISTRATOR, organisation=office)
    MembershipFactory(role=Role.AUDITOR, organisation=office)
    MembershipFactory(role=Role.DHCS_ANALYST)
    MembershipFactory(role=Role.DHCS_APPROVER, organisation=office, user=decided.reader.user)
    found = readers_for(decided.ask(), office)
    assert {hat.user_id for hat in found} == {decided.reader.user_id}
    assert len(found) == 1


def test_only_the_assigned_person_answers(decided):
    other = MembershipFactory(role=Role.DHCS_APPROVER, organisation=decided.reader.organisation)
    with pytest.raises(DomainError, match="given to another person"):
        decide(decided, decided.given(), "selected", by=other)


@pytest.mark.parametrize(
    ("name", "outcome", "step"),
    [
        ("near", "selected", "overturn_select"),
        ("below", "selected", "overturn_select"),
        ("below", "waitlisted", "overturn_waitlist"),
        ("near", "waitlisted", ""),
        ("below", "not_selected", ""),
    ],
)
def test_answer_moves_seals_and_tells(decided, name, outcome, step):
    application = decided.applications[name]
    before = Decision.objects.get(application=application)
    row = decide(decided, decided.given(name), outcome)
    application.refresh_from_db()
    assert application.status == outcome
    steps = ApplicationTransition.objects.filter(application=application, name__startswith="over")
    assert [one.name for one in steps] == ([step] if step else [])
    act = LaterAct.objects.get()
    assert (act.application, act.outcome, act.reason, act.by, act.record) == (
        application, outcome, "reconsidered", decided.reader.user, row.record,
    )  # fmt: skip
    documents = [json.loads(one.document) for one in DecisionRecord.objects.order_by("sequence")]
    verifier.verify_chain(documents)
    assert documents[-1]["acts"][-1]["outcome"] == outcome
    after = Decision.objects.get(application=application, in_force=True)
    assert (after.pk, after.outcome, after.reason) == (before.pk, before.outcome, before.reason)
    mail = mails(row, ":decided").get()
    assert mail.to == decided.owners[name].user.email
    assert REASONS in mail.body
    assert ("stays" in mail.body) == (not step)


def test_selected_anew_gets_an_open_offer_with_its_own_deadline(decided):
    row = decide(decided, decided.given("below"), "selected")
    offer = Offer.objects.get(application=decided.applications["below"])
    cycle = decided.proposal.cycle
    assert (offer.status, offer.decision, offer.answer_by) == (
        OfferStatus.OPEN, row.decision, answer_by(cycle, row.decided_at),
    )  # fmt: skip
    assert "accepts or declines" in mails(row, ":decided").get().body


def test_suggestion_from_the_waitlist_becomes_the_offer(decided):
    row = decided.given("near")
    suggested = Offer.objects.create(
        application=decided.applications["near"],
        decision=row.decision,
        status=OfferStatus.SUGGESTED,
        is_promotion=True,
    )
    decide(decided, row, "selected")
    offers = Offer.objects.filter(application=decided.applications["near"])
    assert [(one.pk, one.status) for one in offers] == [(suggested.pk, OfferStatus.OPEN)]


def test_answer_stays_without_an_offer(decided):
    decide(decided, decided.given("near"), "waitlisted")
    assert not Offer.objects.filter(application=decided.applications["near"]).exists()


def test_outcome_never_becomes_worse(decided):
    with pytest.raises(DomainError, match="Choose one of the outcomes"):
        decide(decided, decided.given("near"), "not_selected")
    assert DecisionRecord.objects.count() == 1


def test_reasons_say_something(decided):
    with pytest.raises(DomainError, match="20 characters"):
        decide(decided, decided.given(), "selected", reasons="No.")


def test_second_answer_changes_nothing(decided):
    row = decided.given()
    first = decide(decided, row, "selected")
    again = decide(decided, row, "selected", reasons="Some other words, long enough.")
    assert (again.reasons, again.record) == (first.reasons, first.record)
    with pytest.raises(WrongState, match="was answered"):
        decide(decided, row, "waitlisted")
    assert DecisionRecord.objects.count() == 2


def test_request_is_overtaken_when_the_application_moves_on(decided):
    row = decided.given()
    application = decided.applications["near"]
    type(application).objects.filter(pk=application.pk).update(status="selected")
    row = Reconsideration.objects.select_related("application", "decision").get(pk=row.pk)
    assert is_overtaken(row)
    with pytest.raises(WrongState, match="moved on"):
        decide(decided, row, "selected")


def test_request_is_overtaken_by_newer_decisions(decided):
    row = decided.given()
    Decision.objects.update(in_force=False)
    with pytest.raises(WrongState, match="moved on"):
        decide(decided, row, "selected")


def test_owner_reads_spanish(decided):
    owner = decided.owners["near"].user
    owner.language = "es"
    owner.save()
    row = decided.ask()
    mail = mails(row, ":received").get()
    assert "DHCS recibió su pedido de reconsideración" in mail.subject
    assert "Hasta entonces la decisión queda como está." in mail.body
