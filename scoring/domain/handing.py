"""Storing many new reviews at once: lock, store, start. It decides nothing."""

from collections.abc import Iterable

from accounts.models import Membership
from applications.domain.transitions import Step, apply_transitions
from applications.enums import Status
from applications.models import Application
from programs.models import Cycle
from scoring.models import Assignment, ScoreSheet

BATCH = 2000


def locked_applications(pks: Iterable[int], *, named: bool = True) -> dict[int, Application]:
    """Lock the applications in the order of their ids; return them with what an email says of them.

    Those that are not to be `named` come with their cycle only, one for all that are of it.
    """
    rows = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=set(pks))
        .order_by("pk")
    )
    if named:
        return {row.pk: row for row in rows.select_related("practice", "designated_mcp", "cycle")}
    found = {row.pk: row for row in rows}
    cycles = Cycle.objects.in_bulk({row.cycle_id for row in found.values()})
    for row in found.values():
        row.cycle = cycles[row.cycle_id]
    return found


def hand_out(
    pairs: Iterable[tuple[Application, Membership]], *, by: Membership
) -> tuple[list[Assignment], list[Assignment]]:
    """Store the reviews with their sheets and start them: return the new ones and the resumed ones.

    The applications are locked, the pairs were judged. Resumed are the standing reviews of resubmitted
    applications, which go on with the new ones.
    """
    label, rows = by.label, list(pairs)
    waiting = {one.pk: one for one, _hat in rows if one.status == Status.SUBMITTED}
    resumed = _standing(waiting)
    given = [Assignment(application=one, reviewer=hat, assigned_by=label) for one, hat in rows]
    Assignment.objects.bulk_create(given, batch_size=BATCH)
    sheets = [ScoreSheet(assignment=assignment) for assignment in given]
    ScoreSheet.objects.bulk_create(sheets, batch_size=BATCH)
    steps: list[Step] = [(pk, "start_review", "", {}) for pk in sorted(waiting)]
    apply_transitions(steps, by=by, locked=waiting)
    return given, resumed


def _standing(waiting: dict[int, Application]) -> list[Assignment]:
    rows = Assignment.objects.filter(application__in=list(waiting), ended_at=None)
    found = list(rows.select_related("sheet", "reviewer__user").order_by("pk"))
    for assignment in found:
        assignment.application = waiting[assignment.application_id]
    return found
