"""The recurring constraints: which combinations of columns they let through."""

import pytest
from django.db.models import Q, TextField, Value

from core.constraints import both_or_neither, set_at_least_in, set_exactly_in

IN, OUT = "decided", "draft"


def holds(constraint, **row) -> bool:
    """Tell whether PostgreSQL finds the constraint's condition true for a row of constants."""
    texts = {name: Value(value, output_field=TextField()) for name, value in row.items()}
    return Q(constraint.condition).check(texts)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(None, None, True), ("a", "b", True), ("a", None, False), (None, "b", False)],
)
def test_both_or_neither(first, second, expected):
    constraint = both_or_neither("pair", "first", "second")
    assert constraint.name == "pair"
    assert holds(constraint, first=first, second=second) is expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "value", "expected"),
    [(IN, "x", True), (IN, None, False), (OUT, None, True), (OUT, "x", False)],
)
def test_set_exactly_in_ties_the_column_to_the_states(status, value, expected):
    constraint = set_exactly_in("exactly", "stamp", (IN, "left"))
    assert holds(constraint, status=status, stamp=value) is expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "value", "expected"),
    [(IN, "x", True), (IN, None, False), (OUT, None, True), (OUT, "x", True)],
)
def test_set_at_least_in_leaves_other_states_free(status, value, expected):
    constraint = set_at_least_in("at_least", "stamp", (IN, "left"))
    assert holds(constraint, status=status, stamp=value) is expected
