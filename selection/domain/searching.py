"""Keeping what full-text search finds in step with the applications, inside the transaction of the act."""

from collections.abc import Iterable, Iterator

from django.db import connection, transaction

from applications.models import Application
from selection.models import SearchEntry

BATCH = 1000
LONGEST = (
    100_000  # characters of one application that are searched; far below what a tsvector holds
)

# A: names and the reference. B: places and the plan. C and D: what the practice wrote, long and short.
# Everything is as it was signed last, but for the names of organisations, which are those of today.
_REFRESH = r"""
INSERT INTO selection_searchentry (application_id, words)
SELECT a.id,
       setweight(to_tsvector('simple', folded.names), 'A')
       || setweight(to_tsvector('simple', folded.places), 'B')
       || setweight(to_tsvector('simple', folded.long_texts), 'C')
       || setweight(to_tsvector('simple', folded.short_texts), 'D')
  FROM applications_application a
  JOIN accounts_organisation practice ON practice.id = a.practice_id
  LEFT JOIN accounts_organisation plan ON plan.id = a.designated_mcp_id
  LEFT JOIN LATERAL (
       SELECT s.content::jsonb AS content
         FROM applications_submission s
        WHERE s.application_id = a.id ORDER BY s.number DESC LIMIT 1
  ) signed ON true
  CROSS JOIN LATERAL (
       SELECT string_agg(concat_ws(' ', site ->> 'city', site ->> 'county', site ->> 'name'), ' ') AS text
         FROM jsonb_array_elements(signed.content -> 'sites') site
  ) sites
  CROSS JOIN LATERAL (
       SELECT string_agg(answer #>> '{}', ' ') FILTER (WHERE length(answer #>> '{}') > 60) AS long,
              string_agg(answer #>> '{}', ' ') FILTER (WHERE length(answer #>> '{}') <= 60) AS short
         FROM jsonb_path_query(signed.content, '$.answers.*') answer
        WHERE jsonb_typeof(answer) = 'string'
  ) answers
  CROSS JOIN LATERAL (
       SELECT regexp_replace(unaccent(concat_ws(' ', a.reference, practice.name,
                  signed.content #>> '{practice,dba}')), '[^[:alnum:]]+', ' ', 'g') AS names,
              regexp_replace(unaccent(left(concat_ws(' ', a.county, plan.name, sites.text), %(most)s)),
                  '[^[:alnum:]]+', ' ', 'g') AS places,
              regexp_replace(unaccent(left(coalesce(answers.long, ''), %(most)s)),
                  '[^[:alnum:]]+', ' ', 'g') AS long_texts,
              regexp_replace(unaccent(left(coalesce(answers.short, ''), %(most)s)),
                  '[^[:alnum:]]+', ' ', 'g') AS short_texts
  ) folded
 WHERE a.id = ANY(%(ids)s) AND a.submitted_at IS NOT NULL
ON CONFLICT (application_id) DO UPDATE SET words = EXCLUDED.words
"""


def refresh(applications: Iterable[int]) -> int:
    """Write anew what these applications (ids) are found by; drafts are found by nothing (1 query)."""
    with connection.cursor() as cursor:
        cursor.execute(_REFRESH, {"ids": list(applications), "most": LONGEST})
        return cursor.rowcount


def refresh_named_by(organisation: int) -> int:
    """Write anew every application that names the organisation (id) as its practice or its plan."""
    return sum(
        refresh(Application.objects.filter(**{name: organisation}).values_list("pk", flat=True))
        for name in ("practice", "designated_mcp")
    )


def rebuild(*, only_missing: bool = False) -> Iterator[int]:
    """Write every entry anew, batch after batch, each in a transaction; yield how many are done."""
    rows = Application.objects.filter(submitted_at__isnull=False)
    if only_missing:
        rows = rows.exclude(pk__in=SearchEntry.objects.values("pk"))
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            refresh(ids[start : start + BATCH])
        yield min(start + BATCH, len(ids))
