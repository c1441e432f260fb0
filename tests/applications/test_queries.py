"""Reads of applications: exact rows in exact order, at a cost that does not grow."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.enums import Status
from applications.models import Answer, Application
from applications.queries import (
    answers_of,
    by_score,
    current_application,
    last_submission,
    practice_in,
    steps_of,
)
from tests.factories.applications import ApplicationFactory, complete
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


def test_the_queue_is_ordered_by_score_and_then_by_age():
    cycle, shared = CycleFactory(), {"submission": False}
    unscored = ApplicationFactory(cycle=cycle, status=Status.SUBMITTED, **shared)
    low, high, same = (
        ApplicationFactory(cycle=cycle, status=Status.SCORED, mcp_score=score, **shared)
        for score in (40, 90, 40)
    )
    assert list(by_score(Application.objects.all())) == [high, low, same, unscored]


def test_the_current_application_is_the_one_not_withdrawn_else_the_last():
    first = ApplicationFactory(status=Status.WITHDRAWN)
    mine = {"cycle": first.cycle, "practice": first.practice}
    earlier = timezone.now() - timedelta(days=1)
    Application.objects.filter(pk=first.pk).update(withdrawn_at=earlier)
    assert current_application(first.practice, first.cycle) == first
    second = ApplicationFactory(status=Status.WITHDRAWN, **mine)
    assert current_application(first.practice, first.cycle) == second
    draft = ApplicationFactory(**mine)
    ApplicationFactory(practice=first.practice)
    ApplicationFactory(cycle=first.cycle)
    assert current_application(first.practice, first.cycle) == draft
    assert current_application(first.practice, CycleFactory()) is None


@pytest.mark.parametrize("sites", [1, 3])
def test_a_practice_with_everything_costs_three_queries(django_assert_num_queries, sites):
    application = complete(ApplicationFactory())
    site = application.practice.practice.sites.get()
    for number in range(1, sites):
        site.pk, site.name = None, f"Site {number}"
        site.save()
    with django_assert_num_queries(3):
        found = practice_in(application)
        assert len(found.sites.all()) == sites
        assert [count.plan.name for count in found.member_counts.all()] == [
            application.designated_mcp.name
        ]
        assert found.organisation.name == application.practice.name


def test_answers_are_those_of_the_application_by_key():
    mine, other = ApplicationFactory(), ApplicationFactory()
    for application, value in ((mine, "Bo"), (other, "Cy")):
        Answer.objects.create(application=application, key="lead_name", value=value)
    assert {key: row.value for key, row in answers_of(mine).items()} == {"lead_name": "Bo"}


def test_the_last_submission_is_the_one_with_the_highest_number():
    application = ApplicationFactory(status=Status.RETURNED)
    first = application.submissions.get()
    ApplicationFactory(status=Status.SUBMITTED)
    assert last_submission(application) == first
    first.pk, first.number = None, 2
    first.save(force_insert=True)
    assert last_submission(application).number == 2
    assert last_submission(ApplicationFactory()) is None


def test_steps_are_those_of_the_application_oldest_first():
    mine, other = ApplicationFactory(), ApplicationFactory()
    for application, name in ((mine, "submit"), (other, "submit"), (mine, "withdraw")):
        application.transitions.create(name=name, to_status="x", created_at=timezone.now())
    assert [step.name for step in steps_of(mine)] == ["submit", "withdraw"]
