"""Two people, or one person twice, at the same request at once."""

import pytest

from notifications.models import OutboxEmail
from selection.domain import reconsidering
from selection.models import DecisionRecord, LaterAct, Offer, Reconsideration
from tests.factories.programs import CycleFactory
from tests.selection.asking import REASONS, a_decided_cohort
from tests.selection.racing import run_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def decide(decided, row):
    return reconsidering.decide(row, outcome="selected", reasons=REASONS, by=decided.reader)


def test_two_owners_ask_at_once(bell):
    decided = a_decided_cohort(CycleFactory(closed=True))
    outcomes = run_at_once(decided.ask, decided.ask)
    assert Reconsideration.objects.count() == 1
    refused = [one for one in outcomes if isinstance(one, str)]
    assert len(refused) == 1
    assert "already" in refused[0]


def test_answer_and_take_back_at_once(bell):
    decided = a_decided_cohort(CycleFactory(closed=True))
    row = decided.given()
    outcomes = run_at_once(
        lambda: decide(decided, row),
        lambda: reconsidering.take_back(row, by=decided.owners["near"]),
    )
    row.refresh_from_db()
    assert (row.decided_at is None) != (row.taken_back_at is None)
    assert len([one for one in outcomes if isinstance(one, str)]) == 1
    assert LaterAct.objects.count() == (1 if row.decided_at else 0)


def test_same_answer_twice_at_once_makes_one_record(bell):
    decided = a_decided_cohort(CycleFactory(closed=True))
    row = decided.given()

    def answer():
        return decide(decided, row).record_id

    first, second = run_at_once(answer, answer)
    assert first == second
    assert DecisionRecord.objects.count() == 2
    assert OutboxEmail.objects.filter(dedupe_key=f"reconsideration:{row.pk}:decided").count() == 1
    assert Offer.objects.filter(application=decided.applications["near"]).count() == 1
