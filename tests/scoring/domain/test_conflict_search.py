"""What the portal finds by itself, for one pair and for many."""

import pytest
from django.urls import reverse

from accounts.enums import Role
from applications.enums import ConflictOutcome, ConflictSource, Status
from applications.models import ConflictCheck, Practice
from core.exceptions import DomainError
from notifications.models import OutboxEmail
from scoring.domain import assignments, conflict_search, conflicts, settling, team
from scoring.enums import Ending
from scoring.models import Assignment, ScoreSheet
from tests.factories.accounts import MembershipFactory
from tests.factories.applications import PracticeFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import in_review, submitted
from tests.scoring.conflicting import check, stored
from tests.scoring.settling import apart

pytestmark = pytest.mark.django_db
FAILED, PASSED, SYSTEM = ConflictOutcome.FAILED, ConflictOutcome.PASSED, ConflictSource.SYSTEM


@pytest.fixture
def lead():
    return MembershipFactory(role=Role.MCP_LEAD, user__email="lead@plan.org")


def reviewer(lead, email="rev@plan.org"):
    return MembershipFactory(
        role=Role.MCP_REVIEWER, organisation=lead.organisation, user__email=email
    )


def application_of(lead, email="ana@clinic.org", tin="", **columns):
    application = submitted(lead, **columns)
    if email:
        MembershipFactory(organisation=application.practice, user__email=email)
    Practice.objects.filter(pk=application.practice_id).update(tin_digest=tin)
    return application


def works_for(hat, organisation, **columns):
    role = Role.PRACTICE_CONTRIBUTOR
    return MembershipFactory(user=hat.user, organisation=organisation, role=role, **columns)


def row(hat, rule, outcome=FAILED):
    return (hat.user_id, rule, SYSTEM, outcome)


def run(applications, reviewers, lead):
    return conflict_search.check_pairs(applications, reviewers, by=lead)


def test_the_same_domain_is_soft_and_says_which(lead):
    near, far = reviewer(lead, "rev@staff.clinic.org"), reviewer(lead)
    application = application_of(lead)
    assert run([application], [near, far], lead) == []
    assert stored(application) == {row(near, "email_domain")}
    found = ConflictCheck.objects.get()
    assert (found.hard, found.note, found.stated_by) == (False, "clinic.org", "EPT Portal")


def test_a_public_provider_says_nothing(lead):
    application = application_of(lead, "ana@gmail.com")
    run([application], [reviewer(lead, "rev@gmail.com")], lead)
    assert stored(application) == set()


@pytest.mark.parametrize("active", [True, False])
def test_a_hat_in_the_practice_is_hard_also_when_it_was_taken_off(lead, active):
    application, hat = application_of(lead), reviewer(lead)
    works_for(hat, application.practice, is_active=active)
    run([application], [hat], lead)
    assert row(hat, "same_tin") in stored(application)
    assert ConflictCheck.objects.get(rule="same_tin").hard


@pytest.mark.parametrize("where", ["profile", "signed"])
def test_the_same_tin_elsewhere_is_hard(lead, where):
    tin = "t" * 64
    application = application_of(lead, tin=tin if where == "profile" else "")
    if where == "signed":
        application.tin_digest = tin
        application.save(update_fields=["tin_digest"])
    near, far = reviewer(lead), reviewer(lead, "far@plan.org")
    works_for(near, PracticeFactory(tin_digest=tin).organisation)
    works_for(far, PracticeFactory(tin_digest="u" * 64).organisation)
    run([application], [near, far], lead)
    assert stored(application) == {row(near, "same_tin")}


def test_a_new_hard_conflict_ends_the_review_that_stands(lead):
    review = in_review(lead)
    works_for(review.reviewer, review.application.practice)
    OutboxEmail.objects.all().delete()
    [effects] = run([review.application], [review.reviewer, lead], lead)
    assert [a.pk for a in effects.ended] == [review.sheet.assignment_id]
    assert Assignment.objects.get().ended_kind == Ending.CONFLICT
    assert ScoreSheet.objects.get().voided_at is not None
    email = OutboxEmail.objects.get()
    assert (email.kind, email.to) == ("conflict", lead.user.email)
    assert run([review.application], [review.reviewer, lead], lead) == []
    assert OutboxEmail.objects.count() == 1


def test_what_is_no_more_becomes_passed_and_can_fail_again(lead):
    application, hat = application_of(lead), reviewer(lead, "rev@clinic.org")
    run([application], [hat], lead)
    hat.user.email = "rev@plan.org"
    hat.user.save()
    run([application], [hat], lead)
    assert stored(application) == {row(hat, "email_domain", PASSED)}
    hat.user.email = "rev@clinic.org"
    hat.user.save()
    run([application], [hat], lead)
    assert stored(application) == {row(hat, "email_domain")}


def test_what_a_lead_cleared_stays_cleared(lead):
    application, hat = application_of(lead), reviewer(lead)
    works_for(hat, application.practice)
    run([application], [hat], lead)
    pair = {(application.pk, hat.pk)}
    assert conflict_search.closed_pairs([application], [hat]) == pair
    conflicts.clear(ConflictCheck.objects.get(rule="same_tin"), reason="Left in 2009.", by=lead)
    run([application], [hat], lead)
    assert stored(application) == {row(hat, "same_tin", PASSED), row(hat, "email_domain")}
    assert conflict_search.closed_pairs([application], [hat]) == set()
    conflict_search.admit(application, hat, by=lead)


def test_the_same_again_writes_nothing(lead):
    application, hat = application_of(lead), reviewer(lead, "rev@clinic.org")
    run([application], [hat], lead)
    before = ConflictCheck.objects.get()
    run([application], [hat], lead)
    after = ConflictCheck.objects.get()
    assert (after.stated_at, after.events.count()) == (before.stated_at, 1)


def test_closed_pairs_are_what_is_stored_and_what_would_be_found(lead):
    first, second = application_of(lead), application_of(lead, "bo@other.org")
    near, said, soft, free = (reviewer(lead, f"r{n}@plan.org") for n in range(4))
    both = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation, user=said.user)
    works_for(near, first.practice)
    check(second, said.user, source=ConflictSource.LEAD)
    check(second, soft.user, hard=False)
    check(second, free.user, outcome=PASSED)
    found = conflict_search.closed_pairs([first, second], [near, said, both, soft, free])
    assert found == {(first.pk, near.pk), (second.pk, said.pk), (second.pk, both.pk)}
    assert ConflictCheck.objects.count() == 3


def test_admit_refuses_a_hard_conflict_and_lets_a_soft_one_pass(lead):
    application = application_of(lead)
    near, soft = reviewer(lead), reviewer(lead, "rev@clinic.org")
    conflict_search.admit(application, soft, by=lead)
    assert stored(application) == {row(soft, "email_domain")}
    check(application, near.user)
    sentence = f"^{near.user.full_name} has a conflict of interest with this application."
    with pytest.raises(DomainError, match=sentence):
        conflict_search.admit(application, near, by=lead)


def test_refused_assignment_keeps_what_the_portal_found(lead, as_hat):
    application, hat = application_of(lead), reviewer(lead)
    works_for(hat, application.practice)
    url = reverse("scoring:assign", args=[application.pk])
    page = as_hat(lead).post(url, {"reviewer": hat.pk})
    assert page.status_code == 409
    assert stored(application) == {row(hat, "same_tin"), row(hat, "email_domain")}
    application.refresh_from_db()
    assert (application.status, Assignment.objects.count()) == (Status.SUBMITTED, 0)
    page = as_hat(lead).get(reverse("scoring:conflicts", args=[application.pk]))
    [person] = page.context["conflict_people"]
    assert (person["person"], person["failed"]) == (hat.user_id, 2)
    assert hat.user.full_name in page.content.decode()


def test_refused_third_reader_keeps_what_the_portal_found(lead):
    found, hat = apart(lead), reviewer(lead)
    works_for(hat, found.application.practice)
    with pytest.raises(DomainError, match="has a conflict of interest"):
        settling.assign_third(found.application, reviewer=hat, by=lead)
    assert row(hat, "same_tin") in stored(found.application)
    found.adjudication.refresh_from_db()
    assert (found.adjudication.third, Assignment.objects.count()) == (None, 2)


def test_other_refusals_keep_nothing(lead):
    application, hat = application_of(lead), reviewer(lead, "rev@clinic.org")
    team.set_profile(hat, max_open=0, counties=[], specialties=[], by=lead)
    with pytest.raises(DomainError, match="limit of open reviews"):
        assignments.assign(application, reviewer=hat, by=lead)
    assert stored(application) == set()


@pytest.mark.parametrize("count", [1, 3])
def test_many_cost_what_one_costs(lead, count, django_assert_num_queries):
    cycle = CycleFactory()
    rows = [application_of(lead, f"ana@c{n}.org", cycle=cycle) for n in range(count)]
    hats = [reviewer(lead, f"rev@c{n}.org") for n in range(count)]
    for application, hat in zip(rows, hats, strict=True):
        works_for(hat, application.practice)
    assert cycle.definition.scoring.conflict_rules
    with django_assert_num_queries(3):
        found = conflict_search.search(rows, hats)
    assert len(found) == 2 * count
    with django_assert_num_queries(5):
        conflict_search.closed_pairs(rows, hats)
    with django_assert_num_queries(8):  # and one on the reviews that stand, a write, its savepoints
        run(rows, hats, lead)
    assert ConflictCheck.objects.count() == 2 * count
    assert conflict_search.search([], []) == []
