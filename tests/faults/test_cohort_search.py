"""A worker is killed in the middle of a search: another one takes it up, and it still can be cancelled."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from accounts.enums import Role
from selection.domain import cohort_search
from selection.engine import Share
from selection.enums import SearchState
from selection.models import CohortSearch
from tests.factories.accounts import MembershipFactory
from tests.factories.programs import CycleFactory
from tests.faults.services import Services, broker_at, wait_until
from tests.selection.building import handed_over, published

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
NEVER = tuple(Share("hpi_quartile", str(n), Decimal("0.5")) for n in (1, 2, 3, 4))


@pytest.fixture
def services(transactional_db, tmp_path):
    """Real servers that look for searches every second."""
    with Services(tmp_path, SEARCH_SWEEP_SECONDS="1") as found, broker_at(found.broker_url):
        yield found


def search():
    return CohortSearch.objects.get()


def is_heard():
    return "tried" in search().progress


def test_search_of_a_killed_worker_is_taken_up_and_can_be_cancelled(services):
    cycle = CycleFactory(closed=True)
    for number in range(8):
        handed_over(cycle, 70 + number, hpi_quartile=1 + number % 4)
    services.start_broker()
    started = cohort_search.start(
        cycle=cycle,
        rules=published(cycle, targets=NEVER),
        by=MembershipFactory(role=Role.DHCS_ANALYST),
        kind=cohort_search.POINTS,
    )
    services.start_worker("first worker")
    wait_until(is_heard, "the search to say how far it is", 60)
    services.kill("first worker")
    assert (search().state, search().progress["attempt"]) == (SearchState.RUNNING, 1)
    assert cohort_search.waiting() == []

    let_time_pass()
    assert cohort_search.waiting() == [started.pk]
    services.start_worker("second worker")
    services.start_beat()
    wait_until(lambda: search().progress["attempt"] == 2, "another worker", 60)
    wait_until(is_heard, "the search to say how far it is again", 30)
    cohort_search.cancel(search())
    wait_until(lambda: search().state == SearchState.CANCELLED, "the end of the search", 20)


def let_time_pass():
    row = search()
    heard = datetime.fromisoformat(row.progress["heard"]) - cohort_search.LOST_AFTER
    row.progress["heard"] = (heard - timedelta(seconds=1)).isoformat()
    row.save(update_fields=["progress"])
