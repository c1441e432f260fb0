"""What happened to one application as DHCS reads it: steps, changed facts, flags and claims.

What the practice changed in a draft is not in it; what changed between two submissions is, with the step.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from applications.models import Application

PAGE = 25
Cursor = tuple[datetime, str, int]

_STEPS = """
    SELECT created_at AS at, 'step' AS source, id AS key, actor, jsonb_build_object(
        'name', name, 'to', to_status, 'reason', reason,
        'number', count(*) FILTER (WHERE name = 'submit') OVER (ORDER BY id)
    ) AS detail FROM applications_applicationtransition WHERE application_id = %(application)s"""

# The facts of an application that matter to a decision, before and after each change since it was sent.
_FACTS = """jsonb_build_object(
    'mcp_score', e.mcp_score, 'priority_points', e.priority_points,
    'adjusted_score', e.adjusted_score, 'score_basis', e.score_basis, 'recommended', e.recommended,
    'recommendation_reason', e.recommendation_reason, 'recommendation_note', e.recommendation_note,
    'population', e.population, 'practice_types', e.practice_types, 'tribal', e.tribal,
    'members', e.members, 'hpi_quartile', e.hpi_quartile, 'county', e.county,
    'potential_payment', e.potential_payment, 'designated_mcp', o.name)"""
_CHANGES = f"""
    SELECT at, 'change', key, actor, jsonb_build_object('before', before, 'after', after)
    FROM (
        SELECT e.pgh_created_at AS at, e.pgh_id::bigint AS key,
            COALESCE(c.metadata->>'label', '') AS actor, {_FACTS} AS after,
            lag({_FACTS}) OVER w AS before, lag(e.status) OVER w AS stood
        FROM applications_applicationevent e
        LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id
        LEFT JOIN accounts_organisation o ON o.id = e.designated_mcp_id
        WHERE e.pgh_obj_id = %(application)s
        WINDOW w AS (ORDER BY e.pgh_id)
    ) AS versions
    WHERE before IS NOT NULL AND stood <> 'draft' AND before IS DISTINCT FROM after"""  # noqa: S608

_FLAGS = """
    SELECT f.raised_at, 'flag', f.id * 2, u.full_name, jsonb_build_object('label', f.label, 'on', true)
    FROM selection_flag f JOIN accounts_user u ON u.id = f.raised_by_id
    WHERE f.application_id = %(application)s
    UNION ALL
    SELECT f.cleared_at, 'flag', f.id * 2 + 1, u.full_name,
        jsonb_build_object('label', f.label, 'on', false)
    FROM selection_flag f JOIN accounts_user u ON u.id = f.cleared_by_id
    WHERE f.application_id = %(application)s"""

_CLAIMS = """
    SELECT c.claimed_at, 'claim', c.id * 2, u.full_name, jsonb_build_object('act', 'claimed')
    FROM selection_claim c JOIN accounts_user u ON u.id = c.person_id
    WHERE c.application_id = %(application)s
    UNION ALL
    SELECT c.ended_at, 'claim', c.id * 2 + 1, u.full_name,
        jsonb_build_object('act', CASE WHEN c.is_done THEN 'done' ELSE 'ended' END)
    FROM selection_claim c JOIN accounts_user u ON u.id = c.person_id
    WHERE c.application_id = %(application)s AND c.ended_at IS NOT NULL"""

_PAGE = f"""
    SELECT * FROM ({" UNION ALL ".join(f"({part})" for part in (_STEPS, _CHANGES, _FLAGS, _CLAIMS))})
        AS everything
     WHERE %(at)s::timestamptz IS NULL
        OR (at, source, key) < (%(at)s::timestamptz, %(source)s::text, %(key)s::bigint)
     ORDER BY at DESC, source DESC, key DESC LIMIT %(limit)s"""  # noqa: S608 - our own texts


@dataclass(frozen=True, eq=False)
class Event:
    """One thing that happened: a `step`, a `change` of facts, a `flag` or a `claim`, and by whom."""

    at: datetime
    source: str
    key: int
    actor: str
    detail: Mapping[str, Any]


def events_of(
    application: Application, before: Cursor | None = None
) -> tuple[list[Event], Cursor | None]:
    """Return one page of what happened, newest first, and where the next begins (1 query)."""
    at, source, key = before or (None, None, None)
    parameters = {
        "application": application.pk,
        "at": at,
        "source": source,
        "key": key,
        "limit": PAGE + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAGE, parameters)
        rows = cursor.fetchall()
    found = [Event(at, what, pk, who, json.loads(text)) for at, what, pk, who, text in rows]
    page = found[:PAGE]
    last = page[-1] if len(found) > PAGE else None
    return page, (last.at, last.source, last.key) if last else None
