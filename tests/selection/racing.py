"""Several people who act in the same moment."""

import threading

from django.db import connection

from core.exceptions import DomainError


def run_at_once(*calls):
    """Call each in a thread of its own, all started together; return what each gave or said."""
    start, outcomes = threading.Barrier(len(calls)), []

    def run(call):
        try:
            start.wait()
            outcomes.append(call())
        except DomainError as error:
            outcomes.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
