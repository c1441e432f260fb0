"""Celery tasks of the plan's side. They hold no rules and may run any number of times."""

from celery import shared_task

from scoring.domain import applying, automatic, exports, fairness


@shared_task(name=automatic.PREPARE_TASK)
def prepare_run(run_id: int) -> bool:
    """Prepare one run of the automatic assignment that waits; tell whether there was work."""
    return automatic.carry_out(run_id) is not None


@shared_task(name=applying.APPLY_TASK)
def apply_run(run_id: int) -> bool:
    """Give the reviews of one run that is being applied; tell whether there was work."""
    return applying.carry_on(run_id)


@shared_task(name="scoring.sweep_runs")
def sweep_runs() -> int:
    """Go on with what waits, oldest first: guarantees it when the broker or a worker was away."""
    waiting = list(automatic.waiting_runs().order_by("pk").values_list("pk", flat=True))
    begun = list(applying.unfinished().order_by("pk").values_list("pk", flat=True))
    return sum(map(apply_run, begun)) + sum(map(prepare_run, waiting))


@shared_task(name="scoring.renew_fairness")
def renew_fairness() -> int:
    """Renew figures on fairness that rest on many sheets and are not current; count them."""
    return fairness.renew_large()


@shared_task(name=exports.EXPORT_TASK)
def write_export(job_id: int) -> bool:
    """Write one large export that waits; tell whether there was work."""
    return exports.carry_out(job_id) is not None


@shared_task(name="scoring.sweep_exports")
def sweep_exports() -> int:
    """Delete exports older than a day and write what still waits; count both."""
    removed = exports.remove_old()
    waiting = list(exports.waiting_jobs().order_by("pk").values_list("pk", flat=True))
    return removed + sum(map(write_export, waiting))
