"""Emails that were sent about one application. Their texts are read by who got them, not here."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from applications.models import Application

PAGE = 25

# An email names its event in `dedupe_key`: the keys of every event of the application find it. With each
# kind in turn that is a look-up in the index over kind, key and address.
_KEYS = """
    SELECT 'submission:' || id FROM applications_submission WHERE application_id = %(application)s
    UNION SELECT 'transition:' || id FROM applications_applicationtransition
     WHERE application_id = %(application)s
    UNION SELECT 'message:' || id FROM applications_message WHERE application_id = %(application)s
    UNION SELECT prefix || id FROM scoring_assignment,
        unnest('{assignment:,declined:,conflict:,taken:}'::text[]) AS prefix
     WHERE application_id = %(application)s
    UNION SELECT 'assignment:' || a.id || ':'
        || to_char(s.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00:00'
      FROM scoring_assignment a JOIN applications_submission s USING (application_id)
     WHERE application_id = %(application)s
    UNION SELECT 'sheet:' || t.id || ':' || to_char(moment AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')
      FROM scoring_assignment a JOIN scoring_scoresheet t ON t.assignment_id = a.id
      LEFT JOIN scoring_sheetversion v ON v.sheet_id = t.id,
        unnest(ARRAY[t.submitted_at, v.submitted_at]) AS moment
     WHERE a.application_id = %(application)s AND moment IS NOT NULL
    UNION SELECT 'reopened:' || v.id FROM scoring_assignment a
      JOIN scoring_scoresheet t ON t.assignment_id = a.id
      JOIN scoring_sheetversion v ON v.sheet_id = t.id
     WHERE a.application_id = %(application)s
    UNION SELECT 'own_conflict:' || application_id || ':' || person_id || ':'
        || to_char(stated_at AT TIME ZONE 'UTC', 'YYYYMMDDHH24MISSUS')
      FROM applications_conflictcheckevent WHERE application_id = %(application)s
    UNION SELECT 'decision:' || d.id FROM selection_decision d
      JOIN selection_proposal p ON p.id = d.proposal_id
     WHERE d.application_id = %(application)s AND p.released_at IS NOT NULL
    UNION SELECT 'offer:' || id FROM selection_offer WHERE application_id = %(application)s
    UNION SELECT 'reconsideration:' || id || ending FROM selection_reconsideration,
        unnest('{"",:decided,:received}'::text[]) AS ending
     WHERE application_id = %(application)s
    UNION SELECT 'note:' || id FROM selection_staffnote WHERE application_id = %(application)s
    UNION SELECT 'late_access:' || id FROM applications_lateaccess
     WHERE practice_id = %(practice)s AND cycle_id = %(cycle)s
"""
_FOUND = f"""
    WITH RECURSIVE kinds(kind) AS (
        (SELECT kind FROM notifications_outboxemail ORDER BY kind LIMIT 1)
        UNION ALL
        SELECT (SELECT kind FROM notifications_outboxemail
                 WHERE kind > kinds.kind ORDER BY kind LIMIT 1)
          FROM kinds WHERE kinds.kind IS NOT NULL
    ), keys(key) AS MATERIALIZED ({_KEYS})
    SELECT e.id, e.kind, e."to", e.status, e.created_at, e.sent_at
      FROM kinds CROSS JOIN keys
      JOIN notifications_outboxemail e ON e.kind = kinds.kind AND e.dedupe_key = keys.key
     WHERE %(before)s::bigint IS NULL OR e.id < %(before)s
     ORDER BY e.id DESC LIMIT %(limit)s
"""  # noqa: S608 - our own texts


@dataclass(frozen=True)
class SentEmail:
    """One email: its kind, to whom, how far it is (`EmailStatus`), and when (UTC)."""

    pk: int
    kind: str
    to: str
    status: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class EmailPage:
    """Emails, the newest first. `earlier` is the id to go on from, or None."""

    rows: list[SentEmail]
    earlier: int | None


def emails_about(application: Application, before: int | None = None) -> EmailPage:
    """Return one page of the emails about what happened to the application (1 query).

    One that tells a reviewer of several new reviews at once is about no single application.
    """
    parameters = {
        "application": application.pk,
        "practice": application.practice_id,
        "cycle": application.cycle_id,
        "before": before,
        "limit": PAGE + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(_FOUND, parameters)
        found = [SentEmail(*row) for row in cursor.fetchall()]
    more = len(found) > PAGE
    return EmailPage(found[:PAGE], found[PAGE - 1].pk if more else None)
