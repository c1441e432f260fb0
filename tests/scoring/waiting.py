"""Two acts on two connections: one that has to wait for the other, or both at the same moment."""

import threading
import time
from collections.abc import Callable

from django.db import connection, transaction

from core.exceptions import DomainError

Act = Callable[[], object]
LONGEST = 5  # seconds


def after_the_other_waits(first: Act, second: Act) -> DomainError | None:
    """Do `first`, begin `second` before it is committed, and commit when `second` waits or is done.

    Return what refused `second`, or None.
    """
    refused: list[DomainError | None] = []
    thread = threading.Thread(target=lambda: refused.append(_refusal(second)))
    with transaction.atomic():
        first()
        thread.start()
        end = time.monotonic() + LONGEST
        while thread.is_alive() and not _somebody_waits() and time.monotonic() < end:
            time.sleep(0.02)
    thread.join()
    return refused[0]


def at_once(*acts: Act) -> list[str]:
    """Do all at once; return for each "done" or what refused it, in any order."""
    outcomes, start = [], threading.Barrier(len(acts))

    def run(act: Act) -> None:
        start.wait()
        outcomes.append(str(_refusal(act) or "done"))

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def _refusal(act: Act) -> DomainError | None:
    try:
        act()
    except DomainError as error:
        return error
    finally:
        connection.close()
    return None


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid)"
            " WHERE NOT granted AND datname = current_database()"
        )
        return cursor.fetchone()[0] > 0
