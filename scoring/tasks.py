"""Celery tasks of the plan's side. They hold no rules and may run any number of times."""

from celery import shared_task

from scoring.domain import automatic


@shared_task(name=automatic.PREPARE_TASK)
def prepare_run(run_id: int) -> bool:
    """Prepare one run of the automatic assignment that waits; tell whether there was work."""
    return automatic.carry_out(run_id) is not None


@shared_task(name="scoring.sweep_runs")
def sweep_runs() -> int:
    """Prepare what still waits, oldest first: guarantees it when the broker or a worker was away."""
    waiting = list(automatic.waiting_runs().order_by("pk").values_list("pk", flat=True))
    return sum(prepare_run(pk) for pk in waiting)
