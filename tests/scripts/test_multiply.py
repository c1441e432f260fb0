"""The large queue of the bench, on a small one."""

import pytest

from applications.models import Application
from scripts.bench import multiply
from selection.domain.searching import rebuild
from selection.queries.searching import search_for
from tests.factories.programs import CycleFactory
from tests.selection.building import cohort


@pytest.mark.django_db(transaction=True)
def test_copies_have_what_the_queue_reads():
    cycle = CycleFactory(closed=True)
    have = len(cohort(cycle))
    list(rebuild())
    assert multiply.main(cycle.slug, have * 3) == have * 2
    rows = Application.objects.filter(cycle=cycle)
    assert rows.count() == have * 3
    assert rows.filter(adjusted_score=None).count() == 0
    assert len(search_for("copy", cycle).ids) == have * 2
    assert multiply.main(cycle.slug, have) == 0
