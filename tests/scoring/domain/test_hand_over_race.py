"""Two leads hand over at the same moment: every application goes to DHCS once."""

import threading

import pytest
from django.db import close_old_connections, connection

from accounts.enums import Role
from applications.models import Application, ApplicationTransition
from scoring.domain import recommending
from scoring.domain.recommending import Words
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.scoring.building import a_lead, scored

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_leads_hand_over_once(bell):
    lead, cycle = a_lead(), CycleFactory()
    other = MembershipFactory(role=Role.MCP_LEAD, organisation=lead.organisation)
    rows = [scored(60 + n, lead=lead, cycle=cycle).application.pk for n in range(3)]
    recommending.prepare(rows, words=Words(recommended=True, reason="Strong."), by=lead)
    mark = recommending.ready_counts(cycle, lead).mark
    start, results = threading.Barrier(2), []

    def act(hat):
        close_old_connections()
        start.wait()
        try:
            results.append(recommending.hand_over(cycle, mark=mark, by=hat))
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[hat]) for hat in (lead, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [0, 3]
    steps = ApplicationTransition.objects.filter(name="recommend")
    assert sorted(steps.values_list("application", flat=True)) == rows
    assert set(Application.objects.values_list("status", flat=True)) == {"recommended"}
