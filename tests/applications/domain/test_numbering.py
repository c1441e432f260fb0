"""References never come twice, whichever cycle of the program they are taken in."""

import pytest

from applications.domain.numbering import take_references
from tests.factories.programs import CycleFactory

pytestmark = pytest.mark.django_db


def test_references_go_on_over_the_cycles_of_a_program():
    first, second = CycleFactory(), CycleFactory()
    taken = take_references(first, 2) + take_references(second) + take_references(first)
    assert [reference.rpartition("-")[0] for reference in taken] == [
        "EPT1-000001",
        "EPT1-000002",
        "EPT1-000003",
        "EPT1-000004",
    ]
    assert (first.next_number, second.next_number) == (5, 4)
