"""Two acts at the same moment: each has its record, and the chain holds."""

import threading

import pytest
from django.db import close_old_connections, connection
from django.utils import timezone

from accounts.enums import Role
from selection.domain import records
from selection.models import DecisionRecord, LaterAct
from selection.record import verifier
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.selection.record.sealing import decided, documents

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_acts_at_once_follow_each_other(bell):
    cycle = CycleFactory(closed=True)
    applications, proposal = decided(cycle)
    staff = MembershipFactory(role=Role.DHCS_APPROVER)
    start = threading.Barrier(2)

    def act(name):
        close_old_connections()
        start.wait()
        try:
            records.seal_act(
                proposal=proposal, application=applications[name], outcome="left",
                reason="declined_place", by=staff, at=timezone.now(),
            )  # fmt: skip
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[name]) for name in ("above", "lifted")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert DecisionRecord.objects.count() == 3
    assert sorted(LaterAct.objects.values_list("number", flat=True)) == [1, 2]
    for field in ("document", "public"):
        verifier.verify_chain(documents(cycle, field))
