"""Making a whole demo cohort: plan, rows in batches, decisions. One transaction."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pghistory
from django.db import connection, transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import Membership
from applications.domain.numbering import take_references
from applications.enums import Status
from applications.models import Application
from core.exceptions import DomainError
from programs.models import Cycle
from scoring.domain import differences
from selection.domain import approving, proposing, releasing, searching
from selection.engine import Rules
from selection.models import Proposal
from selection.seeding import storing
from selection.seeding.applications import Filed, advance, draft
from selection.seeding.copying import copy_in, reserve
from selection.seeding.cycle import ensure_cycle, load_reference
from selection.seeding.demo_practice import half_finished, the_practice
from selection.seeding.flavours import Flavour, Window
from selection.seeding.members import give_members
from selection.seeding.numbering import first_practice_number
from selection.seeding.outcomes import POPULATIONS, Target, plan_targets
from selection.seeding.people import Staff, demo_people, plan_staff
from selection.seeding.places import Atlas
from selection.seeding.practices import make
from selection.seeding.sheets import Scored, score
from selection.seeding.texts import seeded

BATCH = 100
HISTORY_LABEL = "Synthetic demo cohort"
RATIONALE = (
    "The published rules: priority points for three groups, and one threshold for everybody."
)
Progress = Callable[[int, int], None]


@dataclass
class Summary:
    """What was made: rows by name, applications by status, and the run when decided."""

    cycle: Cycle
    rows: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    run: Proposal | None = None


@dataclass
class _Work:
    """What every batch needs."""

    seed: int
    flavour: Flavour
    cycle: Cycle
    window: Window
    atlas: Atlas
    staff: dict[int, Staff]
    first_number: int
    taken: set[str] = field(default_factory=set)


@transaction.atomic
def seed_cohort(
    slug: str, *, applications: int, seed: int, flavour: Flavour, progress: Progress
) -> Summary:
    """Make the cohort in the cycle `slug` (made when there is none) and return what is there.

    The demo practice's draft comes on top of `applications`. Raises DomainError when the cycle has
    applications already or its program does not have the populations of cohort 1.
    """
    # The history triggers catch an exception a row when these settings are missing, at four times
    # the cost; an empty list ignores no trigger.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{}', true)")
    with pghistory.context(label=HISTORY_LABEL):
        return _seed(slug, applications, seed, flavour, progress)


def _seed(slug: str, applications: int, seed: int, flavour: Flavour, progress: Progress) -> Summary:
    load_reference()
    cycle = ensure_cycle(slug, flavour)
    _require_empty(cycle)
    rng = seeded(seed)
    definition = cycle.definition
    targets = plan_targets(applications, definition.selection, rng)
    give_members(targets, definition.payment.bands, rng)
    statuses = flavour.statuses(targets, rng)
    atlas, window = Atlas.load(), Window.of(cycle, flavour)
    demo = demo_people(the_practice(), atlas.home_plan, at=cycle.opens_at)
    plans = {plan.pk: plan for there in atlas.plans.values() for plan in there}
    staff = plan_staff(plans.values(), demo, at=cycle.opens_at, rng=rng)
    summary = Summary(cycle)
    work = _Work(seed, flavour, cycle, window, atlas, staff, first_practice_number())
    references = take_references(cycle, applications + 1)
    _store_demo_draft(work, demo[0], references.pop(), summary)
    rows = list(zip(targets, statuses, references, strict=True))
    for start in range(0, applications, BATCH):
        _store_batch(work, start, rows[start : start + BATCH], summary)
        progress(min(start + BATCH, applications), applications)
    if flavour.through == "decided":
        summary.run = _decide(cycle, demo)
    summary.rows |= Counter({"People of the demo": len(demo), "Plans": len(plans)})
    summary.statuses = storing.statuses_of(cycle)
    return summary


def _require_empty(cycle: Cycle) -> None:
    if Application.objects.filter(cycle=cycle).exists():
        message = _("The cycle %(slug)s already has applications; nothing was added.")
        raise DomainError(message % {"slug": cycle.slug})
    known = {choice.value for choice in cycle.definition.populations}
    if not known.issuperset(POPULATIONS):
        message = _("The program of %(slug)s does not have the populations of cohort 1.")
        raise DomainError(message % {"slug": cycle.slug})


def _store_demo_draft(work: _Work, owner: Membership, reference: str, summary: Summary) -> None:
    pk = next(reserve(Application, 1))
    filed, is_new = half_finished(pk, reference, work.cycle, owner, work.atlas, work.window)
    if is_new:
        copy_in([filed.made.practice])
        copy_in(filed.made.sites)
        copy_in(filed.made.counts)
    summary.rows.update(storing.store_filed([filed]))


def _store_batch(
    work: _Work, start: int, rows: list[tuple[Target, str, str]], summary: Summary
) -> None:
    """Make and store practices and applications from number `start` (0, 1, …) on."""
    pks = reserve(Application, len(rows))
    batch = [
        _draft(work, start + index, target, status, reference, next(pks))
        for index, (target, status, reference) in enumerate(rows)
    ]
    summary.rows.update(storing.store_practices([filed.made for filed in batch]))
    prefetch_related_objects(
        [filed.made.practice for filed in batch], "sites", "member_counts__plan"
    )
    scored: list[Scored] = []
    for filed, (_target, status, _reference) in zip(batch, rows, strict=True):
        filed.staff = work.staff[filed.made.counts[0].plan_id or 0]
        advance(filed, status, work.window, work.atlas.quartiles)
        scored += score(filed, work.window)
    summary.rows.update(storing.store_filed(batch))
    searching.refresh(filed.application.pk for filed in batch)
    summary.rows.update(storing.store_scored(scored))
    for application in {sheet.assignment.application for sheet in scored}:
        if application.status == Status.IN_REVIEW:
            differences.look(application)


def _draft(work: _Work, index: int, target: Target, status: str, reference: str, pk: int) -> Filed:
    rng = seeded(work.seed, index)
    at = work.window.started(rng)
    made = make(
        work.first_number + index,
        target,
        atlas=work.atlas,
        home_share=work.flavour.home_share,
        taken=work.taken,
        at=at,
        rng=rng,
    )
    complete = status != Status.DRAFT
    return draft(pk, reference, work.cycle, made, at=at, complete=complete)


def _decide(cycle: Cycle, demo: list[Membership]) -> Proposal:
    """Propose as the demo's first analyst, approve and release as its approver; emails go to the outbox.

    The second analyst takes no part: somebody is left to answer a request for a reconsideration. What is
    large is released here too, without a worker.
    """
    by = {hat.role: hat for hat in reversed(demo)}
    approver = by[Role.DHCS_APPROVER]
    rules = Rules.from_definition(cycle.definition.selection, cycle.budget)
    run = proposing.propose(cycle=cycle, rules=rules, rationale=RATIONALE, by=by[Role.DHCS_ANALYST])
    approving.approve(run, by=approver)
    releasing.release(run, by=approver)
    releasing.carry_on(run.pk)
    run.refresh_from_db()
    return run
