"""What happened to an application, newest first, read from the events that triggers wrote.

One statement over the narrow columns finds a page of happenings: changes of one thing by one person
with no pause of more than ten minutes, and no step between them, are one. A second one reads the
values before and after for these only. Nothing of the TIN is read but whether its last digits changed.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from applications.models import Application, Submission

PAGE = 25
Cursor = tuple[datetime, str, int]

_PAUSE = "interval '10 minutes'"

# Changes of what the practice enters: source, table, the column that names the owner, who did it.
_TRACKED = {
    "answer": ("applications_answerevent", "application_id", "e.updated_by"),
    "member": ("applications_membercountevent", "practice_id", "''"),
    "profile": ("applications_practiceevent", "pgh_obj_id", "e.updated_by"),
    "site": ("applications_siteevent", "practice_id", "''"),
}
_VALUES = {
    "answer": "jsonb_build_object('key', e.key, 'value', e.value)",
    "member": "jsonb_build_object('plan', o.name, 'members', e.members, 'as_of', e.as_of)",
    "profile": (
        "jsonb_build_object('dba', e.dba, 'npi', e.npi, 'specialties', e.specialties, "
        "'practice_types', e.practice_types, 'ehr', e.ehr, 'website', e.website)"
    ),
    "site": (
        "jsonb_build_object('name', e.name, 'street', e.street, 'city', e.city, "
        "'zip', e.zip_code, 'county', e.county, 'npi', e.npi)"
    ),
}
# The profile's version also rises for rows of sites and members: that is no change of the profile.
_SEEN = "ROW(e.dba, e.npi, e.tin_last4, e.specialties, e.practice_types, e.ehr, e.website)::text"
_PROFILE_DIFFERS = f"{_SEEN} IS DISTINCT FROM lag({_SEEN}) OVER w"


@dataclass(frozen=True)
class Happening:
    """One thing that happened. `source` says what `detail`, `before` and `after` hold.

    `answer`, `member`, `profile` and `site` are changes with the values before and after (None where
    there was nothing); `step`, `late`, `file`, `plan` and `start` have `detail`.
    """

    source: str
    key: int
    at: datetime
    actor: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None

    @property
    def cursor(self) -> Cursor:
        """Where the next page goes on: what comes after this in the order of the list."""
        return self.at, self.source, self.key


def happenings(
    application: Application, *, steps: Iterable[str], own: bool, before: Cursor | None = None
) -> tuple[list[Happening], Cursor | None]:
    """Return one page of what happened, newest first, and where the next begins (None at the end).

    `steps` are the names of the workflow's steps to show. Only with `own` are there the changes that
    the practice made between the steps. `before` is the cursor of the last happening that was shown.
    """
    parameters: dict[str, Any] = {
        "application": application.pk,
        "practice": application.practice_id,
        "cycle": application.cycle_id,
        "since": application.created_at,
        "until": application.withdrawn_at,
        "steps": list(steps),
        "limit": PAGE + 1,
        "at": before and before[0],
        "source": before and before[1],
        "key": before and before[2],
    }
    with connection.cursor() as cursor:
        cursor.execute(_page_statement(own=own, later=before is not None), parameters)
        rows = [(*row[:4], json.loads(row[4])) for row in cursor.fetchall()]
    page, more = rows[:PAGE], len(rows) > PAGE
    values = _values(page)
    found = [_happening(row, values) for row in page]
    return found, found[-1].cursor if more else None


def signed_contents(application: Application, numbers: Iterable[int]) -> dict[int, str]:
    """Return what was signed (canonical JSON) by number, for those of `numbers` that exist."""
    rows = Submission.objects.filter(application=application, number__in=numbers)
    return dict(rows.values_list("number", "content"))


def _page_statement(*, own: bool, later: bool) -> str:
    parts = [_STEPS, *([_CHANGES, _LATE, _FILES, _PLAN, _START] if own else [])]
    after = "WHERE (at, source, key) < (%(at)s, %(source)s, %(key)s)" if later else ""
    union = " UNION ALL ".join(f"({part})" for part in parts)
    order = "ORDER BY at DESC, source DESC, key DESC LIMIT %(limit)s"
    return f"SELECT * FROM ({union}) AS everything {after} {order}"  # noqa: S608 - our own texts


def _tracked(source: str) -> str:
    table, owner, writer = _TRACKED[source]
    differs = _PROFILE_DIFFERS if source == "profile" else "true"
    owned_by = "application" if source == "answer" else "practice"
    return f"""
        SELECT * FROM (
            SELECT '{source}' AS source, e.pgh_obj_id AS obj, e.pgh_id AS id, e.pgh_label AS label,
                e.pgh_created_at AS at, COALESCE(NULLIF(c.metadata->>'label', ''), {writer}) AS actor,
                lag(e.pgh_id) OVER w AS previous, {differs} AS differs
            FROM {table} e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
            WHERE e.{owner} = %({owned_by})s
            WINDOW w AS (PARTITION BY e.pgh_obj_id ORDER BY e.pgh_id)
        ) AS {source}s WHERE differs"""  # noqa: S608 - our own texts


# How many steps the application had taken: a change never spans one of them.
_STAGE = """width_bucket(at, (
    SELECT array_agg(created_at ORDER BY created_at) FROM applications_applicationtransition
    WHERE application_id = %(application)s))"""
_CHANGES = f"""
    SELECT at, source, key, actor, jsonb_build_object(
        'first', first, 'previous', previous, 'gone', gone
    ) FROM (
        SELECT max(at) AS at, source, max(id)::bigint AS key, max(actor) AS actor, min(id) AS first,
            (array_agg(previous ORDER BY id))[1] AS previous,
            (array_agg(label ORDER BY id DESC))[1] = 'delete' AS gone
        FROM (
            SELECT *, sum(starts) OVER (PARTITION BY source, obj ORDER BY id) AS run FROM (
                SELECT *, CASE WHEN at - lag(at) OVER w <= {_PAUSE} AND actor = lag(actor) OVER w
                    AND stage IS NOT DISTINCT FROM lag(stage) OVER w THEN 0 ELSE 1 END AS starts
                FROM (
                    SELECT *, {_STAGE} AS stage
                    FROM ({" UNION ALL ".join(_tracked(source) for source in _TRACKED)}) AS tracked
                ) AS staged
                WINDOW w AS (PARTITION BY source, obj ORDER BY id)
            ) AS marked
        ) AS numbered GROUP BY source, obj, run
    ) AS runs
    WHERE source = 'answer'
        OR (at >= %(since)s AND (%(until)s::timestamptz IS NULL OR at <= %(until)s))"""  # noqa: S608

_STEPS = """
    SELECT created_at AS at, 'step' AS source, id AS key, actor, jsonb_build_object(
        'name', name, 'to', to_status, 'side', side, 'reason', reason,
        'number', count(*) FILTER (WHERE name = 'submit') OVER (ORDER BY id)
    ) AS detail FROM applications_applicationtransition
    WHERE application_id = %(application)s AND name = ANY(%(steps)s)"""

_LATE = """
    SELECT created_at, 'late', id, granted_by, jsonb_build_object('until', until, 'reason', reason)
    FROM applications_lateaccess WHERE practice_id = %(practice)s AND cycle_id = %(cycle)s"""

_FILES = """
    SELECT a.created_at, 'file', a.id * 2, a.uploaded_by, jsonb_build_object(
        'act', CASE WHEN old.id IS NULL THEN 'added' ELSE 'replaced' END,
        'name', a.name, 'kind', a.kind, 'old', old.name)
    FROM applications_attachment a LEFT JOIN applications_attachment old ON old.replaced_by_id = a.id
    WHERE a.application_id = %(application)s
    UNION ALL
    SELECT a.ended_at, 'file', a.id * 2 + 1, a.ended_by, jsonb_build_object(
        'act', 'removed', 'name', a.name, 'kind', a.kind)
    FROM applications_attachment a
    WHERE a.application_id = %(application)s AND a.ended_at IS NOT NULL AND a.replaced_by_id IS NULL"""

_PLAN = """
    SELECT at, 'plan', key, actor, jsonb_build_object('before', was.name, 'after', now.name)
    FROM (
        SELECT e.pgh_created_at AS at, e.pgh_id::bigint AS key, e.pgh_label AS label,
            COALESCE(c.metadata->>'label', '') AS actor, e.designated_mcp_id AS plan,
            lag(e.designated_mcp_id) OVER (ORDER BY e.pgh_id) AS former
        FROM applications_applicationevent e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
        WHERE e.pgh_obj_id = %(application)s
    ) AS events
    LEFT JOIN accounts_organisation was ON was.id = former
    LEFT JOIN accounts_organisation now ON now.id = plan
    WHERE label = 'update' AND plan IS DISTINCT FROM former"""

_START = """
    SELECT e.pgh_created_at, 'start', e.pgh_id::bigint, COALESCE(c.metadata->>'label', ''), '{}'::jsonb
    FROM applications_applicationevent e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
    WHERE e.pgh_obj_id = %(application)s AND e.pgh_label = 'insert'"""


def _values(rows: Sequence[tuple]) -> dict[tuple[str, int], dict[str, Any]]:
    """Return the values of the events that begin and end the changes of `rows`."""
    wanted: dict[str, set[int]] = {source: set() for source in _TRACKED}
    for _at, source, key, _actor, detail in rows:
        if source in wanted:
            wanted[source] |= {key, *filter(None, [detail["previous"]])}
    parts = [_values_statement(source) for source, ids in wanted.items() if ids]
    if not parts:
        return {}
    with connection.cursor() as cursor:
        parameters = {source: list(ids) for source, ids in wanted.items()}
        cursor.execute(" UNION ALL ".join(parts), parameters)
        return {(source, key): json.loads(text) for source, key, text in cursor.fetchall()}


def _values_statement(source: str) -> str:
    table = _TRACKED[source][0]
    join = "LEFT JOIN accounts_organisation o ON o.id = e.plan_id" if source == "member" else ""
    tin = " || jsonb_build_object('tin', md5(e.tin_last4))" if source == "profile" else ""
    return (
        f"SELECT '{source}', e.pgh_id::bigint, {_VALUES[source]}{tin} "  # noqa: S608 - our own texts
        f"FROM {table} e {join} WHERE e.pgh_id = ANY(%({source})s)"
    )


def _happening(row: tuple, values: Mapping[tuple[str, int], dict[str, Any]]) -> Happening:
    at, source, key, actor, detail = row
    if source not in _TRACKED:
        return Happening(source, key, at, actor, detail)
    before = values.get((source, detail["previous"])) if detail["previous"] else None
    after = None if detail["gone"] else values.get((source, key))
    return Happening(source, key, at, actor, {}, before, after)
