"""Saving values that several people edit at once, without one overwriting the other.

A value is never written over a version that its author has not seen. What is in conflict is handed back
with both versions; the rest of the same request is stored.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from core.exceptions import StaleValue
from core.times import clock

FEW = 2  # up to so many rows, plain updates are as cheap as one statement for all


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

    def value_of(self, row: models.Model) -> tuple:
        """Return the stored value as a tuple in the order of `value_fields`."""
        return tuple(getattr(row, name) for name in self.value_fields)


def save_values(
    rows: models.QuerySet,
    changes: Mapping[str, tuple],
    bases: Mapping[str, int],
    *,
    shape: Shape,
    by: str,
    defaults: Mapping[str, Any],
) -> Saved:
    """Store `changes` (key → value tuple) where the stored version is still the one in `bases`.

    `rows` is the queryset of one owner's values; `defaults` are the columns of new rows (the owner).
    Version 0 (or an absent base) means "there was nothing yet". The same value again is no change and
    no conflict. Must run inside the caller's transaction, after the owner is locked.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("save_values() belongs in the transaction that locked the owner")
    saved = Saved()
    if not changes:
        return saved
    keys = {f"{shape.key_field}__in": list(changes)}
    stored = {getattr(row, shape.key_field): row for row in rows.filter(**keys)}
    new, changed = [], []
    for key, value in changes.items():
        row = stored.get(key)
        if row is None:
            row = rows.model(**{shape.key_field: key}, **defaults, version=0)
            new.append(row)
            saved.before[key] = None
        elif shape.value_of(row) == value:
            saved.versions[key] = row.version
            continue
        elif row.version != bases.get(key, 0):
            saved.conflicts[key] = _conflict(row, value, shape)
            continue
        else:
            changed.append(row)
            saved.before[key] = shape.value_of(row)
        _set(row, value, shape, by)
        saved.versions[key] = row.version
        saved.changed.append(key)
    if new:
        rows.bulk_create(new)
    columns = [*shape.value_fields, "version", "updated_at", "updated_by"]
    if len(changed) > FEW:
        _update(rows.model, changed, columns)
    else:
        for row in changed:
            row.save(update_fields=columns)
    return saved


def _update(model: type[models.Model], rows: list[Any], columns: list[str]) -> None:
    """Write `columns` of `rows` in one statement over a list of values.

    `bulk_update` writes a CASE for every row and column, which costs PostgreSQL and us four times more.
    """
    connection = transaction.get_connection()
    quote, meta = connection.ops.quote_name, model._meta  # noqa: SLF001 - documented
    fields: list[Any] = [meta.pk, *(meta.get_field(name) for name in columns)]
    kinds = [f"%s::{field.rel_db_type(connection)}" for field in fields[:1]]
    kinds += [f"%s::{field.db_type(connection)}" for field in fields[1:]]
    names = [quote(field.column) for field in fields]
    table = quote(meta.db_table)
    setters = ", ".join(f"{name} = given.{name}" for name in names[1:])
    values = ", ".join([f"({', '.join(kinds)})"] * len(rows))
    statement = (
        f"UPDATE {table} SET {setters} FROM (VALUES {values}) AS given ({', '.join(names)}) "  # noqa: S608
        f"WHERE {table}.{names[0]} = given.{names[0]}"
    )
    parameters = [
        field.get_db_prep_save(getattr(row, field.attname), connection)
        for row in rows
        for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def _set(row: Any, value: tuple, shape: Shape, by: str) -> None:
    for name, part in zip(shape.value_fields, value, strict=True):
        setattr(row, name, part)
    row.version += 1
    row.updated_at = timezone.now()
    row.updated_by = by


def _conflict(row: Any, mine: tuple, shape: Shape) -> StaleValue:
    mine_row = _copy_with(row, mine, shape)
    return StaleValue(
        key=getattr(row, shape.key_field),
        mine=shape.show(mine_row),
        theirs=shape.show(row),
        version=row.version,
        by=row.updated_by,
        at=clock(row.updated_at),
    )


def _copy_with(row: Any, value: tuple, shape: Shape) -> Any:
    """Return an unsaved row like `row` that holds `value`, to show it the same way."""
    copy = type(row)(**{shape.key_field: getattr(row, shape.key_field)})
    for name, part in zip(shape.value_fields, value, strict=True):
        setattr(copy, name, part)
    return copy
