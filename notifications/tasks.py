"""Celery tasks of the outbox. They hold no rules and may run any number of times."""

import time

from celery import shared_task

from notifications import delivery

WORK_SECONDS = 200  # less than CELERY_TASK_TIME_LIMIT and OUTBOX_STALE_SECONDS


@shared_task(name="notifications.deliver_outbox")
def deliver_outbox() -> int:
    """Send what is due, batch after batch; return how many emails were taken.

    Ends after WORK_SECONDS, long before a worker would be stopped, and asks to be run again.
    """
    end = time.monotonic() + WORK_SECONDS
    taken = total = delivery.deliver_due(until=end)
    while taken and time.monotonic() < end:
        taken = delivery.deliver_due(until=end)
        total += taken
    if taken:
        deliver_outbox.delay()
    return total


@shared_task(name="notifications.sweep_outbox")
def sweep_outbox() -> int:
    """Give back what a dead worker left, then send what is due. This is what guarantees delivery."""
    delivery.requeue_stale()
    delivery.forget_old()
    return deliver_outbox()
