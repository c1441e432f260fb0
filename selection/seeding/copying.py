"""Writing many rows at once by PostgreSQL's COPY. Triggers and constraints see every row."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql


def reserve(model: type[models.Model], count: int) -> Iterator[int]:
    """Take `count` ids from the model's sequence, in ascending order."""
    meta = model._meta  # noqa: SLF001 - Django documents it for this
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [meta.db_table, meta.pk.column, count],
        )
        return iter([row[0] for row in cursor.fetchall()])


def number(rows: Sequence[models.Model]) -> None:
    """Give every row without an id the next one of its model (all of one model)."""
    new = [row for row in rows if row.pk is None]
    if new:
        ids = reserve(type(new[0]), len(new))
        for row in new:
            row.pk = next(ids)


def relink(row: models.Model, *names: str) -> None:
    """Take over the ids of related objects that got theirs after they were set on `row`."""
    for name in names:
        setattr(row, name, getattr(row, name))


def copy_in(rows: Sequence[models.Model]) -> int:
    """Store rows of one model exactly as they are, automatic times included; return their number."""
    if not rows:
        return 0
    number(rows)
    meta = type(rows[0])._meta  # noqa: SLF001 - Django documents it for this
    columns = [
        (field.attname, str(field.column), _writer(field)) for field in meta.local_concrete_fields
    ]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(meta.db_table),
        sql.SQL(", ").join([sql.Identifier(column) for _, column, _ in columns]),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([write(getattr(row, name)) for name, _, write in columns])
    return len(rows)


def tidy(models_: Sequence[type[models.Model]]) -> None:
    """Bring the planner's statistics up to date; outside a transaction also VACUUM."""
    command = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        for model in models_:
            table = sql.Identifier(model._meta.db_table)  # noqa: SLF001 - as above
            cursor.execute(sql.SQL(command + " {}").format(table))


def _writer(field: models.Field) -> Callable[[Any], Any]:
    if isinstance(field, models.JSONField):
        return lambda value: None if value is None else json.dumps(value, ensure_ascii=False)
    return lambda value: value
