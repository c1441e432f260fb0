import pytest

from accounts.enums import Role
from applications.enums import Status
from applications.models import Application
from applications.queries import applications_visible_to, by_score
from core.exceptions import WrongState
from selection.domain import claims
from selection.models import Claim
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import ApplicationFactory
from tests.scoring.conflicting import check
from tests.selection.building import handed_over
from tests.selection.racing import run_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle():
    return CycleFactory()


def queue(hat):
    return by_score(applications_visible_to(hat))


def test_next_is_the_first_that_nobody_has(cycle, analyst, approver):
    rows = [handed_over(cycle, score) for score in (90, 80, 70)]
    assert claims.claim_next(queue(analyst), by=analyst).application == rows[0]
    assert claims.claim_next(queue(approver), by=approver).application == rows[1]
    assert claims.claim_next(queue(analyst), by=analyst).application == rows[2]
    assert claims.claim_next(queue(analyst), by=analyst) is None
    stored = Claim.objects.order_by("pk").values_list("application", "person")
    people = [analyst.user_id, approver.user_id, analyst.user_id]
    assert list(stored) == list(zip([row.pk for row in rows], people, strict=True))


def test_next_is_never_one_that_a_conflict_closes(cycle, analyst):
    closed, other = handed_over(cycle, 90), handed_over(cycle, 80)
    check(closed, analyst.user)
    assert claims.claim_next(queue(analyst), by=analyst).application == other
    assert claims.claim_next(queue(analyst), by=analyst) is None


def test_claim_is_refused_when_a_conflict_was_found_meanwhile(cycle, analyst):
    row = handed_over(cycle, 90)
    check(row, analyst.user)
    with pytest.raises(WrongState, match="closes this application to you"):
        claims.claim(row, by=analyst)
    assert not Claim.objects.exists()


def test_given_back_comes_again_and_finished_too(cycle, analyst, approver):
    row = handed_over(cycle, 90)
    claims.end(claims.claim_next(queue(analyst), by=analyst), is_done=False)
    again = claims.claim_next(queue(approver), by=approver)
    assert again.application == row
    claims.end(again, is_done=True)
    ended = Claim.objects.order_by("pk").values_list("person", "is_done")
    assert list(ended) == [(analyst.user_id, False), (approver.user_id, True)]


def test_claim_of_a_colleague_stays_and_ones_own_is_the_same(cycle, analyst, approver):
    row = handed_over(cycle, 90)
    first = claims.claim(row, by=analyst)
    assert claims.claim(row, by=analyst) == first
    with pytest.raises(WrongState, match=f"{analyst.user.full_name} has it"):
        claims.claim(row, by=approver)
    claims.end(first, is_done=True)
    with pytest.raises(WrongState, match="ended already"):
        claims.end(first, is_done=False)
    assert Claim.objects.get().is_done


@pytest.mark.django_db(transaction=True)
def test_people_who_claim_at_once_get_different_applications(bell):
    cycle = CycleFactory()
    for score in range(60, 72):
        handed_over(cycle, score)
    people = [MembershipFactory(role=Role.DHCS_ANALYST) for _ in range(4)]

    def three(hat):
        return [claims.claim_next(queue(hat), by=hat).application_id for _ in range(3)]

    outcomes = run_at_once(*[lambda hat=hat: three(hat) for hat in people])
    given = [pk for outcome in outcomes for pk in outcome]
    assert sorted(given) == sorted(Application.objects.values_list("pk", flat=True))
    assert claims.claim_next(queue(people[0]), by=people[0]) is None


@pytest.mark.django_db(transaction=True)
def test_two_who_want_the_last_one_get_one_claim(bell):
    ApplicationFactory(cycle=CycleFactory(), status=Status.SUBMITTED)
    people = [MembershipFactory(role=Role.DHCS_ANALYST) for _ in range(2)]
    outcomes = run_at_once(*[lambda by=by: claims.claim_next(queue(by), by=by) for by in people])
    assert sorted(outcome is None for outcome in outcomes) == [False, True]
    assert Claim.objects.count() == 1
