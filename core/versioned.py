"""Saving values that several people edit at once, without one overwriting the other.

A value is never written over a version that its author has not seen. What is in conflict is handed back
with both versions; the rest of the same request is stored.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection, models, transaction
from django.utils import timezone

from core.exceptions import StaleValue
from core.times import clock


@dataclass
class Saved:
    """What became of a save: new version by key, and the conflicts by key (not written).

    `before` holds the former value of each key in `changed`, None where there was no row.
    """

    versions: dict[str, int] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)
    before: dict[str, tuple | None] = field(default_factory=dict)
    conflicts: dict[str, StaleValue] = field(default_factory=dict)


@dataclass(frozen=True)
class Shape:
    """How a model stores its values: the field that names the key, and the fields that are the value."""

    key_field: str
    value_fields: tuple[str, ...]
    show: Callable[[Any], object]


class _Stored(NamedTuple):
    """A value as it was stored before the save, and whether the save replaced it."""

    key: str
    version: int
    at: datetime
    by: str
    written: bool
    value: tuple


def save_values(
    model: type[models.Model],
    changes: Mapping[str, tuple],
    bases: Mapping[str, int],
    *,
    shape: Shape,
    by: str,
    defaults: Mapping[str, Any],
) -> Saved:
    """Store `changes` (key → value tuple) where the stored version is still the one in `bases`.

    `defaults` are the columns that name the owner of the values.
    Version 0 (or an absent base) means "there was nothing yet". The same value again is no change and
    no conflict. Must run inside the caller's transaction, after the owner is locked. One statement,
    and one more for what was not there.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("save_values() belongs in the transaction that locked the owner")
    saved = Saved()
    if not changes:
        return saved
    now = timezone.now()
    stored = _replace(model, changes, bases, shape=shape, owner=defaults, by=by, at=now)
    new = []
    for key, value in changes.items():
        row = stored.get(key)
        if row is None:
            columns = dict(zip(shape.value_fields, value, strict=True))
            named = {shape.key_field: key, "updated_at": now, "updated_by": by, "version": 1}
            new.append(model(**named, **columns, **defaults))
        elif not row.written:
            if row.value == value:
                saved.versions[key] = row.version
            else:
                saved.conflicts[key] = _conflict(model, row, value, shape)
            continue
        saved.before[key] = row.value if row else None
        saved.versions[key] = row.version + 1 if row else 1
        saved.changed.append(key)
    if new:
        model._default_manager.bulk_create(new)  # noqa: SLF001 - documented
    return saved


def _replace(
    model: type[models.Model],
    changes: Mapping[str, tuple],
    bases: Mapping[str, int],
    *,
    shape: Shape,
    owner: Mapping[str, Any],
    by: str,
    at: datetime,
) -> dict[str, _Stored]:
    """Write what is based on the stored version and differs; return what was stored before, by key."""
    fields = _fields(model, shape.value_fields)
    given: list[list[Any]] = [list(changes), [bases.get(key, 0) for key in changes]]
    for one, column in zip(fields, zip(*changes.values(), strict=True), strict=True):
        given.append([one.get_db_prep_save(value, connection) for value in column])
    owners = [one.pk for one in owner.values()]
    with connection.cursor() as cursor:
        cursor.execute(_statement(model, shape, tuple(owner)), [*given, at, by, *owners, *owners])
        found = cursor.fetchall()
    return {
        key: _Stored(key, version, updated_at, updated_by, written, _read(fields, value))
        for key, version, updated_at, updated_by, written, *value in found
    }


@lru_cache(maxsize=32)
def _statement(model: type[models.Model], shape: Shape, owner: tuple[str, ...]) -> str:
    """Return the SQL that updates, and answers with the rows as they were before.

    It takes an array of keys, one of their bases, one for each part of the value, then time, name,
    and the owner's id twice. A SELECT beside an UPDATE in one statement sees the table as the
    statement found it. Every name comes from the model; nothing of the text comes from a request.
    """
    quote, meta = connection.ops.quote_name, model._meta  # noqa: SLF001 - documented
    fields = _fields(model, (shape.key_field, "version", *shape.value_fields))
    key, version, *values = [quote(field.column) for field in fields]
    arrays = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in fields)
    owned = " AND ".join(f"was.{quote(field.column)} = %s" for field in _fields(model, owner))
    pk, table = quote(str(meta.pk.column)), quote(meta.db_table)
    was, new = ", ".join(f"was.{v}" for v in values), ", ".join(f"given.{v}" for v in values)
    return (
        f"WITH given ({key}, {version}, {', '.join(values)}) AS (SELECT * FROM unnest({arrays})), "  # noqa: S608
        f"written AS (UPDATE {table} was SET {', '.join(f'{v} = given.{v}' for v in values)}, "
        f"{version} = was.{version} + 1, updated_at = %s, updated_by = %s FROM given "
        f"WHERE {owned} AND was.{key} = given.{key} AND was.{version} = given.{version} "
        f"AND ROW({was}) IS DISTINCT FROM ROW({new}) RETURNING was.{pk}) "
        f"SELECT was.{key}, was.{version}, was.updated_at, was.updated_by, "
        f"written.{pk} IS NOT NULL, {was} FROM {table} was "
        f"JOIN given ON was.{key} = given.{key} LEFT JOIN written ON written.{pk} = was.{pk} "
        f"WHERE {owned}"
    )


def _fields(model: type[models.Model], names: Iterable[str]) -> list[Any]:
    return [model._meta.get_field(name) for name in names]  # noqa: SLF001 - documented


def _read(fields: list[Any], columns: list[Any]) -> tuple:
    """Return stored columns as the model's values."""
    value = []
    for one, column in zip(fields, columns, strict=True):
        for convert in one.get_db_converters(connection):
            column = convert(column, one.cached_col, connection)  # noqa: PLW2901
        value.append(column)
    return tuple(value)


def _conflict(model: type[models.Model], row: _Stored, mine: tuple, shape: Shape) -> StaleValue:
    return StaleValue(
        key=row.key,
        mine=shape.show(_shown(model, row.key, mine, shape)),
        theirs=shape.show(_shown(model, row.key, row.value, shape)),
        version=row.version,
        by=row.by,
        at=clock(row.at),
    )


def _shown(model: type[models.Model], key: str, value: tuple, shape: Shape) -> models.Model:
    """Return an unsaved row with `value`, to show what is stored and what is not the same way."""
    return model(**{shape.key_field: key}, **dict(zip(shape.value_fields, value, strict=True)))
