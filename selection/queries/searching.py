"""Full-text search: from typed words to a query that PostgreSQL answers from its index.

PostgreSQL takes reading the words of every entry for cheap, though they are stored apart and packed. So
the index is asked first, and the list is told the ids that it found.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import (
    BooleanField,
    F,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
)

from applications.models import Application
from programs.models import Cycle
from selection.models import SearchEntry

MOST_RANKED = 1000  # more matches than that have no best one: they come in the usual order
MOST_NAMED = 5000  # of more than that, reading the list in its order soon finds a page
MOST_READ = 20_000  # matches of any cycle that are looked through for those of one

# For one statement only, also within a transaction: once it is planned, it puts the planner back itself.
_BEFORE, _PUT_BACK = "SET LOCAL enable_seqscan = off; ", "set_config('enable_seqscan', 'on', true)"
# The words are folded as those of the entries are (selection.domain.searching).
_ASKED = """
SELECT string_agg(quote_literal(word) || ':*', ' & ')
  FROM unnest(tsvector_to_array(to_tsvector('simple',
       regexp_replace(unaccent(%(text)s), '[^[:alnum:]]+', ' ', 'g')))) AS word
"""
_FOUND = f"""
WITH asked AS MATERIALIZED ({_ASKED}),
hits AS MATERIALIZED (
    SELECT application_id FROM selection_searchentry
     WHERE words @@ (SELECT string_agg FROM asked)::tsquery LIMIT %(read)s + 1
), here AS MATERIALIZED (
    SELECT a.id FROM hits JOIN applications_application a ON a.id = hits.application_id
     WHERE a.cycle_id = %(cycle)s LIMIT %(named)s + 1
), ranked AS MATERIALIZED (
    SELECT here.id, ts_rank(entry.words, (SELECT string_agg FROM asked)::tsquery)::float8 AS rank
      FROM here JOIN selection_searchentry entry ON entry.application_id = here.id
     WHERE (SELECT count(*) FROM here) <= %(ranked)s
)
SELECT (SELECT string_agg FROM asked), (SELECT count(*) FROM hits),
       (SELECT array_agg(id) FROM here),
       (SELECT array_agg(id) FROM ranked), (SELECT array_agg(rank) FROM ranked), {_PUT_BACK}
"""  # noqa: S608 - nothing is put in but constants
_IDS = f"""
SELECT coalesce(array_agg(application_id), '{{}}'), {_PUT_BACK} FROM selection_searchentry
 WHERE words @@ ({_ASKED})::tsquery
"""  # noqa: S608 - nothing is put in but constants


@dataclass(frozen=True)
class Search:
    """What words find in a cycle.

    `ids`: every application that holds them, or None when so many do that they are not named.
    `ranks`: how well each of `ids` matches, in their order; empty when `is_broad`: too many to rank.
    `words`: the query in PostgreSQL's words; "" matches nothing.
    """

    words: str
    ids: Sequence[int] | None = ()
    ranks: Sequence[float] = ()
    is_broad: bool = False


class _OneOf(Func):
    """Whether an id is one of many, which are sent as one value."""

    template = "(%(expressions)s::bigint[]))"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


class _Holds(Func):
    """Whether the words of an entry answer a query in PostgreSQL's words."""

    template = "(%(expressions)s::tsquery)"
    arg_joiner = " @@ "
    output_field = BooleanField()


class _ElementAt(Func):
    """The element of an array of numbers at a place, which counts from 1."""

    template = "((%(expressions)s])"
    arg_joiner = "::float8[])["
    output_field = FloatField()


def search_for(text: str, cycle: Cycle | None) -> Search:
    """Return what every word of `text` finds in the cycle, each also as a beginning of one (1 query)."""
    limits = {"read": MOST_READ, "named": MOST_NAMED, "ranked": MOST_RANKED}
    words, hits, here, ids, ranks, _put_back = _by_index(
        _FOUND, {"text": text, "cycle": cycle and cycle.pk, **limits}
    )
    if hits > MOST_READ or len(here or ()) > MOST_NAMED:
        return Search(words, None, is_broad=True)
    if here and not ids:
        return Search(words, here, is_broad=True)
    return Search(words or "", ids or (), ranks or ())


def matching(applications: QuerySet[Application], search: Search) -> QuerySet[Application]:
    """Return the applications that hold every word."""
    if search.ids is None:
        entry = SearchEntry.objects.filter(application=OuterRef("pk")).values("words")
        return applications.filter(_Holds(Subquery(entry), Value(search.words)))
    if not search.ids:
        return applications.none()
    return applications.filter(_OneOf(F("pk"), Value(list(search.ids))))


def with_relevance(applications: QuerySet[Application], search: Search) -> QuerySet[Application]:
    """Annotate `relevance`: how well each matches; a name counts most, then places, then answers."""
    ids, ranks = Value(list(search.ids or ())), Value(list(search.ranks))
    place = Func(ids, F("pk"), function="array_position", output_field=IntegerField())
    return applications.annotate(relevance=_ElementAt(ranks, place))


def ids_of_all(text: str) -> list[int]:
    """Return the id of every application that holds every word, whatever the cycle (1 query)."""
    return _by_index(_IDS, {"text": text})[0]


def _by_index(sql: str, given: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the one row of a statement for which the planner may read no table from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(_BEFORE + sql, given)
        while cursor.nextset():
            pass
        return cursor.fetchone()
