"""Searches that a worker makes: the best cohort for comparison, and points that take long to find.

A search decides nothing. What it needs is stored with it, so that any worker can take it up: one whose worker
died is begun once more, and given up after that.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Membership, User
from core.exceptions import DomainError, WrongState
from programs.models import Cycle
from selection.engine import Result, Rules, judge_pool
from selection.engine.judging import points_of
from selection.engine.optimal import SECONDS, Impossible, Optimum, Progress, best_cohort
from selection.engine.rules import Share
from selection.engine.solving import Infeasible, Solution, Stopped, smallest_points
from selection.enums import SearchState
from selection.models import CohortSearch, Scenario
from selection.queries.pool import pool_of

SEARCH_TASK = "selection.search_cohort"
COHORT, POINTS = "cohort", "points"
HEARD_EVERY = 0.5  # seconds between two marks of progress
LOST_AFTER = timedelta(seconds=2 * SECONDS)  # without a mark: its worker died
MOST_APPLICATIONS = 10_000  # for the best cohort; with more the solver was not tried
ATTEMPTS = 2
logger = logging.getLogger(__name__)
Found = tuple[str, dict[str, Any], float | None]


class _Cancelled(Exception):
    """Somebody asked to end the search, or another worker has taken it up."""


@transaction.atomic
def start(
    *,
    cycle: Cycle,
    rules: Rules,
    by: Membership,
    scenario: Scenario | None = None,
    kind: str = COHORT,
    fit: bool = False,
) -> CohortSearch:
    """Store a search and ask a worker to make it. One that is the same and under way is returned instead.

    `kind` is "cohort" or "points"; `fit` says for points that the threshold is the lowest within the budget.
    Raises WrongState while another search of the same person is under way, DomainError when the best of more
    than 10,000 applications is asked for.
    """
    if kind == COHORT and len(pool_of(cycle)) > MOST_APPLICATIONS:
        message = _("The best cohort can be searched among %(most)s applications at most.")
        raise DomainError(message % {"most": f"{MOST_APPLICATIONS:,}"})
    User.objects.select_for_update(no_key=True).get(pk=by.user_id)
    stored = rules.as_json()
    asked = {"kind": kind, "fit": fit}
    for live in CohortSearch.objects.filter(started_by=by.user, state__in=SearchState.live):
        if live.cycle_id == cycle.pk and live.rules == stored and asked == asked_of(live):
            return live
        raise WrongState(_("A search of yours is under way. Wait for it, or cancel it first."))
    search = CohortSearch.objects.create(
        cycle=cycle, scenario=scenario, rules=stored, started_by=by.user, progress=asked
    )
    transaction.on_commit(_bell(search.pk), robust=True)
    return search


@transaction.atomic
def cancel(search: CohortSearch) -> CohortSearch:
    """End a search: at once when it waits, else at the worker's next mark. One that ended stays as it is."""
    locked = CohortSearch.objects.select_for_update(of=("self",)).get(pk=search.pk)
    if locked.state == SearchState.WAITING:
        locked.state = SearchState.CANCELLED
        locked.finished_at = timezone.now()
    if locked.state in SearchState.live:
        locked.cancel_asked_at = locked.cancel_asked_at or timezone.now()
    locked.save(update_fields=["state", "finished_at", "cancel_asked_at"])
    return locked


def carry_out(search_id: int) -> CohortSearch | None:
    """Make a search that waits, or that a dead worker left; return it, or None when there is none to make.

    It may be called any number of times, at once too: one caller makes it.
    """
    search = _take_up(search_id)
    if search is None or search.state != SearchState.RUNNING:
        return search
    keeper = _Keeper(search)
    try:
        state, result, gap = _search(search, keeper)
    except _Cancelled:
        state, result, gap = SearchState.CANCELLED, {}, None
    except Exception:
        logger.exception("Search %s stopped", search_id)
        state, result, gap = SearchState.FAILED, {}, None
    _running(search).update(state=state, result=result, gap=gap, finished_at=timezone.now())
    search.refresh_from_db()
    return search


def waiting() -> list[int]:
    """Return the ids of searches that nobody makes: they wait, or their worker died; oldest first."""
    rows = CohortSearch.objects.filter(state__in=SearchState.live).order_by("pk")
    return [row.pk for row in rows if _is_free(row)]


def asked_of(search: CohortSearch) -> dict[str, Any]:
    """Return what was asked: kind ("cohort" or "points") and, for points, whether the threshold is to fit."""
    return {"kind": search.progress.get("kind", COHORT), "fit": search.progress.get("fit", False)}


def _is_free(search: CohortSearch) -> bool:
    if search.state == SearchState.WAITING:
        return True
    heard = datetime.fromisoformat(search.progress["heard"])
    return heard < timezone.now() - LOST_AFTER


@transaction.atomic
def _take_up(search_id: int) -> CohortSearch | None:
    rows = CohortSearch.objects.select_for_update(of=("self",), skip_locked=True)
    search = rows.filter(pk=search_id, state__in=SearchState.live).first()
    if search is None or not _is_free(search):
        return None
    now, attempt = timezone.now(), search.progress.get("attempt", 0) + 1
    search.state, search.started_at = SearchState.RUNNING, search.started_at or now
    if search.cancel_asked_at:
        search.state, search.finished_at = SearchState.CANCELLED, now
    elif attempt > ATTEMPTS:
        search.state, search.finished_at = SearchState.FAILED, now
    search.progress = asked_of(search) | {"attempt": attempt, "heard": now.isoformat()}
    search.save(update_fields=["state", "started_at", "finished_at", "progress"])
    return search


def _running(search: CohortSearch):
    """Return the search as a set of rows: empty when it ended or another worker has taken it up."""
    return CohortSearch.objects.filter(
        pk=search.pk, state=SearchState.RUNNING, progress__attempt=search.progress["attempt"]
    )


class _Keeper:
    """Stores how far a search is, and hears whether to go on."""

    def __init__(self, search: CohortSearch) -> None:
        self.search, self.last, self.started = search, 0.0, time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def keep(self, numbers: Mapping[str, Any], gap: float | None = None) -> bool:
        """Store the numbers, twice a second at most; return False when the search is to end."""
        if time.monotonic() - self.last < HEARD_EVERY:
            return True
        self.last = time.monotonic()
        heard = {"heard": timezone.now().isoformat(), "seconds": round(self.seconds, 1)}
        progress = {**self.search.progress, **heard, **numbers}
        going = _running(self.search).filter(cancel_asked_at=None)
        return bool(going.update(progress=progress, gap=gap))


def _search(search: CohortSearch, keeper: _Keeper) -> Found:
    rules = Rules.from_json(search.rules)
    result = judge_pool(pool_of(search.cycle), rules)
    if asked_of(search)["kind"] == POINTS:
        return _points(result, keeper, fit=asked_of(search)["fit"])
    return _cohort(result, keeper)


def _cohort(by_rules: Result, keeper: _Keeper) -> Found:
    ended = False

    def tell(progress: Progress) -> bool:
        nonlocal ended
        go_on = keeper.keep({"score": progress.score}, progress.gap)
        ended = ended or not go_on
        return go_on

    found = best_cohort(by_rules.pool, by_rules.rules, tell=tell)
    if isinstance(found, Optimum):
        state = SearchState.CANCELLED if found.cancelled else SearchState.DONE
        return state, _optimum(found, by_rules), found.gap
    if ended:
        raise _Cancelled
    if found is None:
        return SearchState.DONE, {"nothing": True}, None
    return SearchState.IMPOSSIBLE, _impossible(found), None


def _optimum(found: Optimum, by_rules: Result) -> dict[str, Any]:
    pool, rules = by_rules.pool, by_rules.rules
    adjusted = pool.scores + points_of(pool, rules)
    names = [row.reference for row in pool.candidates]
    moved = found.chosen != by_rules.is_in
    return {
        "selected": int(found.chosen.sum()),
        "score": found.score,
        "cost": str(found.cost),
        "shares": _shares(by_rules, found.chosen),
        "rules_selected": int(by_rules.is_in.sum()),
        "rules_score": int(adjusted[by_rules.is_in].sum()),
        "rules_cost": str(by_rules.cost),
        "rules_shares": _shares(by_rules, by_rules.is_in),
        "enter": [names[i] for i in by_rules.order if moved[i] and found.chosen[i]],
        "leave": [names[i] for i in by_rules.order if moved[i] and not found.chosen[i]],
    }


def _shares(result: Result, chosen: Any) -> list[float]:
    """Return the share (0 to 1) of the chosen that has each target's value."""
    total = max(int(chosen.sum()), 1)
    masks = [result.pool.having(t.attribute, t.value) for t in result.rules.targets]
    return [int((mask & chosen).sum()) / total for mask in masks]


def _impossible(found: Impossible) -> dict[str, Any]:
    return {
        "needed": None if found.needed is None else str(found.needed),
        "nearest": [{**_named(target), "share": share} for target, share in found.nearest],
    }


def _points(result: Result, keeper: _Keeper, *, fit: bool) -> Found:
    ended = False

    def go_on(tried: int, below: int) -> bool:
        nonlocal ended
        ended = not keeper.keep({"tried": tried, "below": below})
        return not ended and keeper.seconds < SECONDS

    rules = result.rules
    found = smallest_points(result.pool, rules, rules.targets, fit=fit, go_on=go_on)
    if ended:
        raise _Cancelled
    state = SearchState.IMPOSSIBLE if isinstance(found, Infeasible) else SearchState.DONE
    return state, points_as_json(found), None


def points_as_json(found: Solution | Infeasible | Stopped) -> dict[str, Any]:
    """Return what a search for points found as plain values."""
    if isinstance(found, Stopped):
        return {"tried": found.tried, "below": found.below}
    if isinstance(found, Infeasible):
        return {
            "tried": found.tried,
            "needed": None if found.needed is None else str(found.needed),
            "nearest": [
                {
                    **_named(one.target),
                    "share": one.share,
                    "points": list(one.points),
                    "threshold": one.threshold,
                    "others_kept": one.others_kept,
                }
                for one in found.nearest
            ],
        }
    return {
        "tried": found.tried,
        "points": list(found.points),
        "threshold": found.threshold,
        "selected": found.selected,
        "cost": str(found.cost),
        "shares": list(found.shares),
    }


def _named(target: Share) -> dict[str, str]:
    return {"attribute": target.attribute, "value": target.value}


def _bell(pk: int) -> Callable[[], None]:
    """Return what asks a worker, by the task's name; the sweep finds the search when the broker is away."""

    def ring() -> None:
        current_app.send_task(SEARCH_TASK, args=[pk])

    return ring
