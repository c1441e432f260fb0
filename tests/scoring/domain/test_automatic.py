from collections import Counter

import pytest
from django.utils import timezone

from accounts.enums import Role
from accounts.models import Membership
from applications.domain.transitions import apply_transition
from applications.enums import ConflictOutcome, Status
from applications.models import ApplicationTransition
from core.exceptions import WrongState
from notifications.models import OutboxEmail
from scoring.domain import applying, assignments, automatic
from scoring.domain.unplaced import why
from scoring.enums import Ending, RunState
from scoring.models import Assignment, AssignmentRun, ScoreSheet
from tests.factories.accounts import MembershipFactory
from tests.scoring.building import a_reviewer, hand_in, in_review, send_back_and_again
from tests.scoring.pools import many_applications
from tests.scoring.running import World, conflict, pairs_of, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return World()


def test_dry_run_shows_the_loads_and_assigns_nothing(world):
    run = AssignmentRun.objects.get(pk=world.prepare().pk)
    assert (run.state, run.progress, run.unplaced) == (RunState.READY, 1.0, [])
    assert (run.made_by, run.reviewers_each) == (world.lead.label, 1)
    assert run.finished_at is not None
    assert {application for application, _hat in run.pairs} == {a.pk for a in world.applications}
    assert run.loads == {str(hat.pk): [0, 2] for hat in world.hats}
    assert (Assignment.objects.count(), OutboxEmail.objects.count()) == (0, 0)
    world.applications[0].refresh_from_db()
    assert world.applications[0].status == Status.SUBMITTED


def test_apply_assigns_as_prepared_starts_the_reviews_and_tells(world):
    run = world.prepare()
    applied = world.apply(run)
    assert (applied.state, applied.applied_at is not None) == (RunState.APPLIED, True)
    assert standing() == pairs_of(run)
    assert set(Assignment.objects.values_list("assigned_by", flat=True)) == {world.lead.label}
    assert ScoreSheet.objects.filter(submitted_at=None, total=0).count() == 4
    steps = ApplicationTransition.objects.values_list("name", "actor", "to_status")
    assert list(steps) == [("start_review", world.lead.label, Status.IN_REVIEW)] * 4
    told = Counter(OutboxEmail.objects.values_list("to", flat=True))
    assert told == {hat.user.email: 1 for hat in world.hats}
    assert world.apply(run).applied_at == applied.applied_at
    assert (Assignment.objects.count(), OutboxEmail.objects.count()) == (4, 2)


@pytest.mark.parametrize("number", [1, 2, 22])
def test_each_reviewer_gets_one_email_that_names_the_applications(number):
    world = World(number, 1)
    world.apply(world.prepare())
    email = OutboxEmail.objects.get()
    assert (email.kind, email.to) == ("assigned", world.hats[0].user.email)
    summary = f"{world.cycle.title}: {number} applications are yours to score"
    assert (email.subject == summary) == (number > 1)
    named = [one.reference in email.subject + email.body for one in world.applications]
    assert named == [True] * min(number, 20) + [False] * (number - 20)
    assert ("and 2 more" in email.body) == (number == 22)
    asks = f"/reviews/?cycle={world.cycle.slug}\n"
    assert (asks in email.body) == (number > 1)


def test_after_a_decline_only_what_must_move_moves(world):
    world.apply(world.prepare())
    declined = Assignment.objects.first()
    before = standing() - {(declined.application_id, declined.reviewer_id)}
    declined.ended_at, declined.ended_kind = timezone.now(), Ending.DECLINED
    declined.save()
    run = world.prepare()
    [other] = [hat.pk for hat in world.hats if hat.pk != declined.reviewer_id]
    assert pairs_of(run) == {(declined.application_id, other)}
    world.apply(run)
    assert standing() == before | pairs_of(run)


@pytest.mark.parametrize("outcome", ConflictOutcome.values)
@pytest.mark.parametrize("hard", [True, False])
def test_only_a_hard_conflict_that_failed_keeps_a_pair_apart(outcome, hard):
    world = World(1, 1)
    conflict(world.applications[0], world.hats[0], outcome, hard=hard)
    apart = hard and outcome == ConflictOutcome.FAILED
    run = world.prepare()
    assert (len(run.pairs), len(run.unplaced)) == ((0, 1) if apart else (1, 0))


def test_what_the_portal_finds_keeps_a_pair_apart_before_anybody_declares_it():
    world = World(1, 1)
    MembershipFactory(user=world.hats[0].user, organisation=world.applications[0].practice)
    [row] = world.prepare().unplaced
    assert why(row) == "Everybody else has a conflict of interest."


def test_conflict_is_the_persons_and_nobody_gets_it_twice_by_two_hats():
    world = World(2, 1)
    person = world.hats[0].user
    second = MembershipFactory(user=person, role=Role.MCP_LEAD, organisation=world.plan)
    world.limit(second, None)
    conflict(world.applications[0], second)
    assignments.assign(world.applications[1], reviewer=second, by=world.lead)
    run = world.prepare(2)
    assert run.pairs == []
    assert run.loads == {str(world.hats[0].pk): [1, 1]}
    assert [why(row) for row in run.unplaced] == [
        "Everybody else has a conflict of interest.",
        "Everybody who reviews for the plan has it already.",
    ]


def test_lead_takes_part_only_with_a_profile():
    world = World(4, 1)
    assert set(world.prepare().loads) == {str(world.hats[0].pk)}
    world.limit(world.lead, None)
    run = world.prepare()
    assert run.loads == {str(world.hats[0].pk): [0, 2], str(world.lead.pk): [0, 2]}


def test_loads_count_open_reviews_only_and_are_levelled():
    world = World(5, 2)
    first, second = world.hats
    for application in world.applications[:2]:
        assignments.assign(application, reviewer=first, by=world.lead)
    hand_in(ScoreSheet.objects.order_by("pk").first())
    run = world.prepare()
    assert run.loads == {str(first.pk): [1, 2], str(second.pk): [0, 2]}


def test_preference_decides_between_equal_loads():
    world = World(6, 6)
    run = world.prepare()
    assert run.preferred == {"possible": 6, "met": 6}
    assert pairs_of(run) == {
        (application.pk, hat.pk)
        for application, hat in zip(world.applications, world.hats, strict=True)
    }


@pytest.mark.parametrize("kind", ["full", "away", "conflict", "had", "mixed", "alone"])
def test_what_is_impossible_says_why(kind):
    world = World(1, 2)
    [application], (first, second) = world.applications, world.hats
    each = 1
    if kind == "full":
        world.limit(first, 0)
        world.limit(second, 0)
    elif kind == "away":
        world.away(first)
        world.away(second)
    elif kind == "conflict":
        conflict(application, first)
        conflict(application, second)
    elif kind == "had":
        for hat in (first, second):
            given = assignments.assign(application, reviewer=hat, by=world.lead)
            assignments.end(given, reason="No time", by=world.lead)
    elif kind == "mixed":
        conflict(application, first)
        world.away(second)
    else:
        each = 3
    run = AssignmentRun.objects.get(pk=world.prepare(each).pk)
    [row] = run.unplaced
    assert (row["application"], row["reference"]) == (application.pk, application.reference)
    assert (row["missing"], len(run.pairs)) == ((1, 2) if kind == "alone" else (1, 0))
    assert (
        why(row)
        == {
            "full": "Everybody else has reached the limit of open reviews.",
            "away": "Everybody else is away today.",
            "conflict": "Everybody else has a conflict of interest.",
            "had": "Everybody else had it before and gave it back.",
            "mixed": "Nobody is left: 1 has a conflict of interest, 1 is away today. Leads count only "
            "after limit and preferences are saved.",
            "alone": "Everybody who reviews for the plan has it already.",
        }[kind]
    )


@pytest.mark.parametrize("change", ["moved_on", "given", "gone", "full", "away", "conflict"])
def test_apply_is_refused_when_something_changed_that_breaks_it(change):
    world = World(2, 1)
    run = world.prepare()
    application, hat = world.applications[0], world.hats[0]
    if change == "moved_on":
        apply_transition(application, "return", by=world.lead, reason="Add it.")
    elif change == "given":
        assignments.assign(application, reviewer=a_reviewer(world.lead), by=world.lead)
    elif change == "gone":
        Membership.objects.filter(pk=hat.pk).update(is_active=False)
    elif change == "full":
        world.limit(hat, 1)
    elif change == "away":
        world.away(hat)
    else:
        conflict(application, hat)
    before, mails = standing(), OutboxEmail.objects.count()
    person = hat.user.full_name
    said = {
        "moved_on": f"{application.reference} has changed.",
        "given": f"{application.reference} has changed.",
        "gone": f"{person} no longer takes part in the assignment.",
        "full": f"{person} can't take that many now.",
        "away": f"{person} can't take that many now.",
        "conflict": f"{person} can't get {application.reference} any more.",
    }[change]
    with pytest.raises(WrongState) as refused:
        world.apply(run)
    end = "Nothing was assigned. Prepare the assignment again."
    assert str(refused.value) == f"{said} {end}"
    assert (standing(), OutboxEmail.objects.count()) == (before, mails)
    run.refresh_from_db()
    assert run.state == RunState.READY


def test_change_that_breaks_nothing_is_no_obstacle(world):
    run = world.prepare()
    a_reviewer(world.lead)
    many_applications(world.plan, world.cycle, 1)
    world.apply(run)
    assert standing() == pairs_of(run)


def test_resubmitted_application_goes_on_with_the_reviewer_it_has():
    review = in_review()
    owner = MembershipFactory(organisation=review.application.practice)
    application = send_back_and_again(review, by=owner)
    other = a_reviewer(review.lead)
    OutboxEmail.objects.all().delete()
    run = automatic.prepare(
        review.lead.organisation, cycle=application.cycle, reviewers_each=2, by=review.lead
    )
    assert run.pairs == [[application.pk, other.pk]]
    applying.apply(run, by=review.lead)
    application.refresh_from_db()
    assert application.status == Status.IN_REVIEW
    told = set(OutboxEmail.objects.values_list("to", flat=True))
    assert told == {review.reviewer.user.email, other.user.email}
