"""Celery tasks of the outbox. They hold no rules and may run any number of times."""

from celery import shared_task

from notifications import delivery


@shared_task(name="notifications.deliver_outbox")
def deliver_outbox() -> int:
    """Send what is due, batch after batch; return how many emails were taken."""
    taken = total = delivery.deliver_due()
    while taken:
        taken = delivery.deliver_due()
        total += taken
    return total


@shared_task(name="notifications.sweep_outbox")
def sweep_outbox() -> int:
    """Give back what a dead worker left, then send what is due. This is what guarantees delivery."""
    delivery.requeue_stale()
    return deliver_outbox()
