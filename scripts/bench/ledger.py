"""What the rush left in the database, read with plain SQL: nothing of the portal vouches for itself."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

ANSWERS = """
    SELECT application_id, key, value::text FROM applications_answer
     WHERE application_id = ANY(%s)
"""
SIGNED = """
    SELECT application_id, content FROM applications_submission WHERE application_id = ANY(%s)
"""
STEPS = """
    SELECT application_id FROM applications_applicationtransition
     WHERE name = 'submit' AND application_id = ANY(%s)
"""
RECEIPTS = """
    SELECT a.id FROM notifications_outboxemail e
      JOIN applications_application a ON position(a.reference IN e.subject || e.body) > 0
     WHERE e.kind = 'submitted' AND a.id = ANY(%s)
     GROUP BY a.id, e.to HAVING count(*) > 1
"""
Answers = dict[tuple[int, str], Any]


@dataclass(frozen=True)
class Findings:
    """How many answers differ from what was confirmed, what was stored twice, who was not submitted."""

    lost_answers: int
    duplicates: int
    not_submitted: int


def answers_in(conninfo: str, applications: list[int]) -> Answers:
    """Return every stored answer of the applications by (application id, question key)."""
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(ANSWERS, [applications]).fetchall()
    return {(application, key): json.loads(value or "null") for application, key, value in rows}


def judge(conninfo: str, applications: list[int], expected: Answers) -> Findings:
    """Compare every answer, stored and signed, with `expected`; count what is there more than once.

    A submission, its step in the history and each person's receipt may exist once.
    """
    with psycopg.connect(conninfo) as connection:
        signed = connection.execute(SIGNED, [applications]).fetchall()
        steps = connection.execute(STEPS, [applications]).fetchall()
        receipts = connection.execute(RECEIPTS, [applications]).fetchall()
    submissions = [application for application, _content in signed]
    lost = differing(expected, answers_in(conninfo, applications))
    for application, content in signed:
        mine = {pair: value for pair, value in expected.items() if pair[0] == application}
        lost |= differing(mine, _signed_answers(application, content))
    return Findings(
        lost_answers=len(lost),
        duplicates=_surplus(submissions) + _surplus([row[0] for row in steps]) + len(receipts),
        not_submitted=len(set(applications) - set(submissions)),
    )


def differing(expected: Mapping[Any, Any], found: Mapping[Any, Any]) -> set[Any]:
    """Return the keys whose value is another one, is missing, or should not be there."""
    return {key for key in {*expected, *found} if expected.get(key) != found.get(key)}


def _signed_answers(application: int, content: str) -> Answers:
    return {(application, key): value for key, value in json.loads(content)["answers"].items()}


def _surplus(rows: list[int]) -> int:
    return sum(number - 1 for number in Counter(rows).values())
