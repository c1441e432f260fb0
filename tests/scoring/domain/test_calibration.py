import pytest
from django.urls import reverse

from accounts.enums import Role
from core.exceptions import DomainError, WrongState
from notifications.models import OutboxEmail
from scoring import emails
from scoring.domain import calibration
from scoring.models import CalibrationRound, CalibrationScore, CalibrationSheet
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, a_reviewer

pytestmark = pytest.mark.django_db
FIRST, SECOND = "riverbend", "hillcrest"


@pytest.fixture
def cycle():
    return CycleFactory()


@pytest.fixture
def lead():
    return a_lead()


@pytest.fixture
def reviewer(lead):
    return a_reviewer(lead)


def opened(lead, cycle, *, samples=(FIRST,), required=True):
    return calibration.open_round(
        lead.organisation, cycle=cycle, samples=samples, required=required, by=lead
    )


def save(practice, hat, points, bases=None, sample=FIRST):
    return calibration.save(practice, sample, points=points, bases=bases or {}, by=hat)


def all_points(practice, points=3):
    return {c.code: points for c in practice.cycle.definition.criteria()}


def finish(practice, hat, sample=FIRST, points=3):
    save(practice, hat, all_points(practice, points), sample=sample)
    return calibration.submit(practice, sample, by=hat)


def test_round_says_who_opened_it_and_on_what(lead, cycle):
    practice = opened(lead, cycle, samples=[SECOND, FIRST, SECOND])
    assert (practice.samples, practice.required, practice.closed_at) == (
        [SECOND, FIRST],
        True,
        None,
    )
    assert practice.opened_by == lead.label


@pytest.mark.parametrize("samples", [[], ["unknown"], [FIRST, "unknown"]])
def test_samples_that_the_program_does_not_have_open_nothing(lead, cycle, samples):
    with pytest.raises(DomainError, match="Choose 1 to 3 samples"):
        opened(lead, cycle, samples=samples)
    assert not CalibrationRound.objects.exists()


def test_one_round_at_a_time_and_another_after_it_is_closed(lead, cycle):
    practice = opened(lead, cycle)
    with pytest.raises(WrongState, match="open already"):
        opened(lead, cycle)
    closed = calibration.close_round(practice)
    assert calibration.close_round(practice).closed_at == closed.closed_at
    assert opened(lead, cycle).pk != practice.pk
    assert opened(a_lead(), cycle).closed_at is None


def test_points_are_kept_with_versions_and_never_overwritten(lead, reviewer, cycle):
    practice = opened(lead, cycle)
    assert save(practice, reviewer, {"1.1": 2}).versions == {"1.1": 1}
    assert save(practice, reviewer, {"1.1": 4}, {"1.1": 1}).versions == {"1.1": 2}
    stale = save(practice, reviewer, {"1.1": 5, "1.2": 1}, {"1.1": 1})
    assert (list(stale.conflicts), stale.versions) == (["1.1"], {"1.2": 1})
    stored = dict(CalibrationScore.objects.values_list("code", "points"))
    assert stored == {"1.1": 4, "1.2": 1}


@pytest.mark.parametrize("points", [-1, 6, 40_000])
def test_points_outside_the_range_are_refused(lead, reviewer, cycle, points):
    with pytest.raises(DomainError, match=r"Criterion 1.1 takes whole points from 0 to 5"):
        save(opened(lead, cycle), reviewer, {"1.1": points})
    assert not CalibrationScore.objects.exists()


def test_sheet_is_submitted_once_and_whole(lead, reviewer, cycle):
    practice = opened(lead, cycle)
    save(practice, reviewer, {"1.1": 2})
    with pytest.raises(DomainError, match=r"Missing: 1\.2, 1\.3"):
        calibration.submit(practice, FIRST, by=reviewer)
    save(practice, reviewer, all_points(practice), {"1.1": 1})
    assert calibration.submit(practice, FIRST, by=reviewer).submitted_at is not None
    for again in (
        lambda: calibration.submit(practice, FIRST, by=reviewer),
        lambda: save(practice, reviewer, {"1.1": 1}, {"1.1": 2}),
    ):
        with pytest.raises(WrongState, match="is submitted"):
            again()


def test_closed_round_and_foreign_sample_take_nothing(lead, reviewer, cycle):
    practice = opened(lead, cycle)
    with pytest.raises(DomainError, match="no such sample"):
        save(practice, reviewer, {"1.1": 1}, sample=SECOND)
    calibration.close_round(practice)
    with pytest.raises(WrongState, match="closed"):
        save(practice, reviewer, {"1.1": 1})
    assert not CalibrationSheet.objects.exists()


def test_required_round_holds_until_every_sample_is_submitted(lead, reviewer, cycle):
    practice = opened(lead, cycle, samples=[FIRST, SECOND])
    assert calibration.must_calibrate(reviewer, cycle) == practice
    finish(practice, reviewer)
    assert calibration.must_calibrate(reviewer, cycle) == practice
    with pytest.raises(WrongState, match="finish the practice round"):
        calibration.require_calibrated(reviewer, cycle)
    finish(practice, reviewer, SECOND)
    assert calibration.must_calibrate(reviewer, cycle) is None
    calibration.require_calibrated(reviewer, cycle)


def test_round_of_choice_of_another_cycle_or_plan_or_closed_holds_nobody(lead, reviewer, cycle):
    opened(lead, cycle, required=False)
    opened(a_lead(), cycle)
    other = CycleFactory(slug="other", version=cycle.version)
    calibration.close_round(opened(lead, other))
    assert calibration.must_calibrate(reviewer, cycle) is None
    assert calibration.must_calibrate(reviewer, other) is None


def test_practice_under_one_hat_counts_for_the_person(lead, cycle):
    both = MembershipFactory(role=Role.MCP_REVIEWER, organisation=lead.organisation, user=lead.user)
    practice = opened(lead, cycle)
    save(practice, both, {"1.1": 2})
    finish_points = all_points(practice)
    save(practice, lead, finish_points, {"1.1": 1})
    calibration.submit(practice, FIRST, by=lead)
    assert CalibrationSheet.objects.get().reviewer == both
    assert calibration.must_calibrate(lead, cycle) is None
    assert calibration.must_calibrate(both, cycle) is None


def test_asking_whether_one_must_practise_is_one_query(
    lead, reviewer, cycle, django_assert_num_queries
):
    opened(lead, cycle, samples=[FIRST, SECOND])
    with django_assert_num_queries(1):
        calibration.must_calibrate(reviewer, cycle)


@pytest.mark.parametrize(
    ("required", "sentence"),
    [
        (True, "real applications stay closed to you until then"),
        (False, "You choose whether you take part"),
    ],
)
def test_reviewers_of_the_plan_are_told_once_of_a_round(lead, reviewer, cycle, required, sentence):
    MembershipFactory(role=Role.MCP_REVIEWER)
    MembershipFactory(role=Role.MCP_REVIEWER, organisation=lead.organisation, is_active=False)
    practice = opened(lead, cycle, required=required)
    emails.practice_round(practice)
    email = OutboxEmail.objects.get()
    assert (email.kind, email.to) == ("practice_round", reviewer.user.email)
    assert sentence in email.body
    assert "1 sample application." in email.body
    assert reverse("scoring:practice_round") in email.body


def test_each_round_is_told(lead, reviewer, cycle):
    calibration.close_round(opened(lead, cycle))
    opened(lead, cycle)
    assert list(OutboxEmail.objects.values_list("to", flat=True)) == [reviewer.user.email] * 2
