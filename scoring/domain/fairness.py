"""The figures on fairness: worked out when somebody asks, and kept until a sheet changes.

They are never stored beside scores, and no rule of the portal reads them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from accounts.models import Organisation
from programs.models import Cycle
from scoring import fairness
from scoring.fairness import Refused, Report
from scoring.queries import fairness as reads
from scoring.statistics import Severity

IN_A_REQUEST = 4000  # sheets; the figures of more are renewed by a worker
STALE_FOR = timedelta(minutes=30)  # then they are renewed in any case
KEPT_SECONDS = 24 * 3600
SHAPE = 1  # raised when `Report` changes, so that nothing kept before is read


@dataclass(frozen=True)
class Kept:
    """The figures as they were at `computed_at` (UTC); `mark` tells what they were made from.

    `is_current` is False when sheets changed since and the figures are to be renewed.
    """

    report: Report
    computed_at: datetime
    mark: tuple
    is_current: bool = True


def report_of(cycle: Cycle, plan: Organisation | None) -> Kept:
    """Return the figures of one plan, or of all plans (None), for what was submitted in `cycle`.

    They are new up to 4,000 sheets. Above, those that are kept are returned although sheets changed
    in the last minutes, and a worker renews them. At most 3 queries beside those of the cache.
    """
    mark, key = reads.mark_of(cycle, plan), _key(cycle, plan)
    kept: Kept | None = cache.get(key)
    if kept is None or not _may_wait(kept, mark):
        return _renew(cycle, plan, mark)
    return Kept(kept.report, kept.computed_at, kept.mark, is_current=kept.mark == mark)


def renew_large() -> int:
    """Renew the figures of all plans together where they are large and not current; count them."""
    renewed = 0
    for cycle in Cycle.objects.filter(opens_at__lte=timezone.now()):
        mark = reads.mark_of(cycle, None)
        kept = cache.get(_key(cycle, None))
        if mark[0] > IN_A_REQUEST and (kept is None or kept.mark != mark):
            _renew(cycle, None, mark)
            renewed += 1
    return renewed


def plan_severity(cycle: Cycle) -> list[Severity] | Refused:
    """Return how each plan of `cycle` scores against all plans, the strictest first (1 query)."""
    return fairness.plan_severity(reads.plan_scores(cycle))


def _may_wait(kept: Kept, mark: tuple) -> bool:
    if kept.mark == mark:
        return True
    return mark[0] > IN_A_REQUEST and timezone.now() - kept.computed_at < STALE_FOR


def _renew(cycle: Cycle, plan: Organisation | None, mark: tuple) -> Kept:
    maxima = {criterion.code: criterion.max_points for criterion in cycle.definition.criteria()}
    sheets = reads.sheets_as_numbers(cycle, plan)
    report = fairness.report(sheets, maxima, all_plans=plan is None)
    kept = Kept(report, timezone.now(), mark)
    cache.set(_key(cycle, plan), kept, KEPT_SECONDS)
    return kept


def _key(cycle: Cycle, plan: Organisation | None) -> str:
    return f"fairness:{SHAPE}:{cycle.pk}:{plan.pk if plan else 'all'}"
