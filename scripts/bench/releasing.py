"""A release as a worker does it: proposed, approved, released and told, in a copy of a seeded database.

Run as `python -m django shell -v 0 -c "from scripts.bench.releasing import main; main('CYCLE')"` with the
bench settings. It prints one JSON object.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import Membership
from notifications.models import OutboxEmail
from programs.models import Cycle
from selection.domain import approving, proposing, releasing
from selection.engine import Rules
from selection.models import Decision, Proposal

WHY = "The published rules, to measure how long a release takes."


def main(slug: str) -> None:
    """Release every decision of the cycle and print how long each part took."""
    json.dump(measured(_closed(slug)), sys.stdout)


def measured(cycle: Cycle) -> dict[str, Any]:
    """Return seconds of each part, and how many decisions are in force and emails queued."""
    analyst, approver = (_hat(box) for box in ("analyst", "approver"))
    rules = Rules.from_definition(cycle.definition.selection, cycle.budget)
    emails = OutboxEmail.objects.count()
    proposing_seconds, found = _timed(
        lambda: proposing.propose(cycle=cycle, rules=rules, rationale=WHY, by=analyst)
    )
    approving_seconds, _found = _timed(lambda: approving.approve(found, by=approver))
    asking_seconds, _found = _timed(lambda: releasing.release(found, by=approver))
    worker_seconds, _worked = _timed(lambda: releasing.carry_on(found.pk))
    done = Proposal.objects.get(pk=found.pk)
    if done.announced_at is None or done.released_at is None:
        raise RuntimeError("the release did not come to its end")
    return {
        "name": "release",
        "n": done.total,
        "propose_seconds": proposing_seconds,
        "approve_seconds": approving_seconds,
        "ask_seconds": asking_seconds,
        "worker_seconds": worker_seconds,
        "in_force": Decision.objects.filter(proposal=done, in_force=True).count(),
        "emails": OutboxEmail.objects.count() - emails,
    }


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    found = act()
    return round(time.perf_counter() - started, 2), found


def _hat(box: str) -> Membership:
    hats = Membership.objects.select_related("user", "organisation")
    return hats.get(user__email=f"{box}@demo.example")


def _closed(slug: str) -> Cycle:
    """Let the cycle be over, whatever another measure made of its times."""
    cycle = Cycle.objects.get(slug=slug)
    cycle.closes_at = timezone.now() - timedelta(days=2)
    cycle.scoring_due_at = timezone.now() - timedelta(days=1)
    cycle.opens_at = min(cycle.opens_at, cycle.closes_at - timedelta(days=1))
    cycle.save()
    return cycle
