"""Full-text search finds the applications that were submitted before it was there."""

from django.db import migrations

FILL = r"""
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
              regexp_replace(unaccent(left(concat_ws(' ', a.county, plan.name, sites.text), 100000)),
                  '[^[:alnum:]]+', ' ', 'g') AS places,
              regexp_replace(unaccent(left(coalesce(answers.long, ''), 100000)),
                  '[^[:alnum:]]+', ' ', 'g') AS long_texts,
              regexp_replace(unaccent(left(coalesce(answers.short, ''), 100000)),
                  '[^[:alnum:]]+', ' ', 'g') AS short_texts
  ) folded
 WHERE a.submitted_at IS NOT NULL
ON CONFLICT (application_id) DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_invitations_and_language"),
        ("applications", "0008_after_a_decision"),
        ("selection", "0004_release_by_a_worker"),
    ]

    operations = [migrations.RunSQL(FILL.strip(), migrations.RunSQL.noop)]
