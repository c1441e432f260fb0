"""Makes a large queue out of a seeded one: as many applications as wanted, with what the queue reads.

The copies have a practice of their own, the frozen facts, the numbers and the search entry of the
application that they are copied from; they have no answers, sheets or emails. Run as a program with the
bench settings: `python -m scripts.bench.multiply CYCLE NUMBER`.
"""

import sys
from typing import Any

import django
from django.apps import apps
from django.db import connection, transaction

SOURCE = """
CREATE TEMPORARY TABLE source ON COMMIT DROP AS
SELECT a.*, row_number() OVER (ORDER BY a.id) - 1 AS place
  FROM applications_application a WHERE a.cycle_id = %(cycle)s AND a.submitted_at IS NOT NULL
"""
PRACTICES = """
INSERT INTO accounts_organisation (kind, name, slug, created_at)
SELECT 'practice', o.name || ' ' || n, 'copy-' || n, now()
  FROM generate_series(%(have)s + 1, %(want)s) n
  JOIN source s ON s.place = n %% %(have)s
  JOIN accounts_organisation o ON o.id = s.practice_id
"""
COPIED = (
    "status", "population", "practice_types", "tribal", "members", "hpi_quartile", "county",
    "potential_payment", "mcp_score", "priority_points", "adjusted_score", "recommended",
    "score_basis", "recommendation_reason", "recommendation_note", "return_note", "created_at",
    "submitted_at", "scored_at", "decided_at", "withdrawn_at", "designated_mcp_id", "cycle_id",
)  # fmt: skip
APPLICATIONS = """
INSERT INTO applications_application (practice_id, reference, tin_digest, {columns})
SELECT o.id, 'COPY-' || n, '', {from_source}
  FROM generate_series(%(have)s + 1, %(want)s) n
  JOIN source s ON s.place = n %% %(have)s
  JOIN accounts_organisation o ON o.slug = 'copy-' || n
"""
WORDS = """
INSERT INTO selection_searchentry (application_id, words)
SELECT a.id, setweight(to_tsvector('simple', 'copy ' || split_part(a.reference, '-', 2)), 'A') || e.words
  FROM applications_application a
  JOIN source s ON s.place = split_part(a.reference, '-', 2)::int %% %(have)s
  JOIN selection_searchentry e ON e.application_id = s.id
 WHERE a.cycle_id = %(cycle)s AND a.reference LIKE 'COPY-%%'
"""
TABLES = (
    "accounts_organisation",
    "applications_application",
    "applications_applicationevent",
    "selection_searchentry",
)


def main(slug: str, wanted: int) -> int:
    """Add copies until the cycle has `wanted` submitted applications; return how many were added."""
    cycle: Any = apps.get_model("programs", "Cycle").objects.get(slug=slug)
    rows = apps.get_model("applications", "Application").objects.filter(cycle=cycle)
    have = rows.filter(submitted_at__isnull=False).count()
    if have >= wanted:
        return 0
    facts = {"cycle": cycle.pk, "have": have, "want": wanted}
    applications = APPLICATIONS.format(
        columns=", ".join(COPIED), from_source=", ".join(f"s.{name}" for name in COPIED)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")
        cursor.execute("DROP INDEX selection_search")  # made anew at once: far quicker
        for statement in (SOURCE, PRACTICES, applications, WORDS):
            cursor.execute(statement, facts)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no index is made while checks wait
        cursor.execute("CREATE INDEX selection_search ON selection_searchentry USING gin (words)")
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
    return wanted - have


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
