"""Full-text search: from typed words to a query that PostgreSQL answers from its index."""

from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db import connection, transaction
from django.db.models import F, FloatField, QuerySet
from django.db.models.functions import Cast

from applications.models import Application

MOST_RANKED = 1000  # more matches than that have no best one: they come in the usual order
WORDS = "search_entry__words"

# The words are folded as those of the entries are (selection.domain.searching).
_ASKED = """
WITH asked AS (
    SELECT string_agg(quote_literal(word) || ':*', ' & ') AS words
      FROM unnest(tsvector_to_array(to_tsvector('simple',
           regexp_replace(unaccent(%s), '[^[:alnum:]]+', ' ', 'g')))) AS word
)
"""
_READ = f"""{_ASKED}
SELECT words, (SELECT count(*) FROM (
           SELECT FROM selection_searchentry WHERE words @@ asked.words::tsquery LIMIT %s
       ) AS found)
  FROM asked
"""  # noqa: S608 - nothing is put in but constants
_IDS = f"""{_ASKED}
SELECT coalesce(array_agg(entry.application_id), '{{}}')
  FROM asked JOIN selection_searchentry entry ON entry.words @@ asked.words::tsquery
"""  # noqa: S608 - nothing is put in but constants


@dataclass(frozen=True)
class Search:
    """A query in PostgreSQL's words; "" matches nothing. `is_broad`: too many match to rank them."""

    words: str
    is_broad: bool = False


def search_for(text: str) -> Search:
    """Return the search for every word of `text`, each also as the beginning of one (1 query)."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, [text, MOST_RANKED + 1])
        words, found = cursor.fetchone()
    return Search(words or "", found > MOST_RANKED)


def matching(applications: QuerySet[Application], search: Search) -> QuerySet[Application]:
    """Return the applications that hold every word."""
    return applications.filter(**{WORDS: _query(search)}) if search.words else applications.none()


def with_relevance(applications: QuerySet[Application], search: Search) -> QuerySet[Application]:
    """Annotate `relevance`: how well each matches; a name counts most, then places, then answers."""
    rank = SearchRank(F(WORDS), _query(search))
    return applications.annotate(relevance=Cast(rank, FloatField()))


@transaction.atomic
def ids_of_all(text: str) -> list[int]:
    """Return the id of every application that holds every word, whatever the cycle (2 queries).

    However many they are, the index is asked: reading the words of each would take seconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(_IDS, [text])
        return cursor.fetchone()[0]


def _query(search: Search) -> SearchQuery:
    return SearchQuery(search.words, config="simple", search_type="raw")
