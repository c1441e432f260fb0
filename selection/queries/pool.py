"""The applications of a cycle to choose from, kept by each process while nothing of them changes."""

import time
from collections import OrderedDict
from threading import Lock

from django.db import connection

from accounts.enums import OrganisationKind
from programs.models import Cycle
from selection.engine import Pool
from selection.queries import candidates

TAIL = 100  # the last changes that are looked at: more than transactions run at once
KEPT = 4  # pools in a process

SECONDS = 600  # a practice's name, which decides nothing, is at most that old

STAMP = """
    SELECT 'applications', array_agg(pgh_id)::text FROM
        (SELECT pgh_id FROM applications_applicationevent ORDER BY pgh_id DESC LIMIT %s) a
    UNION ALL SELECT 'practices', array_agg(pgh_id)::text FROM
        (SELECT pgh_id FROM applications_practiceevent ORDER BY pgh_id DESC LIMIT %s) p
    UNION ALL SELECT 'plans', md5(string_agg(name, '|' ORDER BY id))
        FROM accounts_organisation WHERE kind = %s
"""

Stamp = tuple[tuple[str, str | None], ...]
_kept: OrderedDict[int, tuple[Stamp, float, Pool]] = OrderedDict()
_lock = Lock()


def pool_of(cycle: Cycle) -> Pool:
    """Return every handed-over application of `cycle`, read anew only when one has changed (1 query then 2).

    Inside a transaction that has written, it is what that transaction sees.
    """
    stamp = stamp_now()
    with _lock:
        kept = _kept.get(cycle.pk)
    if kept and kept[0] == stamp and time.monotonic() - kept[1] < SECONDS:
        return kept[2]
    pool = Pool.of(candidates(cycle))
    with _lock:
        _kept[cycle.pk] = stamp, time.monotonic(), pool
        _kept.move_to_end(cycle.pk)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return pool


def stamp_now() -> Stamp:
    """Return what tells that nothing changed: the last rows of the histories, and the plans' names.

    Triggers write a row for every change of an application or a practice. Several are looked at, as a
    transaction can end after one that began later and has higher numbers.
    """
    with connection.cursor() as cursor:
        cursor.execute(STAMP, [TAIL, TAIL, OrganisationKind.MCP])
        return tuple(cursor.fetchall())
