"""CheckConstraints that recur: pairs of columns, and columns that belong to a state."""

from collections.abc import Sequence

from django.db.models import CheckConstraint, Q


def both_or_neither(name: str, first: str, second: str) -> CheckConstraint:
    """Return a constraint: `first` and `second` are both null or both set."""
    neither = Q(**{f"{first}__isnull": True, f"{second}__isnull": True})
    both = Q(**{f"{first}__isnull": False, f"{second}__isnull": False})
    return CheckConstraint(name=name, condition=neither | both)


def set_exactly_in(name: str, column: str, statuses: Sequence[str]) -> CheckConstraint:
    """Return a constraint: `column` is set in `statuses` and null in every other status."""
    inside = Q(status__in=statuses) & Q(**{f"{column}__isnull": False})
    outside = ~Q(status__in=statuses) & Q(**{f"{column}__isnull": True})
    return CheckConstraint(name=name, condition=inside | outside)


def set_at_least_in(name: str, column: str, statuses: Sequence[str]) -> CheckConstraint:
    """Return a constraint: `column` is set in `statuses`; elsewhere it may be either."""
    inside = Q(status__in=statuses) & Q(**{f"{column}__isnull": False})
    return CheckConstraint(name=name, condition=inside | ~Q(status__in=statuses))
