"""The automatic assignment as a worker does it, in a copy of a database: prepare and apply.

Every step commits, as in a worker. Run as
`python -m django shell -v 0 -c "from scripts.bench.assigning import main; main()"` with the bench
settings. It prints one JSON object.
"""

import json
import logging
import random
import sys
import time
from datetime import timedelta

from django.utils import timezone

from accounts.enums import OrganisationKind, Role
from accounts.models import Membership, Organisation, User
from applications.enums import ConflictOutcome, ConflictSource, Status
from applications.models import Application, ConflictCheck, Practice
from applications.queries import hard_conflicts
from programs.models import Cycle
from scoring.domain import applying, automatic
from scoring.domain.team import today
from scoring.enums import RunState
from scoring.models import Absence, Assignment, AssignmentRun, ReviewerProfile

APPLICATIONS, REVIEWERS, EACH = 10_000, 300, 3
CONFLICTS = 9_000
COUNTIES = ("Alameda", "Fresno", "Kern", "Los Angeles", "Orange", "San Diego", "Tulare", "Yolo")
AWAY = 12


def main() -> None:
    """Measure and print. The wake-up calls of a broker that is not there are no news."""
    logging.getLogger("django.db.backends.base").setLevel(logging.CRITICAL)
    json.dump(measured(), sys.stdout)


def measured() -> dict[str, object]:
    """Return seconds of preparing and applying, the spread, and what broke a hard rule."""
    rng = random.Random(1)  # noqa: S311
    plan, lead = _plan()
    hats = _reviewers(plan, rng)
    applications = _applications(plan, rng)
    _conflicts(applications, hats, rng)
    cycle = applications[0].cycle
    run = automatic.prepare(plan, cycle=cycle, reviewers_each=EACH, by=lead)
    started = time.perf_counter()
    automatic.carry_out(run.pk)
    prepared = time.perf_counter()
    run = AssignmentRun.objects.get(pk=run.pk)
    applying.apply(run, by=lead)
    applying.carry_on(run.pk)
    applied = time.perf_counter()
    run.refresh_from_db()
    if run.state != RunState.APPLIED:
        raise RuntimeError(f"the run is {run.state}: {run.message}")
    return _figures(run, hats) | {
        "prepare_seconds": round(prepared - started, 2),
        "apply_seconds": round(applied - prepared, 2),
    }


def _figures(run: AssignmentRun, hats: list[Membership]) -> dict[str, object]:
    away = {hat.pk for hat in hats[:AWAY]}
    loads = [after for hat, (_before, after) in run.loads.items() if int(hat) not in away]
    given = set(
        Assignment.objects.filter(application__in={pk for pk, _hat in run.pairs}).values_list(
            "application", "reviewer__user", "reviewer"
        )
    )
    closed = set(hard_conflicts().values_list("application", "person"))
    broken = [one for one in given if one[:2] in closed or one[2] in away]
    return {
        "name": "assignment-task",
        "n": APPLICATIONS,
        "each": EACH,
        "reviewers": REVIEWERS,
        "reviews": len(given),
        "spread": max(loads) - min(loads),
        "hard_violations": len(broken),
    }


def _plan() -> tuple[Organisation, Membership]:
    plan = Organisation.objects.create(
        kind=OrganisationKind.MCP, name="Bench Plan", slug="bench-plan"
    )
    user = User.objects.create(email="lead@bench.example", full_name="Bench Lead")
    return plan, Membership.objects.create(user=user, organisation=plan, role=Role.MCP_LEAD)


def _reviewers(plan: Organisation, rng: random.Random) -> list[Membership]:
    users = User.objects.bulk_create(
        User(email=f"r{n}@bench{n}.example", full_name=f"Reviewer {n}") for n in range(REVIEWERS)
    )
    hats = Membership.objects.bulk_create(
        Membership(user=user, organisation=plan, role=Role.MCP_REVIEWER) for user in users
    )
    limit = 2 * APPLICATIONS * EACH // REVIEWERS
    ReviewerProfile.objects.bulk_create(
        ReviewerProfile(hat=hat, max_open=limit, counties=rng.sample(COUNTIES, 2)) for hat in hats
    )
    Absence.objects.bulk_create(
        Absence(hat=hat, first_day=today(), last_day=today() + timedelta(days=9))
        for hat in hats[:AWAY]
    )
    return hats


def _applications(plan: Organisation, rng: random.Random) -> list[Application]:
    cycle = Cycle.objects.order_by("-scoring_due_at")[0]
    practices = Organisation.objects.bulk_create(
        Organisation(kind=OrganisationKind.PRACTICE, name=f"Bench {n}", slug=f"bench-{n}")
        for n in range(APPLICATIONS)
    )
    Practice.objects.bulk_create(Practice(organisation=one) for one in practices)
    return Application.objects.bulk_create(
        Application(
            cycle=cycle,
            practice=one,
            designated_mcp=plan,
            reference=f"BENCH-{number}",
            status=Status.SUBMITTED,
            submitted_at=timezone.now(),
            county=rng.choice(COUNTIES),
        )
        for number, one in enumerate(practices)
    )


def _conflicts(applications: list[Application], hats: list[Membership], rng: random.Random) -> None:
    pairs = {(rng.choice(applications), rng.choice(hats)) for _one in range(CONFLICTS)}
    ConflictCheck.objects.bulk_create(
        ConflictCheck(
            application=application,
            person=hat.user,
            rule="family",
            source=ConflictSource.SELF,
            hard=True,
            outcome=ConflictOutcome.FAILED,
            stated_by=hat.label,
            stated_at=timezone.now(),
        )
        for application, hat in pairs
    )
