"""Declaring, declaring for somebody, clearing, and what a hard conflict does at once."""

import threading

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from applications.enums import ConflictOutcome, ConflictSource
from applications.models import ConflictCheck
from applications.queries import applications_visible_to
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring.domain import assignments, conflicts, scores
from scoring.domain.conflict_effects import Effects
from scoring.enums import Ending
from scoring.models import Assignment, CriterionScore, ScoreSheet
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.scoring.building import a_lead, fill, give, hand_in, in_review, scored, store, submitted
from tests.scoring.conflicting import DECLARED, NOTE, answers, check, declare, stored

pytestmark = pytest.mark.django_db
FAILED, PASSED = ConflictOutcome.FAILED, ConflictOutcome.PASSED


@pytest.fixture
def review():
    review = in_review()
    OutboxEmail.objects.all().delete()
    return review


def sent():
    return list(OutboxEmail.objects.order_by("pk").values_list("kind", "to"))


def own(hat, *failed):
    return {
        (hat.user_id, key, ConflictSource.SELF, FAILED if key in failed else PASSED)
        for key in DECLARED
    }


def lead_check(review, rule="helped"):
    row = {"person": review.reviewer.user, "rule": rule, "source": ConflictSource.LEAD}
    return ConflictCheck.objects.get(application=review.application, **row)


def test_no_conflict_is_kept_for_each_rule_and_nothing_happens(review):
    assert declare(review.application, review.reviewer) == Effects()
    assert stored(review.application) == own(review.reviewer)
    row = ConflictCheck.objects.get(rule="family")
    assert (row.stated_by, row.hard, row.note) == (review.reviewer.label, True, "")
    assert Assignment.objects.get().ended_at is None
    assert list(applications_visible_to(review.reviewer)) == [review.application]
    assert sent() == []


@pytest.mark.parametrize("rule", ["employment", "family", "financial", "helped"])
def test_a_hard_conflict_ends_the_review_and_asks_the_leads(review, rule):
    fill(review.sheet)
    second = MembershipFactory(role=Role.MCP_LEAD, organisation=review.lead.organisation)
    MembershipFactory(role=Role.MCP_LEAD)
    OutboxEmail.objects.all().delete()
    effects = declare(review.application, review.reviewer, rule)

    assert stored(review.application) == own(review.reviewer, rule)
    assignment, sheet = Assignment.objects.get(), ScoreSheet.objects.get()
    reason = f"{review.reviewer.label}: conflict of interest"
    assert (assignment.ended_kind, assignment.ended_reason) == (Ending.CONFLICT, reason)
    assert assignment.ended_at is not None
    assert (sheet.voided_at, sheet.void_reason) == (assignment.ended_at, reason)
    assert (sheet.is_submitted, CriterionScore.objects.count()) == (False, 18)
    assert effects == Effects((assignment,), (sheet,), counted=False)
    assert sorted(sent()) == sorted(("conflict", h.user.email) for h in (review.lead, second))
    email = OutboxEmail.objects.first()
    practice = review.application.practice.name
    assert email.subject == f"{review.application.reference}: {practice} needs a new reviewer"
    assert reverse("scoring:application", args=[review.application.pk]) in email.body
    assert "void" not in email.body
    assert "relative" not in email.body
    assert "helped" not in email.body
    assert list(applications_visible_to(review.reviewer)) == []
    assert list(applications_visible_to(review.lead)) == [review.application]


def test_a_soft_conflict_warns_only(review):
    assert declare(review.application, review.reviewer, "other") == Effects()
    assert stored(review.application) == own(review.reviewer, "other")
    assert ConflictCheck.objects.get(rule="other").note == NOTE["other"]
    assert (Assignment.objects.get().ended_at, sent()) == (None, [])
    declare(review.application, review.reviewer)
    assert stored(review.application) == own(review.reviewer)


def test_a_submitted_sheet_is_kept_void_and_counts_no_more(review):
    hand_in(review.sheet, 30)
    other = give(review.application, review.lead)
    hand_in(other, 60)
    OutboxEmail.objects.all().delete()
    effects = declare(review.application, review.reviewer, "family")

    review.sheet.refresh_from_db()
    assert (review.sheet.total, review.sheet.is_submitted) == (30, True)
    assert review.sheet.voided_at is not None
    assert not effects.counted
    [email] = OutboxEmail.objects.all()
    assert "The submitted score sheet is void. You can still read it." in email.body
    confirmed = scores.confirm(review.application, by=review.lead)
    assert (confirmed.mcp_score, confirmed.score_basis) == (60, "one_sheet")
    other.refresh_from_db()
    assert other.voided_at is None


def test_a_confirmed_score_stays_and_the_leads_are_told():
    review = scored(54)
    OutboxEmail.objects.all().delete()
    assert declare(review.application, review.reviewer, "family").counted
    review.application.refresh_from_db()
    assert review.application.mcp_score == 54
    assert "The confirmed MCP score still holds its points." in OutboxEmail.objects.get().body


def test_the_earlier_sheet_of_a_returned_application_is_void_too():
    review = in_review()
    hand_in(review.sheet)
    scores.return_to_practice(review.application, reason="Add members.", by=review.lead)
    declare(review.application, review.reviewer, "helped")
    assert ScoreSheet.objects.filter(voided_at__isnull=False).count() == 2
    kinds = Assignment.objects.order_by("pk").values_list("ended_kind", flat=True)
    assert list(kinds)[-1] == Ending.CONFLICT
    assert kinds[0] != Ending.CONFLICT


def test_every_hat_of_the_person_loses_the_review(review):
    hat = MembershipFactory(
        role=Role.MCP_LEAD, organisation=review.lead.organisation, user=review.reviewer.user
    )
    assignments.assign(review.application, reviewer=hat, by=review.lead)
    OutboxEmail.objects.all().delete()
    declare(review.application, review.reviewer, "family")
    assert not Assignment.objects.filter(ended_at=None).exists()
    assert {to for _kind, to in sent()} == {review.lead.user.email}
    assert list(applications_visible_to(hat)) == []


def test_when_no_lead_is_left_they_are_told_to_invite_one(review):
    check(review.application, review.lead.user)
    declare(review.application, review.reviewer, "family")
    [email] = OutboxEmail.objects.all()
    assert email.to == review.lead.user.email
    assert "Every lead of your plan has a conflict here. Invite another lead" in email.body


def test_declaring_again_does_nothing_more(review):
    declare(review.application, review.reviewer, "family")
    before = ConflictCheck.objects.order_by("pk").values_list("pk", "stated_at")
    kept, emails = list(before), sent()
    assert declare(review.application, review.reviewer, "family") == Effects()
    assert (list(before), sent()) == (kept, emails)


def test_a_hard_conflict_is_not_taken_back_by_the_person(review):
    declare(review.application, review.reviewer, "family")
    with pytest.raises(WrongState, match="A lead can clear it, with a reason"):
        declare(review.application, review.reviewer, "helped")
    assert stored(review.application) == own(review.reviewer, "family")


@pytest.mark.parametrize(
    ("given", "notes", "sentence"),
    [
        (answers(without=["family"]), {}, "Still open: A close relative of mine works there"),
        ({}, {}, "Answer each question. Still open: I work or worked"),
        (answers("other"), {"other": " \n"}, "Write in a few words what it is: Something else"),
        (answers() | {"same_tin": True}, {}, "The questions have changed. Reload the page"),
        (answers() | {"x\x00": False}, {}, "The questions have changed. Reload the page"),
    ],
)
def test_what_is_not_answered_is_refused_and_nothing_is_stored(review, given, notes, sentence):
    with pytest.raises(DomainError, match=sentence):
        conflicts.declare(review.application, answers=given, notes=notes, by=review.reviewer)
    assert stored(review.application) == set()
    assert Assignment.objects.get().ended_at is None


def declare_for(review, rule="helped", reason=" She wrote part 2. ", **people):
    people = {"person": review.reviewer, "by": review.lead} | people
    return conflicts.declare_for(review.application, rule=rule, reason=reason, **people)


def test_what_the_lead_declares_is_kept_apart_and_does_the_same(review):
    declare(review.application, review.reviewer)
    effects = declare_for(review)
    expected = (review.reviewer.user_id, "helped", ConflictSource.LEAD, FAILED)
    assert stored(review.application) == own(review.reviewer) | {expected}
    row = lead_check(review)
    assert (row.stated_by, row.note, row.hard) == (review.lead.label, "She wrote part 2.", True)
    assert [a.ended_kind for a in effects.ended] == [Ending.CONFLICT]
    assert effects.ended[0].ended_reason == f"{review.lead.label}: conflict of interest"
    assert list(applications_visible_to(review.reviewer)) == []


def test_who_had_the_application_is_told_that_the_lead_took_it_without_the_reason(review):
    declare(review.application, review.reviewer)
    declare_for(review)
    declare_for(review, rule="family", reason="He is her brother.")
    email = OutboxEmail.objects.get(to=review.reviewer.user.email)
    assert email.kind == "taken"
    assert review.application.reference in email.subject
    assert "Your lead noted a conflict of interest" in email.body
    for secret in ("She wrote part 2.", "brother", "http"):
        assert secret not in email.body


def test_who_declares_an_own_conflict_gets_no_email(review):
    declare(review.application, review.reviewer, "family")
    assert sent() == [("conflict", review.lead.user.email)]


def test_a_lead_declares_before_anything_is_assigned():
    lead = a_lead()
    application = submitted(lead)
    person = MembershipFactory(role=Role.MCP_REVIEWER, organisation=lead.organisation)
    words = {"rule": "family", "reason": "His sister works there."}
    assert conflicts.declare_for(application, person=person, by=lead, **words) == Effects()
    assert sent() == []
    assert len(stored(application)) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rule": "same_tin"}, "This program has no such rule"),
        ({"rule": "x\x00"}, "This program has no such rule"),
        ({"reason": " "}, "Write why this is a conflict of interest."),
    ],
)
def test_a_declaration_for_somebody_that_says_too_little(review, change, sentence):
    with pytest.raises(DomainError, match=sentence):
        declare_for(review, **change)
    assert stored(review.application) == set()


def test_a_lead_declares_for_the_own_team_and_not_for_the_own_person(review):
    with pytest.raises(DomainError, match="This person does not review for this plan."):
        declare_for(review, person=MembershipFactory(role=Role.MCP_REVIEWER))
    with pytest.raises(DomainError, match="Declare your own conflict in your own name."):
        declare_for(review, person=review.lead)
    assert stored(review.application) == set()


def test_clearing_opens_the_application_and_restores_no_review(review):
    declare(review.application, review.reviewer, "family")
    row = ConflictCheck.objects.get(rule="family")
    cleared = conflicts.clear(row, reason=" Another family. ", by=review.lead)
    row.refresh_from_db()
    assert (row.outcome, row.note, row.stated_by) == (PASSED, "Another family.", review.lead.label)
    assert (cleared.pk, row.source) == (row.pk, ConflictSource.SELF)
    assert Assignment.objects.get().ended_kind == Ending.CONFLICT
    assert list(applications_visible_to(review.reviewer)) == []
    assignments.assign(review.application, reviewer=review.reviewer, by=review.lead)
    assert list(applications_visible_to(review.reviewer)) == [review.application]
    declare(review.application, review.reviewer)
    row.refresh_from_db()
    assert row.stated_by == review.lead.label


def test_clearing_keeps_what_was_said(review):
    declare_for(review)
    conflicts.clear(lead_check(review), reason="It was her namesake.", by=review.lead)
    assert lead_check(review).note == "She wrote part 2.\nIt was her namesake."
    with pytest.raises(WrongState, match="This conflict is cleared already. Nothing was changed."):
        conflicts.clear(lead_check(review), reason="Again.", by=review.lead)


@pytest.mark.parametrize(
    ("who", "reason", "sentence"),
    [
        ("lead", " ", "Write why this is no conflict of interest."),
        ("reviewer", "Mine.", "Ask another lead to clear it."),
        ("stranger", "Theirs.", "This person does not review for this plan."),
    ],
)
def test_who_may_not_clear(review, who, reason, sentence):
    declare(review.application, review.reviewer, "family")
    by = a_lead() if who == "stranger" else getattr(review, who)
    with pytest.raises(DomainError, match=sentence):
        conflicts.clear(ConflictCheck.objects.get(rule="family"), reason=reason, by=by)
    assert stored(review.application) == own(review.reviewer, "family")


@pytest.mark.parametrize("count", [1, 3])
def test_who_still_has_to_declare_is_known_in_one_query(count, django_assert_num_queries):
    done = in_review()
    declare(done.application, done.reviewer)
    waiting = [in_review(done.lead) for _ in range(count)]
    for one in waiting:
        check(one.application, one.reviewer.user, source=ConflictSource.LEAD, hard=False)
        check(one.application, UserFactory(), outcome=PASSED)
    rows = Assignment.objects.select_related("application__cycle", "reviewer")
    found = list(rows)
    assert [conflicts.needs_declaration(row) for row in found] == [False] + [True] * count
    with django_assert_num_queries(1):
        assert conflicts.undeclared(found) == {row.pk for row in found[1:]}
    with django_assert_num_queries(1):
        assert conflicts.needs_declaration(found[1])


def test_standings_name_each_rule_with_its_sources(review):
    check(review.application, review.reviewer.user, rule="same_tin", source=ConflictSource.SYSTEM)
    declare_for(review, rule="family")
    rows = ConflictCheck.objects.filter(person=review.reviewer.user)
    found = conflicts.standings(review.application, rows)
    outcomes = {one.rule.key: one.outcome for one in found}
    assert outcomes == {
        "same_tin": FAILED,
        "email_domain": PASSED,
        "family": FAILED,
        **dict.fromkeys(["employment", "financial", "helped", "other"], ConflictOutcome.PENDING),
    }
    declare(review.application, review.reviewer)
    [family] = [
        one
        for one in conflicts.standings(review.application, rows.all())
        if one.rule.key == "family"
    ]
    assert {check.source for check in family.checks} == {ConflictSource.SELF, ConflictSource.LEAD}
    assert family.outcome == FAILED


def test_the_next_save_learns_why_it_is_refused(review):
    sheet = review.sheet
    store(sheet, {"1.1": 4})
    assert conflicts.why_closed(sheet.pk, by=review.reviewer) == ""
    declare_for(review)
    with pytest.raises(WrongState):
        store(sheet, {"1.1": 5})
    assert CriterionScore.objects.get().points == 4
    sentence = conflicts.why_closed(sheet.pk, by=review.reviewer)
    assert sentence.startswith("A conflict of interest was declared")
    assert conflicts.why_closed(sheet.pk, by=review.lead) == ""
    assert conflicts.why_closed(0, by=review.reviewer) == ""
    taken = in_review(review.lead)
    assignments.end(taken.sheet.assignment, reason="On leave", by=review.lead)
    sentence = conflicts.why_closed(taken.sheet.pk, by=taken.reviewer)
    assert sentence == "This review was taken back. Nothing was stored."


@pytest.mark.django_db(transaction=True)
def test_a_save_that_waits_for_a_declaration_is_refused(bell):
    review = in_review()
    outcome, started = [], threading.Event()

    def save():
        started.set()
        try:
            store(review.sheet, {"1.1": 5}, point_bases={}, comment_bases={})
        except WrongState as error:
            outcome.append(str(error))
        finally:
            connection.close()

    thread = threading.Thread(target=save)
    with transaction.atomic():
        declare(review.application, review.reviewer, "family")
        thread.start()
        started.wait()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(30)
    [sentence] = outcome
    assert "Nothing was stored." in sentence
    assert not CriterionScore.objects.exists()


def test_history_names_who_cleared(review):
    declare(review.application, review.reviewer, "family")
    row = ConflictCheck.objects.get(rule="family")
    conflicts.clear(row, reason="No.", by=review.lead)
    events = row.events.order_by("pgh_id").values_list("outcome", "stated_by")
    assert list(events) == [(FAILED, review.reviewer.label), (PASSED, review.lead.label)]
    assert row.stated_at <= timezone.now()
