"""The floors: one hand-written SQL statement each, and its rows joined into a string."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

QUEUE = """
    SELECT a.id, a.reference, o.name, m.name, a.population, a.practice_types, a.members,
           a.hpi_quartile, a.mcp_score, a.priority_points, a.adjusted_score, a.status,
           (SELECT count(*) FROM applications_application c
             WHERE c.cycle_id = %(cycle)s AND c.submitted_at IS NOT NULL
               AND (%(population)s = '' OR c.population = %(population)s))
      FROM applications_application a
      JOIN accounts_organisation o ON o.id = a.practice_id
      JOIN accounts_organisation m ON m.id = a.designated_mcp_id
     WHERE a.cycle_id = %(cycle)s AND a.submitted_at IS NOT NULL
       AND (%(population)s = '' OR a.population = %(population)s)
     ORDER BY a.adjusted_score DESC NULLS LAST, a.id LIMIT 50
"""
QUEUE_MEMBERS = """
    SELECT a.id, a.reference, o.name, m.name, a.population, a.practice_types, a.members,
           a.hpi_quartile, a.mcp_score, a.priority_points, a.adjusted_score, a.status
      FROM applications_application a
      JOIN accounts_organisation o ON o.id = a.practice_id
      JOIN accounts_organisation m ON m.id = a.designated_mcp_id
     WHERE a.cycle_id = %(cycle)s AND a.submitted_at IS NOT NULL
     ORDER BY a.members DESC NULLS LAST, a.id LIMIT 50
"""
# Without the first statement the planner reads the words of every entry, as it takes that for cheap.
QUEUE_SEARCHED = """
    SET LOCAL enable_seqscan = off;
    WITH hits AS MATERIALIZED (
        SELECT e.application_id, ts_rank(e.words, to_tsquery('simple', %(words)s)) AS rank
          FROM selection_searchentry e
         WHERE e.words @@ to_tsquery('simple', %(words)s)
    )
    SELECT a.id, a.reference, o.name, m.name, a.population, a.practice_types, a.members,
           a.hpi_quartile, a.mcp_score, a.priority_points, a.adjusted_score, a.status
      FROM hits
      JOIN applications_application a ON a.id = hits.application_id
      JOIN accounts_organisation o ON o.id = a.practice_id
      JOIN accounts_organisation m ON m.id = a.designated_mcp_id
     WHERE a.cycle_id = %(cycle)s
     ORDER BY hits.rank DESC, a.id LIMIT 50
"""
FACETS = """
    SELECT status, designated_mcp_id, county, population, tribal, hpi_quartile, count(*)
      FROM applications_application
     WHERE cycle_id = %(cycle)s AND submitted_at IS NOT NULL
     GROUP BY GROUPING SETS ((status), (designated_mcp_id), (county), (population), (tribal),
                             (hpi_quartile))
"""
APPLICATION = """
    SELECT a.reference, o.name, m.name, a.status, a.population, a.practice_types, a.members,
           a.mcp_score, a.priority_points, a.adjusted_score, a.recommendation_reason, s.content
      FROM applications_application a
      JOIN accounts_organisation o ON o.id = a.practice_id
      JOIN accounts_organisation m ON m.id = a.designated_mcp_id
      JOIN applications_submission s ON s.application_id = a.id
     WHERE a.id = %(pk)s ORDER BY s.number DESC LIMIT 1
"""
SHEET = """
    SELECT p.code, p.points, p.version, c.text, c.version, s.content
      FROM scoring_criterionscore p
      JOIN scoring_scoresheet h ON h.id = p.sheet_id
      JOIN scoring_assignment t ON t.id = h.assignment_id
      JOIN applications_submission s ON s.application_id = t.application_id
      LEFT JOIN scoring_criterioncomment c ON c.sheet_id = p.sheet_id AND c.code = p.code
     WHERE p.sheet_id = %(pk)s
"""
THRESHOLD = """
    SELECT * FROM (
        SELECT a.reference, o.name, a.adjusted_score, a.recommended, a.potential_payment,
               count(*) OVER () AS handed_over,
               count(*) FILTER (WHERE a.recommended AND a.adjusted_score >= 77) OVER (),
               sum(a.potential_payment)
                   FILTER (WHERE a.recommended AND a.adjusted_score >= 77) OVER ()
          FROM applications_application a
          JOIN accounts_organisation o ON o.id = a.practice_id
         WHERE a.cycle_id = %(cycle)s AND a.recommended IS NOT NULL AND a.withdrawn_at IS NULL
    ) judged
     WHERE adjusted_score BETWEEN 74 AND 80
     ORDER BY adjusted_score DESC, reference LIMIT 100
"""
PLAN_LIST = """
    SELECT a.id, a.reference, o.name, a.county, a.members, a.mcp_score, a.status,
           (SELECT string_agg(u.full_name, ', ')
              FROM scoring_assignment t
              JOIN accounts_membership h ON h.id = t.reviewer_id
              JOIN accounts_user u ON u.id = h.user_id
             WHERE t.application_id = a.id AND t.ended_at IS NULL)
      FROM applications_application a
      JOIN accounts_organisation o ON o.id = a.practice_id
     WHERE a.cycle_id = %(cycle)s AND a.designated_mcp_id = %(plan)s
       AND a.submitted_at IS NOT NULL
     ORDER BY a.id LIMIT 50
"""
PLAN_LOADS = """
    SELECT u.full_name, count(*), count(s.started_at), count(s.submitted_at)
      FROM scoring_assignment t
      JOIN scoring_scoresheet s ON s.assignment_id = t.id
      JOIN applications_application a ON a.id = t.application_id
      JOIN accounts_membership h ON h.id = t.reviewer_id
      JOIN accounts_user u ON u.id = h.user_id
     WHERE a.cycle_id = %(cycle)s AND a.designated_mcp_id = %(plan)s AND t.ended_at IS NULL
     GROUP BY u.id, u.full_name
"""
SUBMIT = """
    UPDATE scoring_scoresheet
       SET submitted_at = CASE WHEN submitted_at IS NULL THEN now() END,
           submitted_by = CASE WHEN submitted_at IS NULL THEN 'floor' END
     WHERE id = %(pk)s
"""
REOPEN = """
    UPDATE scoring_scoresheet SET submitted_at = NULL, submitted_by = NULL WHERE id = %(pk)s
"""
SAVE_POINTS = """
    UPDATE scoring_criterionscore
       SET points = CASE points WHEN 2 THEN 3 ELSE 2 END, updated_at = now()
     WHERE sheet_id = %(pk)s AND (%(code)s = '' OR code = %(code)s)
"""
SAVE_ANSWER = """
    UPDATE applications_answer
       SET value = CASE value WHEN '"one"' THEN '"two"'::jsonb ELSE '"one"' END, updated_at = now()
     WHERE application_id = %(pk)s AND key = %(key)s
"""


def reads(sql: str) -> Callable[[Mapping[str, Any]], str]:
    """Return a floor that joins the rows of `sql`, filled from the URL's parameters."""

    def answer(given: Mapping[str, Any]) -> str:
        with connection.cursor() as cursor:
            cursor.execute(sql, _parameters(given))
            while cursor.nextset():
                continue
            return "\n".join(" ".join(map(str, row)) for row in cursor.fetchall())

    return answer


def writes(sql: str) -> Callable[[Mapping[str, Any]], str]:
    """Return a floor that runs the UPDATE `sql` and says how many rows it changed."""

    def answer(given: Mapping[str, Any]) -> str:
        with connection.cursor() as cursor:
            cursor.execute(sql, _parameters(given))
            return str(cursor.rowcount)

    return answer


FLOORS = {
    "queue": reads(QUEUE),
    "queue_members": reads(QUEUE_MEMBERS),
    "queue_searched": reads(QUEUE_SEARCHED),
    "facets": reads(FACETS),
    "application": reads(APPLICATION),
    "sheet": reads(SHEET),
    "threshold": reads(THRESHOLD),
    "plan_list": reads(PLAN_LIST),
    "plan_loads": reads(PLAN_LOADS),
    "submit": writes(SUBMIT),
    "reopen": writes(REOPEN),
    "points": writes(SAVE_POINTS),
    "answer": writes(SAVE_ANSWER),
}


def _parameters(given: Mapping[str, Any]) -> dict[str, Any]:
    blank = {"population": "", "code": "", "key": ""}
    return {**blank, **{name: given[name] for name in given}}
