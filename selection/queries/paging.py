"""Pages of the queue by key: what comes after or before a row, whatever number it is ordered by.

Rows without the number come last in both directions. Each part is read in the order of an index: the
known ones forwards or backwards, then the unknown ones by id.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.dateparse import parse_datetime

from applications.models import Application
from selection.filters import Order

LONGEST_KEY = 60
LARGEST = 10**12
NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?")


@dataclass(frozen=True)
class Key:
    """Where a row stands: its number (None when it has none) and its id."""

    value: Any
    pk: int


@dataclass(frozen=True)
class Page:
    """Rows in the order asked for, and whether there are more on either side."""

    rows: Sequence[Application]
    has_next: bool
    has_previous: bool


def key_text(row: Application, order: Order) -> str:
    """Return how an address names the place of a row: "280600.00~17", or "~17" without a number."""
    value = getattr(row, order.column)
    text = value.isoformat() if isinstance(value, datetime) else "" if value is None else str(value)
    return f"{text}~{row.pk}"


def read_key(text: str, order: Order) -> Key | None:
    """Return the place that `text` names, or None when it names none."""
    value, _tilde, pk = text.rpartition("~")
    known = pk.isascii() and pk.isdecimal() and len(pk) < 18
    if len(text) > LONGEST_KEY or not known:
        return None
    if not value:
        return Key(None, int(pk))
    read = _value(value, order)
    return None if read is None else Key(read, int(pk))


def page(
    rows: QuerySet[Application],
    order: Order,
    *,
    size: int,
    key: Key | None = None,
    backwards: bool = False,
) -> Page:
    """Return the `size` rows after `key`, or those before it with `backwards` (1 or 2 queries)."""
    found: list[Application] = []
    for part in _parts(rows, order, key, backwards=backwards):
        found += part[: size + 1 - len(found)]
        if len(found) > size:
            break
    more, here = len(found) > size, found[:size]
    if backwards:
        return Page(here[::-1], has_next=True, has_previous=more)
    return Page(here, has_next=more, has_previous=key is not None)


def in_order(rows: QuerySet[Application], order: Order) -> list[QuerySet[Application]]:
    """Return the rows with a number and then those without, each in its order: together the whole list."""
    return _parts(rows, order, None, backwards=False)


def _parts(
    rows: QuerySet[Application], order: Order, key: Key | None, *, backwards: bool
) -> list[QuerySet[Application]]:
    """Return the rows with a number and those without, each beginning at the key, in reading order."""
    name = order.column
    known = rows if name == "relevance" else rows.filter(**{f"{name}__isnull": False})
    unknown = rows.filter(**{f"{name}__isnull": True})
    if key is not None and key.value is None:
        unknown = unknown.filter(**{"pk__lt" if backwards else "pk__gt": key.pk})
    elif key is not None:
        known = known.filter(_beyond(order, key, backwards=backwards))
    known = known.order_by(*_ordering(order, backwards=backwards))
    unknown = unknown.order_by("-pk" if backwards else "pk")
    without_unknown = name == "relevance" or name == "submitted_at"
    if backwards:
        only_known = key is not None and key.value is not None
        return [known] if only_known or without_unknown else [unknown, known]
    only_unknown = key is not None and key.value is None
    return [unknown] if only_unknown else [known] if without_unknown else [known, unknown]


def _ordering(order: Order, *, backwards: bool) -> list[Any]:
    """Return the order as the index has it: highest first then by id, or all of that the other way."""
    column = F(order.column)
    if order.descending != backwards:
        return [column.desc(nulls_last=True), "pk"]
    return [column.asc(nulls_first=True), "-pk"]


def _beyond(order: Order, key: Key, *, backwards: bool) -> Q:
    """Return what comes after the key: `c <= V AND (c < V OR id > pk)`, so that the index range is used."""
    name = order.column
    if order.descending != backwards:
        wide, narrow, tie = "lte", "lt", Q(pk__gt=key.pk)
    else:
        wide, narrow, tie = "gte", "gt", Q(pk__lt=key.pk)
    beyond = Q(**{f"{name}__{narrow}": key.value})
    return Q(**{f"{name}__{wide}": key.value}) & (beyond | tie)


def _value(text: str, order: Order) -> Any:
    if order.column == "submitted_at":
        return _moment(text)
    if order.column == "relevance":
        return _real(text)
    if not NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return number if order.column == "potential_payment" else int(number)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
        return found.astimezone(UTC) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _real(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < LARGEST else None
